//! What the chain's word on a transaction means for its order. Pure: no I/O, no clock.

use crate::order::{Fact, Failure, Order, State};
use orderd_sdk::{
    amount::Amount,
    plugin::{BlockRef, TxStatus},
};

/// What follows from a look at an order's open transaction.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// What to note, in this order.
    pub(super) facts: Vec<Fact>,
    /// Whether the transaction's sequence is newly known to be in a block.
    pub(super) consumed: bool,
    /// Whether the chain has nothing of the transaction, so that its bytes should go out again.
    pub(super) missing: bool,
}

impl Verdict {
    fn facts(facts: impl Into<Vec<Fact>>) -> Self {
        Self { facts: facts.into(), ..Self::default() }
    }

    fn consumed(facts: impl Into<Vec<Fact>>) -> Self {
        Self { facts: facts.into(), consumed: true, missing: false }
    }
}

/// Judges the open transaction of an order. `passed` says that the finalized sequence of the account was already
/// beyond the transaction's own when the chain said `status`; `delay_ms` is how long another attempt would wait.
pub(super) fn judge(order: &Order, status: &TxStatus, passed: bool, delay_ms: u64) -> Verdict {
    match &order.state {
        State::Approving => judge_approval(status, passed, delay_ms),
        State::Signed | State::ResendPending { .. } | State::Submitted | State::Unknown { .. } => {
            judge_open(&order.state, status, passed, delay_ms)
        }
        State::Confirmed { block } | State::Reverted { block, .. } => {
            let succeeded = matches!(order.state, State::Confirmed { .. });
            judge_included(block, succeeded, status, delay_ms)
        }
        State::Pending
        | State::Routing
        | State::Building
        | State::RetryPending { .. }
        | State::Finalized
        | State::Failed
        | State::Cancelled
        | State::Expired => Verdict::default(),
    }
}

fn judge_approval(status: &TxStatus, passed: bool, delay_ms: u64) -> Verdict {
    match status {
        TxStatus::Succeeded { block, .. } => {
            Verdict::consumed([Fact::ApprovalIncluded { block: block.clone() }])
        }
        TxStatus::Reverted { reason, finalized: true, .. } => {
            let error = format!("the approval was refused by the token: {reason}");
            Verdict::consumed([Fact::AttemptFailed(Failure { error, transient: false, delay_ms })])
        }
        TxStatus::Reverted { finalized: false, .. } => Verdict { consumed: true, ..Verdict::default() },
        TxStatus::NotFound if passed => Verdict::facts([overtaken(delay_ms)]),
        TxStatus::NotFound => Verdict { missing: true, ..Verdict::default() },
        TxStatus::Pending => Verdict::default(),
    }
}

fn judge_open(state: &State, status: &TxStatus, passed: bool, delay_ms: u64) -> Verdict {
    match status {
        TxStatus::Succeeded { block, received: Some(received), finalized } => {
            Verdict::consumed(included(block, *received, *finalized, delay_ms))
        }
        // A chain that does not say what was received has not been asked properly: its plugin is at fault, and the
        // order stays open rather than claim an amount.
        TxStatus::Succeeded { received: None, .. } => Verdict::default(),
        TxStatus::Reverted { block, reason, finalized } => {
            Verdict::consumed(reverted(block, reason, *finalized, delay_ms))
        }
        TxStatus::Pending if matches!(state, State::Submitted) => Verdict::default(),
        TxStatus::Pending => Verdict::facts([Fact::SendAccepted]),
        TxStatus::NotFound if passed => Verdict::facts([overtaken(delay_ms)]),
        TxStatus::NotFound => Verdict { missing: true, ..Verdict::default() },
    }
}

/// The transaction was in a block at the last look: it stays, moves to another block, or is open again.
fn judge_included(at: &BlockRef, succeeded: bool, status: &TxStatus, delay_ms: u64) -> Verdict {
    match status {
        TxStatus::Succeeded { block, finalized, .. } if succeeded && block == at => {
            Verdict::facts(finality(*finalized, delay_ms))
        }
        TxStatus::Reverted { block, finalized, .. } if !succeeded && block == at => {
            Verdict::facts(finality(*finalized, delay_ms))
        }
        TxStatus::Succeeded { block, received: Some(received), finalized } => {
            let mut facts = vec![Fact::Undone];
            facts.extend(included(block, *received, *finalized, delay_ms));
            Verdict::facts(facts)
        }
        TxStatus::Succeeded { received: None, .. } => Verdict::default(),
        TxStatus::Reverted { block, reason, finalized } => {
            let mut facts = vec![Fact::Undone];
            facts.extend(reverted(block, reason, *finalized, delay_ms));
            Verdict::facts(facts)
        }
        TxStatus::Pending => Verdict::facts([Fact::Undone]),
        TxStatus::NotFound => Verdict { facts: vec![Fact::Undone], missing: true, consumed: false },
    }
}

fn included(block: &BlockRef, received: Amount, finalized: bool, delay_ms: u64) -> Vec<Fact> {
    let mut facts = vec![Fact::Included { block: block.clone(), received }];
    facts.extend(finality(finalized, delay_ms));
    facts
}

fn reverted(block: &BlockRef, reason: &str, finalized: bool, delay_ms: u64) -> Vec<Fact> {
    let mut facts = vec![Fact::Reverted { block: block.clone(), reason: reason.to_owned() }];
    facts.extend(finality(finalized, delay_ms));
    facts
}

fn finality(finalized: bool, delay_ms: u64) -> Vec<Fact> {
    Vec::from_iter(finalized.then_some(Fact::Final { delay_ms }))
}

/// The account's sequence has passed the transaction for good, and the chain does not have it: it is dead.
fn overtaken(delay_ms: u64) -> Fact {
    let error = "another transaction of the account took its sequence".to_owned();
    Fact::AttemptFailed(Failure { error, transient: true, delay_ms })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{
        Attempt,
        samples::{self, NOW},
    };
    use std::sync::Arc;

    const DELAY: u64 = 50;

    fn order(state: State) -> Order {
        let mut order = samples::accepted(samples::intent());
        let (dex, min_out) = ("d".to_owned(), Amount::ZERO);
        let attempt = Attempt { number: 1, dex, min_out, deadline: 0, approval: None, swap: None };
        order.attempts.push(Arc::new(attempt));
        order.state = state;
        order
    }

    fn block(number: u64) -> BlockRef {
        BlockRef { number, hash: format!("0x{number}") }
    }

    fn succeeded(number: u64, finalized: bool) -> TxStatus {
        TxStatus::Succeeded { block: block(number), received: Some(Amount::from(7_u64)), finalized }
    }

    fn failed(number: u64, finalized: bool) -> TxStatus {
        TxStatus::Reverted { block: block(number), reason: "price".into(), finalized }
    }

    fn names(verdict: &Verdict) -> Vec<&'static str> {
        let name = |fact: &Fact| match fact {
            Fact::Included { .. } => "included",
            Fact::Reverted { .. } => "reverted",
            Fact::Final { .. } => "final",
            Fact::Undone => "undone",
            Fact::SendAccepted => "accepted",
            Fact::ApprovalIncluded { .. } => "approved",
            Fact::AttemptFailed(Failure { transient: true, .. }) => "try again",
            Fact::AttemptFailed(_) => "give up",
            Fact::QuotesRequested { .. }
            | Fact::QuotesReceived { .. }
            | Fact::Chosen { .. }
            | Fact::ApprovalSigned { .. }
            | Fact::SwapSigned { .. }
            | Fact::SendRefused { .. }
            | Fact::SendUnknown { .. }
            | Fact::Expired { .. } => panic!("a look at the chain cannot tell {fact:?}"),
        };
        verdict.facts.iter().map(name).collect()
    }

    #[test]
    fn every_word_of_the_chain_has_its_meaning() {
        let unknown = State::Unknown { since: NOW };
        let resend = State::ResendPending { due: NOW };
        let confirmed = State::Confirmed { block: block(5) };
        let reverted = State::Reverted { block: block(5), reason: "price".into() };
        // state, word, account passed → facts, consumed, missing
        type Case<'a> = (&'a State, TxStatus, bool, &'a [&'a str], bool, bool);
        let cases: &[Case<'_>] = &[
            (&State::Signed, TxStatus::NotFound, false, &[], false, true),
            (&State::Signed, TxStatus::Pending, false, &["accepted"], false, false),
            (&unknown, TxStatus::NotFound, false, &[], false, true),
            (&unknown, TxStatus::NotFound, true, &["try again"], false, false),
            (&unknown, TxStatus::Pending, true, &["accepted"], false, false),
            (&resend, succeeded(5, false), false, &["included"], true, false),
            (&State::Submitted, TxStatus::Pending, false, &[], false, false),
            (&State::Submitted, TxStatus::NotFound, true, &["try again"], false, false),
            (&State::Submitted, succeeded(5, true), true, &["included", "final"], true, false),
            (&State::Submitted, failed(5, false), false, &["reverted"], true, false),
            (&State::Submitted, failed(5, true), true, &["reverted", "final"], true, false),
            (&confirmed, succeeded(5, false), false, &[], false, false),
            (&confirmed, succeeded(5, true), true, &["final"], false, false),
            (&confirmed, succeeded(6, false), false, &["undone", "included"], false, false),
            (&confirmed, failed(6, false), false, &["undone", "reverted"], false, false),
            (&confirmed, TxStatus::Pending, false, &["undone"], false, false),
            (&confirmed, TxStatus::NotFound, true, &["undone"], false, true),
            (&reverted, failed(5, false), false, &[], false, false),
            (&reverted, failed(5, true), true, &["final"], false, false),
            (&reverted, succeeded(6, false), false, &["undone", "included"], false, false),
            (&State::Approving, succeeded(5, false), false, &["approved"], true, false),
            (&State::Approving, failed(5, false), false, &[], true, false),
            (&State::Approving, failed(5, true), true, &["give up"], true, false),
            (&State::Approving, TxStatus::NotFound, false, &[], false, true),
            (&State::Approving, TxStatus::NotFound, true, &["try again"], false, false),
            (&State::Pending, succeeded(5, true), true, &[], false, false),
        ];
        for (state, word, passed, facts, consumed, missing) in cases {
            let verdict = judge(&order((*state).clone()), word, *passed, DELAY);
            let seen = (names(&verdict), verdict.consumed, verdict.missing);
            assert_eq!(seen, (facts.to_vec(), *consumed, *missing), "{state:?} {word:?} passed={passed}");
        }
    }

    #[test]
    fn success_without_an_amount_leaves_the_order_open() {
        let word = TxStatus::Succeeded { block: block(5), received: None, finalized: true };
        assert_eq!(judge(&order(State::Submitted), &word, true, DELAY), Verdict::default());
    }
}
