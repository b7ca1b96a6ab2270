//! From one state to the next: which facts can happen where, and where they lead.

use super::{EventKind, Fact, Order, State};
use orderd_sdk::timestamp::Timestamp;

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
        if !self.admits(&fact, now) {
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
            Fact::ApprovalSigned { sequence, transaction, token, spender } => {
                self.sign_approval(sequence, transaction, token, spender, now);
            }
            Fact::ApprovalIncluded { hash, block } => self.end_approval(hash, &block, now),
            Fact::ApprovalReverted { hash, reason } => self.give_approval_up(hash, &reason, now),
            Fact::ApprovalUndone { sequence } => self.reopen_approval(sequence, now),
            Fact::ApprovalSettled { fate } => self.close_slot(fate),
            Fact::SwapSigned { sequence, transaction } => self.sign_swap(sequence, transaction, now),
            Fact::Replaced { sequence, transaction } => self.replace(sequence, transaction, now),
            Fact::SendAccepted => self.submitted(now),
            Fact::SendRefused { reason, delay_ms } => self.resend_later(reason, delay_ms, now),
            Fact::Doubted { reason } => {
                self.state = State::Unknown { since: now };
                self.record(EventKind::Unknown { reason }, now);
            }
            Fact::Included { hash, block, received } => self.confirm(hash, block, received, now),
            Fact::Reverted { hash, block, reason } => self.revert(hash, block, reason, now),
            Fact::Voided { hash, block } => self.void(hash, block, now),
            Fact::Undone => self.reopen(now),
            Fact::Final { delay_ms } => self.settle(delay_ms, now),
            Fact::Overtaken { by, delay_ms } => self.lose_sequence(by, delay_ms, now),
            Fact::Died { reason, delay_ms } => self.bury(reason, delay_ms, now),
            Fact::AttemptFailed(failure) => {
                self.record_failure(&failure, now);
                self.retry_or_fail(failure, now);
            }
            Fact::Expired { reason } => {
                self.state = State::Expired;
                self.record(EventKind::Expired { reason }, now);
            }
            Fact::CancelRequested { reason } => self.withdraw(reason, now),
            Fact::CancelRefused { reason } => {
                self.withdrawal = None;
                self.record(EventKind::CancelRefused { reason }, now);
            }
            Fact::RetryRequested { queue_position } => self.grant_attempt(queue_position, now),
        }
        Ok(())
    }

    /// Which facts can happen in which state. What is not listed is impossible.
    fn admits(&self, fact: &Fact, now: Timestamp) -> bool {
        use State as S;
        match fact {
            Fact::QuotesRequested { .. } => {
                matches!(self.state, S::Pending | S::Routing | S::Building | S::RetryPending { .. })
            }
            Fact::QuotesReceived { .. } | Fact::Chosen { .. } => matches!(self.state, S::Routing),
            // The promise itself: no second swap is signed while an earlier one could still take effect.
            Fact::ApprovalSigned { .. } | Fact::SwapSigned { .. } => {
                matches!(self.state, S::Building) && self.withdrawal.is_none() && !self.swap_may_land()
            }
            Fact::ApprovalIncluded { hash, .. } | Fact::ApprovalReverted { hash, .. } => {
                matches!(self.state, S::Approving) && self.has_signed(hash)
            }
            Fact::ApprovalUndone { sequence } => self.lacks_approval(*sequence),
            Fact::ApprovalSettled { .. } => self.state.is_over() && self.open_slot().is_some(),
            Fact::Replaced { sequence, .. } => {
                let is_open = self.open_slots().any(|slot| slot.sequence == *sequence);
                is_open && self.open_slot().is_some() && !self.state.is_in_block()
            }
            Fact::SendAccepted => {
                matches!(self.state, S::Signed | S::ResendPending { .. } | S::Unknown { .. })
            }
            Fact::SendRefused { .. } => matches!(self.state, S::Signed | S::ResendPending { .. }),
            Fact::Doubted { .. } => {
                matches!(self.state, S::Signed | S::ResendPending { .. } | S::Submitted)
            }
            Fact::Included { hash, .. } | Fact::Reverted { hash, .. } | Fact::Voided { hash, .. } => {
                self.is_sent() && self.has_signed(hash)
            }
            Fact::Undone | Fact::Final { .. } => self.state.is_in_block(),
            Fact::Overtaken { by, .. } => {
                (matches!(self.state, S::Approving) || self.is_sent()) && !self.has_signed(by)
            }
            Fact::Died { .. } => matches!(self.state, S::Approving) || self.is_sent(),
            Fact::AttemptFailed(_) => matches!(self.state, S::Routing | S::Building),
            Fact::Expired { .. } => {
                matches!(self.state, S::Pending | S::Routing | S::Building | S::RetryPending { .. })
            }
            Fact::CancelRequested { .. } => self.withdrawal.is_none() && self.cancel_refusal().is_none(),
            Fact::CancelRefused { .. } => self.withdrawal.is_some() && !self.state.is_over(),
            Fact::RetryRequested { .. } => self.retry_refusal(now).is_none(),
        }
    }

    /// Whether a swap is signed of which nothing is in a block.
    fn is_sent(&self) -> bool {
        use State as S;
        matches!(self.state, S::Signed | S::ResendPending { .. } | S::Submitted | S::Unknown { .. })
    }

    /// Whether the open slot has a transaction of this name.
    fn has_signed(&self, hash: &str) -> bool {
        self.open_slot().is_some_and(|slot| slot.find(hash).is_some())
    }

    /// Whether any swap that was ever signed could still take effect, or be undone.
    fn swap_may_land(&self) -> bool {
        self.attempts.iter().filter_map(|attempt| attempt.swap.as_ref()).any(|slot| slot.is_open())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{
        CancelRefusal, Failure, Fate, Intent, Purpose, QuoteAnswer, QuoteLine, RetryRefusal, Step,
        Transaction, View, messages,
        samples::{self, NOW},
    };
    use orderd_sdk::{
        amount::Amount,
        plugin::{BlockRef, HexBytes},
        wire::{ErrorCode, OrderStatus},
    };
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

    fn transaction(hash: &str) -> Transaction {
        Transaction { purpose: Purpose::Execute, raw: HexBytes(vec![1]), hash: hash.to_owned() }
    }

    fn replaced(hash: &str, purpose: Purpose) -> Fact {
        Fact::Replaced { sequence: 3, transaction: Transaction { purpose, ..transaction(hash) } }
    }

    fn block() -> BlockRef {
        BlockRef { number: 7, hash: "0x7".into() }
    }

    fn failure(transient: bool) -> Fact {
        Fact::AttemptFailed(Failure {
            code: ErrorCode::Unavailable,
            error: "why".into(),
            transient,
            delay_ms: 100,
        })
    }

    fn chosen() -> Fact {
        Fact::Chosen { quote: quote(), min_out: Amount::from(8_u64), deadline: 9 }
    }

    fn quotes() -> [Fact; 3] {
        [Fact::QuotesRequested { venues: 1 }, Fact::QuotesReceived { quotes: [quote()].into() }, chosen()]
    }

    fn signed() -> Fact {
        Fact::SwapSigned { sequence: 3, transaction: transaction("0x3") }
    }

    fn included() -> Fact {
        Fact::Included { hash: "0x3".into(), block: block(), received: Amount::from(9_000_001_u64) }
    }

    fn reverted() -> Fact {
        Fact::Reverted { hash: "0x3".into(), block: block(), reason: "price".into() }
    }

    fn dead() -> Fact {
        Fact::Died { reason: "it expired".into(), delay_ms: 5 }
    }

    fn cancelled() -> Fact {
        Fact::CancelRequested { reason: "enough".into() }
    }

    fn approval() -> Fact {
        let (token, spender) = ("SOL".to_owned(), "0xrouter".to_owned());
        Fact::ApprovalSigned { sequence: 2, transaction: transaction("0x2"), token, spender }
    }

    fn approved() -> Fact {
        Fact::ApprovalIncluded { hash: "0x2".into(), block: block() }
    }

    fn live(order: &mut Order, facts: impl IntoIterator<Item = Fact>) -> Vec<&'static str> {
        let before = order.events.len();
        for fact in facts {
            order.apply(fact, NOW).unwrap();
        }
        let new = order.events[before..].iter();
        new.map(|event| event.kind.status().map_or_else(|| event.kind.stage().unwrap(), OrderStatus::as_str))
            .collect()
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
        assert_eq!(order.open_slot().unwrap().newest(), &transaction("0x3"));
        assert_eq!(live(&mut order, [Fact::SendAccepted]), ["submitted"]);
    }

    #[test]
    fn unknown_is_neither_failed_nor_retried() {
        let mut order = order(3, None);
        live(&mut order, quotes());
        let unknown = Fact::Doubted { reason: "time-out".into() };
        assert_eq!(live(&mut order, [signed(), unknown]), ["building", "unknown"]);
        assert_eq!(order.next_step(), Step::Watch);
        assert!(order.apply(Fact::QuotesRequested { venues: 1 }, NOW).is_err());
    }

    #[test]
    fn an_approval_comes_before_the_swap_and_does_not_cost_an_attempt() {
        let mut order = order(1, None);
        live(&mut order, quotes());
        assert_eq!(live(&mut order, [approval()]), ["building"]);
        assert_eq!(order.open_slot().unwrap().newest(), &transaction("0x2"));
        live(&mut order, [approved()]);
        assert_eq!((order.open_slot(), order.next_step()), (None, Step::Execute));
        live(&mut order, quotes());
        assert_eq!(order.attempt, 1);
        live(&mut order, [signed(), included()]);
        assert_eq!(order.state.status(), OrderStatus::Confirmed);
        live(&mut order, [Fact::Final { delay_ms: 0 }]);
        let fates: Vec<_> = order.slots().map(|slot| slot.fate.clone()).collect();
        assert_eq!(fates, [Fate::Passed, Fate::Included { hash: "0x3".into() }]);
        assert!(order.is_at_rest());
    }

    #[test]
    fn an_approval_that_could_be_undone_is_followed_beyond_the_orders_end() {
        let mut order = order(1, None);
        live(&mut order, quotes());
        live(&mut order, [approval(), approved()]);
        live(&mut order, quotes());
        assert_eq!(live(&mut order, [failure(false)]), ["execution-failed", "failed"]);
        assert_eq!((order.next_step(), order.open_slot().unwrap().sequence), (Step::Watch, 2));
        let refusal = RetryRefusal::MayStillLand { hash: "0x2".into(), sequence: 2 };
        assert_eq!(order.retry_refusal(NOW), Some(refusal));
        let bump = Fact::Replaced { sequence: 2, transaction: transaction("0x2b") };
        assert_eq!(live(&mut order, [bump]), ["fee-bump"]);
        assert_eq!(
            (order.open_slot().unwrap().transactions.len(), order.state.status()),
            (2, OrderStatus::Failed)
        );
        let settled = Fact::ApprovalSettled { fate: Fate::Included { hash: "0x2".into() } };
        assert_eq!(live(&mut order, [settled]), [""; 0]);
        assert_eq!((order.is_at_rest(), order.retry_refusal(NOW)), (true, None));
    }

    #[test]
    fn an_approval_that_is_undone_before_the_swap_is_signed_is_followed_again() {
        for failed in [false, true] {
            let mut order = order(3, None);
            live(&mut order, quotes());
            live(&mut order, [approval(), approved()]);
            live(&mut order, quotes());
            if failed {
                live(&mut order, [failure(true)]);
            }
            let undone = Fact::ApprovalUndone { sequence: 2 };
            assert_eq!(live(&mut order, [undone.clone()]), ["building"]);
            assert_eq!((order.next_step(), order.open_slot().unwrap().sequence), (Step::Watch, 2));
            assert!(order.apply(undone, NOW).is_err(), "it is followed already");
            live(&mut order, [approved()]);
            live(&mut order, quotes());
            live(&mut order, [signed()]);
            assert_eq!(order.slot_in_front(Some(2)).unwrap().sequence, 2, "undone again");
            assert_eq!(order.slot_in_front(Some(3)).unwrap().sequence, 3);
            assert!(
                order.apply(Fact::ApprovalUndone { sequence: 2 }, NOW).is_err(),
                "the swap comes with it"
            );
        }
    }

    #[test]
    fn an_order_of_which_nothing_is_signed_is_cancelled_at_once() {
        for facts in [vec![], quotes()[..1].to_vec(), quotes().to_vec()] {
            let mut order = order(3, None);
            live(&mut order, facts);
            assert_eq!(live(&mut order, [cancelled()]), ["cancelled"]);
            assert_eq!(order.cancel_refusal(), Some(CancelRefusal::Over(OrderStatus::Cancelled)));
        }
        let mut waiting = order(3, None);
        live(&mut waiting, quotes());
        live(&mut waiting, [failure(true)]);
        assert_eq!(live(&mut waiting, [cancelled()]), ["cancelled"]);
    }

    #[test]
    fn what_is_included_decides_whether_a_sent_order_is_cancelled() {
        let sent = || {
            let mut order = order(3, None);
            live(&mut order, quotes());
            live(&mut order, [signed(), Fact::SendAccepted]);
            assert_eq!(live(&mut order, [cancelled()]), ["cancel-requested"]);
            assert!(View::latest(&order).cancel_requested);
            assert_eq!(live(&mut order, [replaced("0x3b", Purpose::Void)]), ["voiding"]);
            order
        };
        let mut won = sent();
        let voided = || Fact::Voided { hash: "0x3b".into(), block: block() };
        assert_eq!(live(&mut won, [voided(), Fact::Undone]), ["submitted", "reorged", "submitted"]);
        let end = live(&mut won, [voided(), Fact::Final { delay_ms: 0 }]);
        assert_eq!(end, ["submitted", "cancelled"]);

        let mut lost = sent();
        assert_eq!(live(&mut lost, [included(), Fact::Final { delay_ms: 0 }]), ["confirmed", "finalized"]);
        assert_eq!(lost.cancel_refusal(), Some(CancelRefusal::Executed(OrderStatus::Finalized)));

        let mut harmless = sent();
        let end = live(&mut harmless, [reverted(), Fact::Final { delay_ms: 0 }]);
        assert_eq!(end, ["execution-failed", "cancelled"]);
        let mut overtaken = sent();
        let end = live(&mut overtaken, [Fact::Overtaken { by: "0xf".into(), delay_ms: 0 }]);
        assert_eq!(end, ["execution-failed", "cancelled"]);
    }

    #[test]
    fn a_cancellation_during_an_approval_waits_for_it() {
        let mut order = order(1, None);
        live(&mut order, quotes());
        assert_eq!(live(&mut order, [approval(), cancelled()]), ["building", "cancel-requested"]);
        assert_eq!(live(&mut order, [approved()]), ["building", "cancelled"]);
        assert_eq!(order.next_step(), Step::Watch, "the approval could be undone");
    }

    #[test]
    fn a_chain_that_cannot_take_back_lets_the_order_go_on() {
        let mut order = order(1, None);
        live(&mut order, quotes());
        live(&mut order, [signed(), cancelled()]);
        let refused = Fact::CancelRefused { reason: "no replacements here".into() };
        assert_eq!(live(&mut order, [refused]), ["cancel-refused"]);
        assert!(!View::latest(&order).cancel_requested);
        assert_eq!(live(&mut order, [included(), Fact::Final { delay_ms: 0 }]), ["confirmed", "finalized"]);
    }

    #[test]
    fn a_bumped_swap_is_confirmed_by_whichever_transaction_is_included() {
        for hash in ["0x3", "0x3b"] {
            let mut order = order(1, None);
            live(&mut order, quotes());
            live(&mut order, [signed(), Fact::SendAccepted]);
            assert_eq!(live(&mut order, [replaced("0x3b", Purpose::Execute)]), ["fee-bump"]);
            let received = Amount::from(1_u64);
            live(&mut order, [Fact::Included { hash: hash.into(), block: block(), received }]);
            assert_eq!(View::latest(&order).tx_hash.as_deref(), Some(hash));
        }
    }

    #[test]
    fn an_overtaken_swap_is_tried_again_only_with_proof_of_what_took_its_place() {
        let mut order = order(2, None);
        live(&mut order, quotes());
        live(&mut order, [signed(), Fact::Doubted { reason: "time-out".into() }]);
        let own = Fact::Overtaken { by: "0x3".into(), delay_ms: 5 };
        assert!(order.apply(own, NOW).is_err(), "its own transaction has not overtaken it");
        let life = live(&mut order, [Fact::Overtaken { by: "0xf".into(), delay_ms: 5 }]);
        assert_eq!(life, ["execution-failed", "retry-pending"]);
        assert_eq!(View::latest(&order).last_error_code, Some(ErrorCode::SequenceTaken));
        live(&mut order, quotes());
        live(&mut order, [signed()]);
    }

    #[test]
    fn a_dead_swap_is_tried_again_unless_its_client_does_not_want_it_any_more() {
        for withdrawn in [false, true] {
            let mut order = order(2, None);
            live(&mut order, quotes());
            live(&mut order, [signed(), Fact::Doubted { reason: "time-out".into() }]);
            if withdrawn {
                live(&mut order, [cancelled(), replaced("0x3b", Purpose::Void)]);
            }
            let end = if withdrawn { "cancelled" } else { "retry-pending" };
            assert_eq!(live(&mut order, [dead()]), ["execution-failed", end]);
            assert_eq!(View::latest(&order).last_error_code, Some(ErrorCode::NotIncluded));
            assert!(order.apply(dead(), NOW).is_err(), "once");
            assert!(order.apply(included(), NOW).is_err(), "and for good");
        }
    }

    #[test]
    fn what_is_in_a_block_is_not_dead_before_that_block_is_undone() {
        for fact in [included(), reverted()] {
            let mut order = order(2, None);
            live(&mut order, quotes());
            live(&mut order, [signed(), fact]);
            assert!(order.apply(dead(), NOW).is_err());
            live(&mut order, [Fact::Undone, dead()]);
        }
    }

    #[test]
    fn a_dead_swap_says_nothing_of_the_approval_before_it() {
        let mut order = order(1, None);
        live(&mut order, quotes());
        live(&mut order, [approval(), approved()]);
        live(&mut order, quotes());
        assert_eq!(live(&mut order, [signed(), dead()]), ["building", "execution-failed", "failed"]);
        let fates: Vec<_> = order.slots().map(|slot| slot.fate.clone()).collect();
        assert_eq!((fates, order.next_step()), (vec![Fate::Open, Fate::Dead], Step::Watch));
    }

    #[test]
    fn a_failed_order_is_granted_one_attempt_more() {
        let mut order = order(1, Some(NOW));
        assert_eq!(order.retry_refusal(NOW), Some(RetryRefusal::NotFailed(OrderStatus::Pending)));
        live(&mut order, quotes());
        live(&mut order, [failure(false)]);
        assert_eq!(order.retry_refusal(NOW.plus_millis(1)), Some(RetryRefusal::DeadlinePassed));
        assert_eq!(live(&mut order, [Fact::RetryRequested { queue_position: 4 }]), ["pending"]);
        assert_eq!((order.next_step(), View::latest(&order).max_attempts), (Step::Execute, 2));
        live(&mut order, quotes());
        assert_eq!((order.attempt, View::latest(&order).attempts), (2, 2));
        assert_eq!(live(&mut order, [failure(false)]), ["execution-failed", "failed"]);
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
        prop::sample::select(vec![
            Fact::QuotesRequested { venues: 2 },
            Fact::QuotesReceived { quotes: [quote()].into() },
            chosen(),
            approval(),
            approved(),
            Fact::ApprovalUndone { sequence: 2 },
            Fact::ApprovalReverted { hash: "0x2".into(), reason: "r".into() },
            Fact::ApprovalSettled { fate: Fate::Included { hash: "0x2".into() } },
            replaced("0x3b", Purpose::Void),
            replaced("0x3c", Purpose::Execute),
            Fact::Voided { hash: "0x3b".into(), block: block() },
            Fact::Overtaken { by: "0xf".into(), delay_ms: 1 },
            dead(),
            cancelled(),
            Fact::CancelRefused { reason: "n".into() },
            Fact::RetryRequested { queue_position: 0 },
            signed(),
            Fact::SendAccepted,
            Fact::SendRefused { reason: "r".into(), delay_ms: 1 },
            Fact::Doubted { reason: "u".into() },
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
                let swap_was_open = order.swap_may_land();
                match order.apply(fact.clone(), NOW) {
                    Err(_) => prop_assert_eq!(&order, &before, "a refused fact changes nothing"),
                    Ok(()) => {
                        let by_hand = matches!(
                            fact,
                            Fact::RetryRequested { .. } | Fact::ApprovalSettled { .. } | Fact::Replaced { .. }
                        );
                        prop_assert!(by_hand || !before.state.is_over(), "{:?} left {:?}", fact, before.state);
                        prop_assert!(order.attempt <= order.max_attempts());
                        let is_signed = matches!(fact, Fact::SwapSigned { .. });
                        prop_assert!(!is_signed || !swap_was_open, "one sequence at a time");
                        prop_assert!(!order.state.is_over() || !order.swap_may_land(), "an end is proven");
                    }
                }
                prop_assert!(order.events.iter().zip(1..).all(|(event, seq)| event.seq == seq));
                let told = messages(&order, 1);
                prop_assert_eq!(told.len() as u64, order.seq());
                let latest = View::latest(&order);
                prop_assert_eq!(&told[told.len() - 1].order, &latest);
                prop_assert_eq!(latest.status, order.state.status());
                prop_assert_eq!(latest.cancel_requested, order.withdrawal.is_some());
                prop_assert_eq!(latest.max_attempts, order.max_attempts());
            }
        }
    }
}
