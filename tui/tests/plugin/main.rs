//! `orderctl plugin`: the checks find what they name, in libraries that break one promise each.

#![expect(clippy::unwrap_used, reason = "what is missing here fails the test")]

mod deaths;
mod libraries;
mod sins;
mod usage;

use libraries::Scratch;
use serde_json::Value;
use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

/// A chain and a venue of the library itself, which break the promise of this name.
fn plan(sin: &str) -> String {
    format!(
        r#"
        [chains.toy]
        tokens = {{ A = {{ address = "a", decimals = 6 }}, B = {{ address = "b", decimals = 6 }} }}
        config = {{ sin = "{sin}" }}
        [venues.pool]
        chain = "toy"
        config = {{ sin = "{sin}" }}
        [[markets]]
        venue = "pool"
        sell = "A"
        buy = "B"
        amount = "1000"
        "#
    )
}

/// A venue on a chain of nobody.
const RAW_PLAN: &str = r#"
    [chains.none]
    plugin = "none"
    tokens = { A = { address = "a", decimals = 6 }, B = { address = "b", decimals = 6 } }
    [venues.pool]
    chain = "none"
    [[markets]]
    venue = "pool"
    sell = "A"
    buy = "B"
    amount = "1000"
    [account]
    address = "somebody"
"#;

fn orderctl(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orderctl"));
    command.args(["plugin"]).args(args).stdin(Stdio::null()).current_dir(std::env::temp_dir());
    command.output().unwrap()
}

/// The exit code, and the reports.
fn check(library: &Path, plan: &str, more: &[&str]) -> (i32, Vec<Value>) {
    let scratch = Scratch::new(plan);
    let (library, plan) = (library.to_str().unwrap(), scratch.file.to_str().unwrap());
    let args = [&["check", "--json", "--config", plan, library], more].concat();
    let output = orderctl(&args);
    let text = String::from_utf8(output.stdout).unwrap();
    let reports = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code().unwrap(), reports)
}
