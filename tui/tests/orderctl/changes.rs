//! What changes something: who may, who is asked, what is sent.

use crate::stub::{NOWHERE, orderctl, run, serving, told};
use std::fs;

const SWITCHED: &str = r#"{"success":true,"name":"alpha","enabled":false}"#;

/// Everything that changes something.
const CHANGES: [&[&str]; 6] = [
    &["venues", "enable", "alpha"],
    &["venues", "disable", "alpha"],
    &["venues", "reload", "alpha"],
    &["clients", "disconnect", "ws-7"],
    &["queue", "pause", "--reason", "node is down"],
    &["queue", "resume"],
];

#[test]
fn read_only_refuses_every_change_before_anything_is_sent() {
    for change in CHANGES {
        let args = [change, &["--yes", "--read-only"]].concat();
        // Where nobody listens: what is sent would fail otherwise.
        let (code, out, err) = run(NOWHERE, &args);
        assert_eq!((code, out.as_str()), (1, ""), "{args:?}");
        assert_eq!(err, "orderctl: read-only: nothing is changed, and nothing was sent\n", "{args:?}");
    }
}

#[test]
fn on_a_protected_profile_somebody_is_asked_and_without_a_terminal_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("orderctl")).unwrap();
    let config = format!("[profiles.prod]\nurl = \"{NOWHERE}\"\nprotected = true");
    fs::write(folder.path().join("orderctl/config.toml"), config).unwrap();
    for change in CHANGES {
        let args = [change, &["--profile", "prod"]].concat();
        let mut command = orderctl(NOWHERE, &args);
        let (code, out, err) = told(command.env("XDG_CONFIG_HOME", folder.path()).output().unwrap());
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(err.contains("nobody can be asked"), "{err}");
        let mut command = orderctl(NOWHERE, &[&args, &["--yes"][..]].concat());
        let (code, ..) = told(command.env("XDG_CONFIG_HOME", folder.path()).output().unwrap());
        assert_eq!(code, 69, "with --yes it is sent: {args:?}");
    }
}

#[test]
fn a_venue_is_switched_and_what_came_of_it_is_told() {
    let (url, server) = serving(vec![(200, SWITCHED.to_owned()), (200, SWITCHED.to_owned())]);
    let (code, out, err) = run(&url, &["venues", "disable", "alpha"]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "venue alpha is disabled\n", ""));
    let (code, out, _) = run(&url, &["venues", "disable", "alpha", "--json"]);
    let expected = format!(r#"{{"action":"disable-venue","target":"alpha","result":{SWITCHED}}}"#);
    assert_eq!((code, out.trim_end()), (0, expected.as_str()));
    let asked = server.join().unwrap();
    assert!(asked.iter().all(|asked| asked.what() == "POST /api/venues/alpha/disable"));
}

#[test]
fn a_pause_says_why() {
    let paused = r#"{"success":true,"paused":{"since":"2026-09-21T14:13:20.000Z","by":"ops","reason":"node is down"}}"#;
    let (url, server) = serving(vec![(200, paused.to_owned())]);
    let (code, out, _) = run(&url, &["queue", "pause", "--reason", "node is down"]);
    let expected = "queue paused, since 2026-09-21T14:13:20.000Z, by ops, because node is down\n";
    assert_eq!((code, out.as_str()), (0, expected));
    let asked = server.join().unwrap();
    assert_eq!(
        (asked[0].what(), asked[0].body.as_str()),
        ("POST /api/queue/pause", r#"{"reason":"node is down"}"#)
    );
}

#[test]
fn a_dry_run_only_looks_and_says_what_would_come_of_it() {
    let none = r#"{"venues":[]}"#.to_owned();
    let (url, server) = serving(vec![(200, none)]);
    let (code, out, err) = run(&url, &["venues", "disable", "alpha", "--dry-run", "--read-only"]);
    assert_eq!((code, out.as_str()), (1, "would be refused: disable venue alpha, there is no such venue\n"));
    assert_eq!((err.as_str(), server.join().unwrap()[0].what()), ("", "GET /api/venues"));

    let queue = r#"{"depth":{},"oldest":null,"rates":[],"throughput":{"stepSeconds":15,"accepted":[],"confirmed":[],"failed":[],"retried":[]},"stages":[]}"#;
    let (url, server) = serving(vec![(200, queue.to_owned())]);
    let (code, out, _) = run(&url, &["queue", "pause", "--reason", "x", "--dry-run", "--json"]);
    let expected = r#"{"dryRun":true,"action":"pause","target":null,"accepted":true,"detail":"at present: queue runs, 0 attempts under way"}"#;
    assert_eq!((code, out.trim_end()), (0, expected));
    assert_eq!(server.join().unwrap()[0].what(), "GET /api/queue");
}
