//! Which daemon is asked, and what it is shown.

use crate::stub::{NOWHERE, orderctl, page, run, serving, told};
use std::{fs, path::Path, process::Command};
use tempfile::TempDir;

/// A folder of configuration with this in it.
fn configured(config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("orderctl")).unwrap();
    fs::write(folder.path().join("orderctl/config.toml"), config).unwrap();
    folder
}

/// The binary with this configuration, and no address in the environment.
fn with(config: &TempDir, args: &[&str]) -> Command {
    let mut command = orderctl("", args);
    command.env_remove("ORDERD_URL").env("XDG_CONFIG_HOME", config.path());
    command
}

fn write_token(file: &Path, token: &str, mode: u32) {
    fs::write(file, token).unwrap();
    #[cfg(unix)]
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn a_profile_says_which_daemon_is_asked_and_what_it_is_shown() {
    for (args, variable) in [
        (&["orders"][..], None),
        (&["--profile", "far", "orders"], None),
        (&["orders"], Some("far")),
        (&["orders", "--profile", "far"], Some("moon")),
    ] {
        let (url, server) = serving(vec![page(0, None)]);
        let default = if args.len() == 1 && variable.is_none() { "far" } else { "near" };
        let config = configured(&format!(
            "default = \"{default}\"\n[profiles.near]\nurl = \"{NOWHERE}\"\n[profiles.far]\nurl = \"{url}\"\ntoken_file = \"t\""
        ));
        write_token(&config.path().join("orderctl/t"), "0123456789abcdef", 0o600);
        let mut command = with(&config, args);
        variable.map(|name| command.env("ORDERCTL_PROFILE", name));
        assert_eq!(
            told(command.output().unwrap()),
            (0, String::new(), String::new()),
            "{args:?} {variable:?}"
        );
        let asked = server.join().unwrap();
        assert_eq!(asked[0].header("authorization"), Some("Bearer 0123456789abcdef"));
    }
}

#[test]
fn a_profile_that_is_named_goes_before_the_environment_and_the_others_do_not() {
    let (url, server) = serving(vec![page(0, None), page(0, None)]);
    let config = configured(&format!(
        "default = \"a\"\n[profiles.a]\nurl = \"{NOWHERE}\"\n[profiles.b]\nurl = \"{url}\""
    ));
    let by_environment = with(&config, &["orders"]).env("ORDERD_URL", &url).output().unwrap();
    assert!(by_environment.status.success(), "{by_environment:?}");
    let by_name = with(&config, &["orders", "--profile", "b"]).env("ORDERD_URL", NOWHERE).output().unwrap();
    assert!(by_name.status.success(), "{by_name:?}");
    server.join().unwrap();
}

#[test]
fn everything_that_is_wrong_in_the_configuration_is_told_and_nothing_is_sent() {
    let config = configured("default = \"b\"\ncolour = 1\n[profiles.a]\nurl = \"https://x\"\nmouse = 3");
    let (code, out, err) = told(with(&config, &["orders"]).output().unwrap());
    assert_eq!((code, out.as_str()), (2, ""));
    for problem in [
        "colour: no such setting",
        "default: there is no such profile",
        "profiles.a.mouse: ",
        "profiles.a.url: ",
    ] {
        assert!(err.contains(problem), "{problem} in {err}");
    }
    let (code, _, err) = told(with(&configured(""), &["orders", "--profile", "moon"]).output().unwrap());
    assert_eq!((code, err.as_str()), (2, "orderctl: there is no profile moon; there are none\n"));
    // What needs no daemon needs no configuration.
    assert_eq!(with(&config, &["completions", "bash"]).output().unwrap().status.code(), Some(0));
}

#[test]
fn a_token_comes_from_a_file_or_the_environment_and_is_shown_to_the_daemon_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    write_token(&file, "from-file-0123456\n", 0o600);
    let file_option = ["--token-file", file.to_str().unwrap(), "orders"];
    for (args, variable, expected) in [
        (&["orders"][..], None, None),
        (&["orders"], Some("from-env-01234567"), Some("Bearer from-env-01234567")),
        (&file_option, Some("from-env-01234567"), Some("Bearer from-file-0123456")),
    ] {
        let (url, server) = serving(vec![page(0, None)]);
        let mut command = orderctl(&url, args);
        variable.map(|token| command.env("ORDERCTL_TOKEN", token));
        assert_eq!(told(command.output().unwrap()), (0, String::new(), String::new()), "{args:?}");
        assert_eq!(server.join().unwrap()[0].header("authorization"), expected, "{args:?}");
    }
    write_token(&file, "two words", 0o600);
    let (code, out, err) = run(NOWHERE, &file_option);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("holds no token") && !err.contains("words"), "{err}");
    fs::remove_file(&file).unwrap();
    assert_eq!(run(NOWHERE, &file_option).0, 2);
    let empty = orderctl(NOWHERE, &["orders"]).env("ORDERCTL_TOKEN", "").output().unwrap();
    assert_eq!(empty.status.code(), Some(2));
    assert_eq!(run(NOWHERE, &["--token", "0123456789abcdef", "orders"]).0, 2);
}

#[test]
#[cfg(unix)]
fn a_token_that_others_can_read_is_told_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    write_token(&file, "0123456789abcdef", 0o644);
    let (url, server) = serving(vec![page(0, None)]);
    let (code, out, err) = run(&url, &["orders", "--token-file", file.to_str().unwrap()]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(
        err.starts_with("orderctl: other users can use the token file") && err.contains("mode 644"),
        "{err}"
    );
    assert!(server.join().unwrap()[0].header("authorization").is_some());
}
