//! The example of embedding, run as it is.

use std::{env, process::Command};

#[test]
fn the_example_trades_inside_its_own_process() {
    let own = env::current_exe().unwrap();
    let built = own.ancestors().nth(2).expect("tests lie two folders below the target's profile");
    let output =
        Command::new(built.join("examples/embed")).output().expect("cargo builds examples with the tests");
    let (said, complained) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{complained}");
    let kinds: Vec<_> = said.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    let life =
        ["pending", "routing", "routing", "building", "building", "submitted", "confirmed", "finalized"];
    assert_eq!(kinds[..8], life);
    assert!(said.ends_with("1.5 SOL → 224.324329 USDC\n"), "{said}");
}
