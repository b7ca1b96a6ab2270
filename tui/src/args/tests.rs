//! Which command lines make sense.

use super::*;
use clap::CommandFactory;
use orderd_sdk::wire::OrderStatus;

fn parse(line: &str) -> Result<Args, clap::Error> {
    Args::try_parse_from(line.split(' ')).and_then(Args::checked)
}

#[test]
fn the_command_line_is_consistent() {
    Args::command().debug_assert();
}

#[test]
fn orders_are_filtered_by_known_statuses() {
    let args = parse("orderctl orders --status pending,retry-pending").unwrap();
    let Some(Verb::Orders(orders)) = args.verb else {
        panic!("another verb");
    };
    assert_eq!(orders.status, [OrderStatus::Pending, OrderStatus::RetryPending]);
}

#[test]
fn what_contradicts_itself_or_says_too_little_is_refused() {
    for wrong in [
        "orderctl orders --status done",
        "orderctl orders --limit 0",
        "orderctl orders --limit 5 --all",
        "orderctl order",
        "orderctl retry",
        "orderctl retry a --filter state:failed",
        "orderctl retry --filter state:failed --expect 3",
        "orderctl cancel a --yes --dry-run",
        "orderctl export --format xml",
        "orderctl queue pause",
        "orderctl venues enable a --yes --dry-run",
        "orderctl venues disable",
        "orderctl logs --lines 1001",
        "orderctl --plain --json orders",
        "orderctl --json orders --plain",
        "orderctl completions tcl",
    ] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn options_for_all_commands_stand_before_or_after_the_command() {
    for line in ["orderctl --plain --read-only venues", "orderctl venues --plain --read-only"] {
        let args = parse(line).unwrap();
        assert_eq!((args.style(), args.overrides().access), (Style::Words, Some(Access::Look)), "{line}");
    }
}

/// Every command that changes something. `tests/orderctl` has each of them refused when it is read-only: whoever adds one
/// here adds it there.
#[test]
fn these_commands_change_something() {
    let mut found = Vec::new();
    find_changes(&Args::command(), "", &mut found);
    let expected = [
        " cancel",
        " clients disconnect",
        " queue pause",
        " queue resume",
        " retry",
        " venues disable",
        " venues enable",
        " venues reload",
    ];
    found.sort();
    assert_eq!(found, expected);
}

fn find_changes(command: &clap::Command, path: &str, found: &mut Vec<String>) {
    if command.get_arguments().any(|argument| argument.get_id() == "dry_run") {
        found.push(path.to_owned());
    }
    for verb in command.get_subcommands() {
        find_changes(verb, &format!("{path} {}", verb.get_name()), found);
    }
}
