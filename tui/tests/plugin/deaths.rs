//! A plugin that takes its process along fails the check in it, and no other.

use crate::{RAW_PLAN, check, libraries, plan};

#[test]
fn the_way_in_which_a_process_ended_is_told() {
    let (rust, c) = (libraries::sinner(), libraries::raw("FAULTS"));
    let cases = [
        (&rust, plan("aborts"), "SIGABRT"),
        (&rust, plan("exits"), "exit code 3"),
        (&rust, plan("spins"), "killed after 1 s"),
        (&c, RAW_PLAN.to_owned(), "SIGSEGV"),
    ];
    for (library, plan, words) in cases {
        let (code, reports) = check(library, &plan, &["--only", "quote", "--timeout", "1"]);
        let seen = reports[0]["seen"].as_str().unwrap();
        assert!(code == 1 && seen.contains(words), "{seen}");
    }
}

#[test]
fn the_checks_after_a_crash_go_on() {
    let only = "manifest,quote,quote-pairs,health";
    let (code, reports) = check(&libraries::sinner(), &plan("aborts"), &["--only", only]);
    let verdicts: Vec<_> = reports.iter().map(|report| report["verdict"].as_str().unwrap()).collect();
    assert_eq!((code, verdicts), (1, vec!["passed", "passed", "failed", "failed"]), "in the kit's own order");
}
