//! Many orders at once: what is asked first, what is confirmed, what is sent.

use crate::stub::{Asked, NOWHERE, ORDER, run, serving};

const FAILED: &[&str] = &["retry", "--filter", "state:failed"];

fn preview(matched: u64, eligible: u64) -> (u16, String) {
    let blocked = match matched - eligible {
        0 => String::new(),
        count => format!(
            r#"{{"code":"may-still-land","detail":"it may still land","count":{count},"examples":["0199"]}}"#
        ),
    };
    let reply = format!(
        r#"{{"success":true,"token":"t1","expiresAt":"2026-09-21T14:13:20.000Z","action":"retry","matched":{matched},"eligible":{eligible},"truncated":false,"blocked":[{blocked}]}}"#
    );
    (200, reply)
}

fn report(finished: bool, expected: u64, done: u64) -> (u16, String) {
    let refused = match expected - done {
        0 => String::new(),
        count => format!(
            r#"{{"code":"order-not-failed","detail":"it has not failed","count":{count},"ids":["0200"]}}"#
        ),
    };
    let reply = format!(
        r#"{{"success":true,"action":"retry","finished":{finished},"expected":{expected},"done":{done},"outcomes":{{"retried":{done}}},"refused":[{refused}]}}"#
    );
    (200, reply)
}

fn whats(asked: &[Asked]) -> Vec<(&str, &str)> {
    asked.iter().map(|asked| (asked.what(), asked.body.as_str())).collect()
}

#[test]
fn what_a_filter_means_is_previewed_and_then_done_to_exactly_those() {
    let (url, server) = serving(vec![preview(4, 3), report(false, 3, 1), report(true, 3, 3)]);
    let (code, out, err) = run(&url, &[FAILED, &["--yes"]].concat());
    assert_eq!((code, out.as_str()), (0, "3 of 3 orders done, 3 retried\n"));
    assert!(err.starts_with("would retry 3 orders, 4 orders meant\nnot 1 order, may-still-land"), "{err}");
    let execute = ("POST /api/orders/bulk/execute", r#"{"token":"t1","expected":3}"#);
    let expected = [
        ("POST /api/orders/bulk/preview", r#"{"action":"retry","filter":"state:failed"}"#),
        execute,
        execute,
    ];
    assert_eq!(whats(&server.join().unwrap()), expected);
}

#[test]
fn ids_that_are_not_all_done_are_told_by_the_exit_code() {
    let (url, server) = serving(vec![preview(2, 2), report(true, 2, 1)]);
    let (code, out, _) = run(&url, &["cancel", "a", "b", "--yes", "--reason", "a mistake", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &json["result"]["done"], &json["matched"]), (3, &1.into(), &2.into()));
    let asked = server.join().unwrap();
    assert_eq!(asked[0].body, r#"{"action":"cancel","ids":["a","b"]}"#);
    assert_eq!(asked[1].body, r#"{"token":"t1","expected":2,"reason":"a mistake"}"#);
}

#[test]
fn nothing_is_done_that_nobody_has_confirmed() {
    for (args, previewed, exit, words) in [
        (&[][..], preview(3, 3), 2, "nobody can be asked"),
        (&["--yes"], preview(101, 101), 2, "say --expect 101"),
        (&["--yes", "--expect", "4"], preview(3, 3), 1, "3 orders are eligible, not 4; nothing was changed"),
    ] {
        // One reply: whatever else is asked finds nobody.
        let (url, server) = serving(vec![previewed]);
        let (code, out, err) = run(&url, &[FAILED, args].concat());
        assert_eq!((code, out.as_str()), (exit, ""), "{args:?} {err}");
        assert!(err.contains(words), "{args:?} {err}");
        assert_eq!(server.join().unwrap()[0].what(), "POST /api/orders/bulk/preview");
    }
}

#[test]
fn read_only_sends_nothing_and_lets_a_dry_run_look() {
    for args in [FAILED, &["retry", "a"], &["cancel", "a"], &["cancel", "a", "b"]] {
        let (code, out, err) = run(NOWHERE, &[args, &["--yes", "--read-only"]].concat());
        assert_eq!((code, out.as_str()), (1, ""), "{args:?}");
        assert!(err.contains("nothing was sent"), "{err}");
    }
    let (url, server) = serving(vec![preview(1, 0)]);
    let (code, out, err) = run(&url, &["retry", "0199", "--dry-run", "--read-only"]);
    let expected =
        "would retry 0 orders, 1 order meant\nnot 1 order, may-still-land, it may still land, 0199\n";
    assert_eq!((code, out.as_str(), err.as_str()), (1, expected, ""));
    assert_eq!(server.join().unwrap()[0].body, r#"{"action":"retry","ids":["0199"]}"#);
}

#[test]
fn one_order_is_changed_by_its_own_call() {
    let (url, server) = serving(vec![(202, ORDER.to_owned())]);
    let (code, out, err) = run(&url, &["retry", "0199"]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "order 0199 is pending\n", ""));
    assert_eq!(server.join().unwrap()[0].what(), "POST /api/orders/0199/retry");
}

#[test]
fn a_filter_that_is_none_is_shown_with_the_place_and_nothing_is_sent() {
    for verb in ["orders", "retry", "export"] {
        let (code, out, err) = run(NOWHERE, &[verb, "--filter", "dex:a sate:failed"]);
        assert_eq!((code, out.as_str()), (2, ""), "{verb} {err}");
        let lines: Vec<_> = err.lines().collect();
        assert!(lines[0].contains("did you mean \"state\"?"), "{err}");
        assert_eq!(lines[1..], ["  dex:a sate:failed", "        ^^^^"], "{verb}");
    }
}
