//! What is tried, and what is said when nothing can be.

use crate::{check, libraries, orderctl, plan};

fn text(args: &[&str]) -> (i32, String, String) {
    let output = orderctl(args);
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code().unwrap(), out, err)
}

#[test]
fn without_a_plan_only_what_needs_no_market_is_tried() {
    let library = libraries::sinner();
    let (code, out, err) = text(&["check", library.to_str().unwrap()]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.starts_with("There is no orderd-plugin.toml here"), "{out}");
    assert!(
        out.contains("ok    destroy") && out.contains("build-limits: the plan names no [[markets]]"),
        "{out}"
    );
}

#[test]
fn a_failure_is_told_to_people_with_what_to_do() {
    let library = libraries::sinner();
    let scratch = libraries::Scratch::new(&plan("hash-counted"));
    let file = scratch.file.to_str().unwrap();
    let (code, out, err) = text(&["check", library.to_str().unwrap(), "--config", file, "--only", "prepare"]);
    assert_eq!((code, err.as_str()), (1, "orderctl: a check has failed\n"));
    for title in
        ["FAIL  prepare: ", "      seen      hash 0x", "      expected  ", "      look at   prepare: "]
    {
        assert!(out.contains(title), "{out}");
    }
    assert!(out.ends_with("0 passed, 1 failed, 0 skipped\n"), "{out}");
}

#[test]
fn what_is_no_library_fails_the_check_of_its_manifest() {
    let scratch = libraries::Scratch::new("not a library");
    let (code, reports) = check(&scratch.file, "", &["--only", "manifest"]);
    let seen = reports[0]["seen"].as_str().unwrap();
    assert!(code == 1 && seen.starts_with("not a dynamic library"), "{seen}");
}

#[test]
fn nothing_is_tried_on_what_makes_no_sense() {
    let library = libraries::sinner();
    let library = library.to_str().unwrap();
    let broken = libraries::Scratch::new("[venues.pool]\nchain = \"moon\"");
    let file = broken.file.to_str().unwrap();
    for (args, words) in [
        (vec!["check", "/no/such/library.so"], "there is no library /no/such/library.so"),
        (
            vec!["check", library, "--only", "beauty"],
            "there is no check beauty; there are manifest, describe",
        ),
        (vec!["check", library, "--config", file], "venues.pool.chain: there is no chain \"moon\""),
        (vec!["check", library, "--config", "/no/such/plan.toml"], "cannot read /no/such/plan.toml"),
    ] {
        let (code, out, err) = text(&args);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(words), "{err}");
    }
}
