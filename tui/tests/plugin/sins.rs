//! Each sin is found by the check that names it, in words that tell it.

use crate::{RAW_PLAN, check, libraries, plan};
use serde_json::Value;
use std::path::Path;

/// What the plugin in Rust does wrong, the check that finds it, and a word of what was seen.
const SINS: &[(&str, &str, &str)] = &[
    ("settings-unchecked", "config-mistakes", "was accepted"),
    ("settings-unwrapped", "config-mistakes", "panicked"),
    ("mistakes-unnamed", "config-mistakes", "something is wrong"),
    ("blocks", "start-returns", "ms at best"),
    ("quote-panics", "quote", "Panic"),
    ("shares-state", "instances", "of 4 instances"),
    ("leaks-threads", "leaves-no-threads", "threads before"),
    ("leaks-files", "leaves-no-files", "open files"),
    ("leaks-memory", "leaves-no-memory", "KiB each"),
    ("host-unwrapped", "host-answers", "status 2"),
    ("host-defaulted", "host-answers", "status 0"),
    ("host-unwrapped", "host-silence", "status 2"),
    ("health-is-mute", "health", "says nothing"),
    ("zero-price", "quote", "gives nothing"),
    ("quote-falls", "quote-rises", "but"),
    ("quote-wavers", "quote-repeats", "then"),
    ("quotes-nothing", "quote-extremes", "gives 0"),
    ("same-token", "quote-pairs", "the sold token itself"),
    ("min-out-ignored", "build-terms", "minOut"),
    ("deadline-ignored", "build-terms", "deadline"),
    ("builds-with-chance", "build-terms", "differ"),
    ("route-taken", "build-routes", "a swap"),
    ("min-out-ignored", "build-limits", "twice the quote"),
    ("deadline-ignored", "build-limits", "deadline has passed"),
    ("limits-unchecked", "build-limits", "twice the quote"),
    ("address-counted", "address", "then"),
    ("lane-inverted", "lane", "finalized 1"),
    ("balance-fails", "balance", "no node"),
    ("status-guesses", "unknown-hash", "never sent"),
    ("hash-counted", "prepare", "for the same transaction"),
    ("hash-without-sequence", "prepare", "1 hashes"),
    ("prepare-asks", "prepare-offline", "chain.read"),
    ("prepare-signs-anything", "prepare-offline", "signed the payload null"),
    ("send-twice", "send-again", "3 sequences"),
    ("send-denies", "send-again", "NotSent"),
    ("status-back", "status-forward", "Pending"),
    ("consumer-forgets", "consumer", "Open"),
    ("consumer-guesses", "consumer", "far ahead"),
    ("cancel-elsewhere", "replace", "2 of 3"),
];

/// The same of the plugin in C.
const RAW_SINS: &[(&str, &str, &str)] = &[
    ("BAD_NAME", "manifest", "My DEX"),
    ("WRONG_DESCRIPTION", "describe", "book"),
    ("NEWER_HOST_REFUSED", "newer-host", "refused a host"),
    ("ANY_CONFIG", "config-mistakes", "was accepted"),
    ("COMPLETES_TWICE", "completes-once", "2 times"),
    ("FORGES", "completes-once", "never made"),
    ("REFUSES_MANY", "completes-once", "were refused"),
    ("CANCEL_COMPLETES_AGAIN", "cancel", "4 times"),
    ("ANY_METHOD", "unknown-method", "status 0"),
    ("ANY_TARGET", "unknown-target", "status 0"),
    ("ANY_REQUEST", "malformed-requests", "amountOut"),
    ("NEVER_COMPLETES", "destroy", "never completed"),
    ("NEVER_COMPLETES", "deadline", "not completed"),
    ("COMPLETES_LATE", "destroy", "after destroy had returned"),
    ("FLOATS", "quote-amounts", "7.5"),
    ("GARBAGE", "quote", "unreadable"),
];

fn found(library: &Path, plan: &str, name: &str) -> Value {
    let (code, mut reports) = check(library, plan, &["--only", name]);
    let report = reports.remove(0);
    assert_eq!((code, &report["verdict"]), (1, &Value::from("failed")), "{report}");
    report
}

#[test]
fn each_sin_is_found_by_the_check_that_names_it() {
    let library = libraries::sinner();
    for (sin, name, words) in SINS {
        let report = found(&library, &plan(sin), name);
        assert!(report["seen"].as_str().unwrap().contains(words), "{sin}: {report}");
    }
}

#[test]
fn each_sin_below_the_sdk_is_found_by_the_check_that_names_it() {
    for (sin, name, words) in RAW_SINS {
        let report = found(&libraries::raw(sin), RAW_PLAN, name);
        assert!(report["seen"].as_str().unwrap().contains(words), "{sin}: {report}");
        let told = ["expected", "lookAt"].map(|key| report[key].as_str().unwrap().len());
        assert!(told.into_iter().all(|length| length > 0), "{report}");
    }
}

#[test]
fn who_keeps_every_promise_passes_every_check() {
    let (code, reports) = check(&libraries::sinner(), &plan("none"), &[]);
    let passed = reports.iter().filter(|report| report["verdict"] == "passed").count();
    let others: Vec<_> = reports.iter().filter(|report| report["verdict"] != "passed").collect();
    assert_eq!(
        (code, reports.len() - passed),
        (0, 1),
        "all but [panic], which the plan does not have: {others:#?}"
    );
}

#[test]
fn a_panic_on_purpose_is_caught() {
    let panics = plan("quote-panics") + "[panic]\nmethod = \"venue.quote\"\ntarget = \"pool\"\n";
    let token = |name: &str| format!("{{ symbol = \"{name}\", address = \"{name}\", decimals = 6 }}");
    let request = format!(
        "[panic.request]\ntrader = \"t\"\namountIn = \"1\"\ntokenIn = {}\ntokenOut = {}\n",
        token("a"),
        token("b")
    );
    // The probe panics too, so that what is looked for afterwards is not there: but the panics themselves were.
    let report = found(&libraries::sinner(), &(panics + &request), "panic");
    assert!(report["seen"].as_str().unwrap().starts_with("afterwards"), "{report}");
    assert!(report["log"].to_string().contains("no such tick"), "{report}");
}
