//! From one state to the next: the only place where an order changes.

use super::{Attempt, EventKind, Fact, Failure, Order, QuoteLine, State, Transaction};
use orderd_sdk::{amount::Amount, plugin::BlockRef, timestamp::Timestamp};
use std::sync::Arc;

/// A fact cannot have happened in this state: a bug of the engine. The order is left as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("order {order} cannot take {fact} in state {state}")]
pub struct IllegalTransition {
    order: String,
    state: String,
    fact: String,
}

impl Order {
    /// Takes note of a fact: moves to the next state and records the events that tell of it.
    ///
    /// # Errors
    /// When the fact cannot happen in the present state; then nothing has changed.
    pub fn apply(&mut self, fact: Fact, now: Timestamp) -> Result<(), IllegalTransition> {
        if !self.admits(&fact) {
            return Err(IllegalTransition {
                order: self.id.to_string(),
                state: format!("{:?}", self.state),
                fact: format!("{fact:?}"),
            });
        }
        match fact {
            Fact::QuotesRequested { venues } => self.request_quotes(venues, now),
            Fact::QuotesReceived { quotes } => self.record(EventKind::QuotesReceived { quotes }, now),
            Fact::Chosen { quote, min_out, deadline } => self.open_attempt(quote, min_out, deadline, now),
            Fact::ApprovalSigned { transaction, token, spender } => {
                self.sign_approval(transaction, token, spender, now);
            }
            Fact::ApprovalIncluded { block } => self.end_approval(&block, now),
            Fact::SwapSigned { transaction } => self.sign_swap(transaction, now),
            Fact::SendAccepted => self.submitted(now),
            Fact::SendRefused { reason, delay_ms } => self.resend_later(reason, delay_ms, now),
            Fact::SendUnknown { reason } => {
                self.state = State::Unknown { since: now };
                self.record(EventKind::Unknown { reason }, now);
            }
            Fact::Included { block, received } => self.confirm(block, received, now),
            Fact::Reverted { block, reason } => self.revert(block, reason, now),
            Fact::Undone => self.reopen(now),
            Fact::Final { delay_ms } => self.settle(delay_ms, now),
            Fact::AttemptFailed(failure) => {
                self.record_failure(failure.error.clone(), failure.transient, now);
                self.retry_or_fail(failure, now);
            }
            Fact::Expired { reason } => {
                self.state = State::Expired;
                self.record(EventKind::Expired { reason }, now);
            }
        }
        Ok(())
    }

    /// Which facts can happen in which state. What is not listed is impossible.
    fn admits(&self, fact: &Fact) -> bool {
        use State as S;
        match fact {
            Fact::QuotesRequested { .. } => {
                matches!(self.state, S::Pending | S::Routing | S::Building | S::RetryPending { .. })
            }
            Fact::QuotesReceived { .. } | Fact::Chosen { .. } => matches!(self.state, S::Routing),
            Fact::ApprovalSigned { .. } | Fact::SwapSigned { .. } => matches!(self.state, S::Building),
            Fact::ApprovalIncluded { .. } => matches!(self.state, S::Approving),
            Fact::SendAccepted => {
                matches!(self.state, S::Signed | S::ResendPending { .. } | S::Unknown { .. })
            }
            Fact::SendRefused { .. } => matches!(self.state, S::Signed | S::ResendPending { .. }),
            Fact::SendUnknown { .. } => {
                matches!(self.state, S::Signed | S::ResendPending { .. } | S::Submitted)
            }
            Fact::Included { .. } | Fact::Reverted { .. } => {
                matches!(self.state, S::Signed | S::ResendPending { .. } | S::Submitted | S::Unknown { .. })
            }
            Fact::Undone | Fact::Final { .. } => {
                matches!(self.state, S::Confirmed { .. } | S::Reverted { .. })
            }
            Fact::AttemptFailed(_) => matches!(
                self.state,
                S::Routing
                    | S::Building
                    | S::Approving
                    | S::Signed
                    | S::ResendPending { .. }
                    | S::Submitted
                    | S::Unknown { .. }
            ),
            Fact::Expired { .. } => {
                matches!(self.state, S::Pending | S::Routing | S::Building | S::RetryPending { .. })
            }
        }
    }

    /// A new attempt begins, unless this one was interrupted before anything was signed.
    fn request_quotes(&mut self, venues: u32, now: Timestamp) {
        if matches!(self.state, State::Pending | State::RetryPending { .. }) {
            self.attempt += 1;
        }
        self.state = State::Routing;
        self.record(EventKind::QuotesRequested { venues, attempt: self.attempt }, now);
    }

    fn open_attempt(&mut self, quote: QuoteLine, min_out: Amount, deadline: u64, now: Timestamp) {
        self.attempts.push(Arc::new(Attempt {
            number: self.attempt,
            dex: quote.dex.clone(),
            min_out,
            deadline,
            approval: None,
            swap: None,
        }));
        self.state = State::Building;
        self.record(EventKind::BuildStarted { quote }, now);
    }

    fn sign_approval(&mut self, transaction: Transaction, token: String, spender: String, now: Timestamp) {
        let (hash, sequence) = (transaction.hash.clone(), transaction.sequence);
        self.amend_attempt(|attempt| attempt.approval = Some(transaction));
        self.state = State::Approving;
        self.record(EventKind::Approving { token, spender, hash, sequence }, now);
    }

    fn end_approval(&mut self, block: &BlockRef, now: Timestamp) {
        let hash = self.open_transaction().map(|approval| approval.hash.clone()).unwrap_or_default();
        self.state = State::Building;
        self.record(EventKind::Approved { hash, block: block.number }, now);
    }

    fn sign_swap(&mut self, transaction: Transaction, now: Timestamp) {
        let (hash, sequence) = (transaction.hash.clone(), transaction.sequence);
        self.amend_attempt(|attempt| attempt.swap = Some(transaction));
        self.state = State::Signed;
        self.record(EventKind::Signed { hash, sequence }, now);
    }

    fn submitted(&mut self, now: Timestamp) {
        let (hash, sequence) = self.swap();
        self.state = State::Submitted;
        self.record(EventKind::Submitted { attempt: self.attempt, hash, sequence }, now);
    }

    /// The signed swap keeps its sequence. Only the first refusal of an attempt is told, so that a node that
    /// stays away does not fill the order's history.
    fn resend_later(&mut self, reason: String, delay_ms: u64, now: Timestamp) {
        if matches!(self.state, State::Signed) {
            self.record_failure(reason, true, now);
            self.record(EventKind::RetryPending { delay_ms, next_attempt: self.attempt }, now);
        }
        self.state = State::ResendPending { due: now.plus_millis(delay_ms) };
    }

    fn confirm(&mut self, block: BlockRef, amount_out: Amount, now: Timestamp) {
        let ((hash, _), dex) = (self.swap(), self.dex());
        self.record(EventKind::Confirmed { hash, dex, amount_out, block: block.number }, now);
        self.state = State::Confirmed { block };
    }

    fn revert(&mut self, block: BlockRef, reason: String, now: Timestamp) {
        self.record_failure(format!("reverted in block {}: {reason}", block.number), true, now);
        self.state = State::Reverted { block, reason };
    }

    fn reopen(&mut self, now: Timestamp) {
        if let State::Confirmed { block } | State::Reverted { block, .. } = &self.state {
            let block = block.number;
            self.record(EventKind::Reorged { block }, now);
        }
        self.state = State::Submitted;
        let (hash, sequence) = self.swap();
        self.record(EventKind::Submitted { attempt: self.attempt, hash, sequence }, now);
    }

    fn settle(&mut self, delay_ms: u64, now: Timestamp) {
        match std::mem::replace(&mut self.state, State::Finalized) {
            State::Reverted { reason, .. } => {
                self.retry_or_fail(Failure { error: reason, transient: true, delay_ms }, now);
            }
            State::Confirmed { block } => self.record(EventKind::Finalized { block: block.number }, now),
            State::Pending
            | State::Routing
            | State::Building
            | State::Approving
            | State::Signed
            | State::ResendPending { .. }
            | State::Submitted
            | State::Unknown { .. }
            | State::RetryPending { .. }
            | State::Finalized
            | State::Failed
            | State::Cancelled
            | State::Expired => unreachable!("admits() lets finality happen to included swaps only"),
        }
    }

    fn retry_or_fail(&mut self, failure: Failure, now: Timestamp) {
        let due = now.plus_millis(failure.delay_ms);
        if !failure.transient || self.retries_remaining() == 0 {
            self.state = State::Failed;
            self.record(EventKind::Failed { error: failure.error, total_attempts: self.attempt }, now);
        } else if self.intent.deadline.is_some_and(|deadline| due > deadline) {
            self.state = State::Expired;
            self.record(EventKind::Expired { reason: failure.error }, now);
        } else {
            self.state = State::RetryPending { due };
            let next_attempt = self.attempt + 1;
            self.record(EventKind::RetryPending { delay_ms: failure.delay_ms, next_attempt }, now);
        }
    }

    fn record_failure(&mut self, error: String, transient: bool, now: Timestamp) {
        let retries_remaining = if transient { self.retries_remaining() } else { 0 };
        self.record(EventKind::ExecutionFailed { error, transient, retries_remaining }, now);
    }

    fn retries_remaining(&self) -> u32 {
        self.intent.max_attempts.saturating_sub(self.attempt)
    }

    fn amend_attempt(&mut self, change: impl FnOnce(&mut Attempt)) {
        let attempt = self.attempts.last_mut().expect("an attempt is open while the order is being built");
        change(Arc::make_mut(attempt));
    }

    fn swap(&self) -> (String, u64) {
        let swap = self.current().and_then(|attempt| attempt.swap.as_ref());
        let swap = swap.expect("a swap is signed before anything is known of its fate");
        (swap.hash.clone(), swap.sequence)
    }

    fn dex(&self) -> String {
        self.current().map(|attempt| attempt.dex.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{
        Intent, QuoteAnswer, Step, View, messages,
        samples::{self, NOW},
    };
    use orderd_sdk::{plugin::HexBytes, wire::OrderStatus};
    use proptest::prelude::*;

    fn order(max_attempts: u32, deadline: Option<Timestamp>) -> Order {
        let intent = Intent { max_attempts, deadline, ..samples::intent() };
        samples::accepted(intent)
    }

    fn quote() -> QuoteLine {
        let amount_out = Amount::from(9_u64);
        let answer = QuoteAnswer::Priced { amount_out, net_amount_out: amount_out, price_impact: None };
        QuoteLine { dex: "alpha".into(), latency_ms: 1, answer }
    }

    fn transaction(sequence: u64) -> Transaction {
        Transaction { sequence, raw: HexBytes(vec![1]), hash: format!("0x{sequence}") }
    }

    fn block() -> BlockRef {
        BlockRef { number: 7, hash: "0x7".into() }
    }

    fn failure(transient: bool) -> Fact {
        Fact::AttemptFailed(Failure { error: "why".into(), transient, delay_ms: 100 })
    }

    fn chosen() -> Fact {
        Fact::Chosen { quote: quote(), min_out: Amount::from(8_u64), deadline: 9 }
    }

    fn quotes() -> [Fact; 3] {
        [Fact::QuotesRequested { venues: 1 }, Fact::QuotesReceived { quotes: [quote()].into() }, chosen()]
    }

    fn signed() -> Fact {
        Fact::SwapSigned { transaction: transaction(3) }
    }

    fn included() -> Fact {
        Fact::Included { block: block(), received: Amount::from(9_000_001_u64) }
    }

    fn reverted() -> Fact {
        Fact::Reverted { block: block(), reason: "price".into() }
    }

    fn live(order: &mut Order, facts: impl IntoIterator<Item = Fact>) -> Vec<&'static str> {
        let before = order.events.len();
        for fact in facts {
            order.apply(fact, NOW).unwrap();
        }
        order.events[before..].iter().map(|event| event.kind.status().as_str()).collect()
    }

    #[test]
    fn a_straight_life_tells_every_step() {
        let mut order = order(3, None);
        let mut facts = quotes().to_vec();
        facts.extend([signed(), Fact::SendAccepted, included(), Fact::Final { delay_ms: 0 }]);
        let life = live(&mut order, facts);
        let expected = ["routing", "routing", "building", "building", "submitted", "confirmed", "finalized"];
        assert_eq!(life, expected);
        let told: Vec<_> = messages(&order, 1).iter().map(|m| (m.seq, m.progress)).collect();
        assert_eq!(told, [(1, 0), (2, 10), (3, 30), (4, 50), (5, 70), (6, 75), (7, 100), (8, 100)]);
        let dto = View::latest(&order);
        assert_eq!((dto.amount.as_str(), dto.amount_out.as_deref()), ("1.5", Some("9.000001")));
        assert_eq!((dto.dex.as_deref(), dto.tx_hash.as_deref()), (Some("alpha"), Some("0x3")));
        assert_eq!((dto.attempts, dto.seq, order.next_step()), (1, 8, Step::Rest));
    }

    #[test]
    fn a_revert_is_retried_only_when_it_cannot_be_undone() {
        let mut order = order(2, None);
        live(&mut order, quotes());
        assert_eq!(live(&mut order, [signed(), reverted()]), ["building", "execution-failed"]);
        assert_eq!(order.next_step(), Step::Watch);
        assert_eq!(live(&mut order, [Fact::Final { delay_ms: 40 }]), ["retry-pending"]);
        assert_eq!(order.next_step(), Step::Wait(NOW.plus_millis(40)));
        live(&mut order, quotes());
        assert_eq!(order.attempt, 2);
        live(&mut order, [signed(), reverted()]);
        assert_eq!(live(&mut order, [Fact::Final { delay_ms: 40 }]), ["failed"]);
    }

    #[test]
    fn a_reorganisation_reopens_what_was_confirmed() {
        let mut order = order(1, None);
        live(&mut order, quotes());
        live(&mut order, [signed(), Fact::SendAccepted, included()]);
        assert_eq!(live(&mut order, [Fact::Undone]), ["reorged", "submitted"]);
        assert_eq!(View::latest(&order).amount_out, None);
        assert_eq!(live(&mut order, [included()]), ["confirmed"]);
    }

    #[test]
    fn a_refused_send_keeps_its_signature_and_is_told_once() {
        let mut order = order(1, None);
        live(&mut order, quotes());
        let refused = || Fact::SendRefused { reason: "no node".into(), delay_ms: 9 };
        assert_eq!(
            live(&mut order, [signed(), refused()]),
            ["building", "execution-failed", "retry-pending"]
        );
        assert_eq!(live(&mut order, [refused(), refused()]), [""; 0]);
        assert_eq!(order.open_transaction(), Some(&transaction(3)));
        assert_eq!(live(&mut order, [Fact::SendAccepted]), ["submitted"]);
    }

    #[test]
    fn unknown_is_neither_failed_nor_retried() {
        let mut order = order(3, None);
        live(&mut order, quotes());
        let unknown = Fact::SendUnknown { reason: "time-out".into() };
        assert_eq!(live(&mut order, [signed(), unknown]), ["building", "unknown"]);
        assert_eq!(order.next_step(), Step::Watch);
        assert!(order.apply(Fact::QuotesRequested { venues: 1 }, NOW).is_err());
    }

    #[test]
    fn an_approval_comes_before_the_swap_and_does_not_cost_an_attempt() {
        let mut order = order(1, None);
        live(&mut order, quotes());
        let (token, spender) = ("SOL".to_owned(), "0xrouter".to_owned());
        let approval = Fact::ApprovalSigned { transaction: transaction(2), token, spender };
        assert_eq!(live(&mut order, [approval]), ["building"]);
        assert_eq!(order.open_transaction(), Some(&transaction(2)));
        live(&mut order, [Fact::ApprovalIncluded { block: block() }]);
        assert_eq!((order.open_transaction(), order.next_step()), (None, Step::Execute));
        live(&mut order, quotes());
        assert_eq!(order.attempt, 1);
        live(&mut order, [signed(), included()]);
        assert_eq!(order.state.status(), OrderStatus::Confirmed);
    }

    #[test]
    fn permanent_failures_and_deadlines_end_an_order() {
        let mut hopeless = order(3, None);
        live(&mut hopeless, quotes());
        assert_eq!(live(&mut hopeless, [failure(false)]), ["execution-failed", "failed"]);
        let mut late = order(3, Some(NOW.plus_millis(50)));
        live(&mut late, quotes());
        assert_eq!(live(&mut late, [failure(true)]), ["execution-failed", "expired"]);
    }

    fn any_fact() -> impl Strategy<Value = Fact> {
        let (token, spender) = ("SOL".to_owned(), "0xrouter".to_owned());
        prop::sample::select(vec![
            Fact::QuotesRequested { venues: 2 },
            Fact::QuotesReceived { quotes: [quote()].into() },
            chosen(),
            Fact::ApprovalSigned { transaction: transaction(1), token, spender },
            Fact::ApprovalIncluded { block: block() },
            signed(),
            Fact::SendAccepted,
            Fact::SendRefused { reason: "r".into(), delay_ms: 1 },
            Fact::SendUnknown { reason: "u".into() },
            included(),
            reverted(),
            Fact::Undone,
            Fact::Final { delay_ms: 1 },
            failure(true),
            failure(false),
            Fact::Expired { reason: "e".into() },
        ])
    }

    proptest! {
        #[test]
        fn whatever_happens_history_is_dense_and_an_end_is_an_end(
            facts in prop::collection::vec(any_fact(), 0..60),
        ) {
            let mut order = order(3, None);
            for fact in facts {
                let before = order.clone();
                let signed_before = order.open_transaction().cloned();
                match order.apply(fact.clone(), NOW) {
                    Err(_) => prop_assert_eq!(&order, &before, "a refused fact changes nothing"),
                    Ok(()) => {
                        prop_assert!(!before.state.is_over(), "{:?} left {:?}", fact, before.state);
                        prop_assert!(order.attempt <= 3);
                        let new_signature = matches!(fact, Fact::SwapSigned { .. } | Fact::ApprovalSigned { .. });
                        prop_assert!(!new_signature || signed_before.is_none(), "one live signature at a time");
                    }
                }
                prop_assert!(order.events.iter().zip(1..).all(|(event, seq)| event.seq == seq));
                let told = messages(&order, 1);
                prop_assert_eq!(told.len() as u64, order.seq());
                prop_assert_eq!(&told[told.len() - 1].order, &View::latest(&order));
            }
        }
    }
}
