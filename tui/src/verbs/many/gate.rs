//! Who lets many orders be changed: `y`, or their number where there are many or much is at stake.

use crate::{
    args::BulkArgs, console::model::Guarded, failure::Failure, session::Session, verbs::change::Answer,
    verbs::change::confirm,
};

/// Above this many orders their number is typed.
const MANY: u64 = 100;

/// Whether their number is needed.
fn needs_number(guarded: Guarded, eligible: u64) -> bool {
    guarded == Guarded::Yes || eligible > MANY
}

/// Lets pass what was agreed to on the command line, or is on the terminal.
pub(super) async fn pass(
    session: &mut Session<'_>,
    question: &str,
    args: &BulkArgs,
    eligible: u64,
) -> Result<(), Failure> {
    let needs_number = needs_number(session.profile.guarded, eligible);
    match (args.change.yes, args.expect) {
        (true, expected) => agreed(needs_number, expected, eligible),
        (false, _) if needs_number => confirm(session, question, &Answer::Text(eligible.to_string())).await,
        (false, _) => confirm(session, question, &Answer::Yes).await,
    }
}

/// What `--yes` is good for.
fn agreed(needs_number: bool, expected: Option<u64>, eligible: u64) -> Result<(), Failure> {
    match expected {
        Some(expected) if expected != eligible => Err(Failure::Unexpected { eligible, expected }),
        None if needs_number => Err(Failure::NumberNeeded { eligible }),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_is_enough_for_a_hundred_orders_and_their_number_for_more() {
        assert!(agreed(needs_number(Guarded::No, 100), None, 100).is_ok());
        for (guarded, eligible) in [(Guarded::No, 101), (Guarded::Yes, 1)] {
            let needs = needs_number(guarded, eligible);
            assert!(matches!(agreed(needs, None, eligible), Err(Failure::NumberNeeded { .. })));
            assert!(agreed(needs, Some(eligible), eligible).is_ok());
        }
    }

    #[test]
    fn another_number_than_was_expected_is_refused_however_small() {
        for expected in [0, 4, 6] {
            assert!(matches!(agreed(false, Some(expected), 5), Err(Failure::Unexpected { .. })));
        }
    }
}
