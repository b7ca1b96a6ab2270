//! The daemon as a process, with tokens in its configuration.

use orderd_sdk::{
    client::{Client, ClientError},
    wire::LogFilter,
};
use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
};

const CONFIG: &str = r#"
[storage]
backend = "memory"
[auth.tokens.bot]
token_env = "BOT_TOKEN"
scope = "trade"
[auth.tokens.ops]
token_file = "ops.token"
scope = "admin"
"#;
const BOT: &str = "bot-0123456789abcdef";
const OPS: &str = "ops-0123456789abcdef";

/// A daemon that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn orderd(dir: &Path, token_file_mode: u32) -> Command {
    let file = dir.join("ops.token");
    fs::write(dir.join("config.toml"), CONFIG).expect("the folder takes files");
    fs::write(&file, format!("{OPS}\n")).expect("the folder takes files");
    fs::set_permissions(&file, fs::Permissions::from_mode(token_file_mode)).expect("the folder takes files");
    let mut command = Command::new(env!("CARGO_BIN_EXE_orderd"));
    command.args(["run", "--listen", "127.0.0.1:0", "--config"]).arg(dir.join("config.toml"));
    command.env("BOT_TOKEN", BOT).env_remove("ORDERD_LOG").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn the_daemon_shows_its_log_to_those_who_may_see_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut process = Process(orderd(dir.path(), 0o600).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("orderd listening on ").unwrap_or_else(|| panic!("{line:?}"));
    let client = Client::new(url).unwrap();

    let logs = client.clone().with_token(OPS).unwrap().logs(100, &LogFilter::default()).await.unwrap();
    assert!(logs.lines.iter().any(|line| line.target.starts_with("orderd")), "{logs:?}");
    let shown = format!("{logs:?}");
    assert!(!shown.contains(BOT) && !shown.contains(OPS), "{shown}");

    assert!(client.health().await.is_ok());
    for (token, code) in [(Some(BOT), "forbidden"), (None, "unauthenticated")] {
        let client = token.map_or(client.clone(), |token| client.clone().with_token(token).unwrap());
        let refused = client.logs(1, &LogFilter::default()).await.unwrap_err();
        assert!(matches!(&refused, ClientError::Problem(problem) if problem.code == code), "{refused}");
    }
}

#[test]
fn the_daemon_does_not_start_with_a_token_that_others_can_read() {
    let dir = tempfile::tempdir().unwrap();
    let output = orderd(dir.path(), 0o644).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(64), "{told}");
    assert!(told.contains("auth.tokens.ops: the file") && told.contains("chmod 600"), "{told}");
    assert!(!told.contains(OPS), "{told}");
}
