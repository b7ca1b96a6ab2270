//! What shells and `man` are given.

use crate::stub::{NOWHERE, run};
use std::fs;

#[test]
fn every_shell_is_told_the_verbs() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, out, err) = run(NOWHERE, &["completions", shell]);
        assert_eq!((code, err.as_str()), (0, ""), "{shell}");
        for word in ["venues", "--profile", "disconnect"] {
            assert!(out.contains(word.trim_start_matches("--")), "{word} for {shell}");
        }
    }
}

#[test]
fn there_is_a_page_for_every_verb() {
    let (code, out, _) = run(NOWHERE, &["man"]);
    assert_eq!(code, 0);
    for text in [".TH orderctl 1", "Exit codes:", "orderctl\\-venues(1)"] {
        assert!(out.contains(text), "{text} in {out}");
    }
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let (code, out, err) = run(NOWHERE, &["man", "--output", pages.to_str().unwrap()]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""));
    for verb in ["orderctl", "orderctl-orders", "orderctl-queue-pause", "orderctl-plugin-check"] {
        let page = fs::read_to_string(pages.join(format!("{verb}.1"))).unwrap();
        assert!(page.contains(&format!(".TH {verb} 1")), "{verb}");
    }
    assert!(!pages.join("orderctl-plugin-run-check.1").exists(), "it is hidden");
}
