//! What the chain's word on a slot means for its order. Pure: no I/O, no clock.

use crate::order::{Fact, Fate, Order, Purpose, Slot, State};
use orderd_sdk::{
    amount::Amount,
    plugin::{BlockRef, TxStatus},
};

/// Looks in a row that must have found nothing before a block is said to be undone, or proof is asked for that the
/// transactions are dead: behind one endpoint there may be several nodes, and one of them may lag.
pub(super) const LOOKS: u32 = 3;

/// What one look at a slot has found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// One of its transactions is in a block.
    Included(Inclusion),
    /// The chain knows some of them, in no block; perhaps not the newest.
    Pending { newest: bool },
    /// The chain knows none of them.
    Nowhere,
    /// What was said cannot all be true at one moment, or leaves out what was asked: it says nothing.
    Unclear,
}

/// A transaction of a slot in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Inclusion {
    hash: String,
    block: BlockRef,
    effect: Effect,
    finalized: bool,
}

/// What an included transaction has done.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Effect {
    /// What it was for. An approval brings nothing in.
    Executed { received: Option<Amount> },
    /// Nothing, and it should have.
    Reverted { reason: String },
    /// Nothing, as it was meant to.
    Voided,
}

/// What is proven of a sequence whose transactions are nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Proof {
    /// Nothing.
    #[default]
    None,
    /// This transaction, which is none of them, has consumed it for good.
    TakenBy(String),
    /// It is consumed for good, and the chain cannot show by what.
    Missing(String),
    /// The chain has no sequences, and has said of each transaction why it can never take effect.
    Dead(String),
}

/// What follows from a look at an order's open slot.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// What to note, in this order.
    pub(super) facts: Vec<Fact>,
    /// What the lane has to know of the sequence.
    pub(super) place: Option<Place>,
    /// Whether the chain has nothing of the slot's newest transaction, so that its bytes should go out again.
    pub(super) resend: bool,
}

/// What became of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is in a block, or what was signed there is dead.
    Consumed,
    /// It is consumed for good by something that is not ours.
    Lost,
    /// It was, and is not any more.
    Undone,
}

impl Verdict {
    fn nothing() -> Self {
        Self::default()
    }

    fn facts(facts: impl Into<Vec<Fact>>) -> Self {
        Self { facts: facts.into(), ..Self::default() }
    }

    fn consumed(facts: impl Into<Vec<Fact>>) -> Self {
        Self { facts: facts.into(), place: Some(Place::Consumed), resend: false }
    }

    fn lost(facts: impl Into<Vec<Fact>>) -> Self {
        Self { facts: facts.into(), place: Some(Place::Lost), resend: false }
    }

    fn missing() -> Self {
        Self { resend: true, ..Self::default() }
    }
}

/// Reads what the chain said of each transaction of a slot, in their order.
pub(super) fn sight(slot: &Slot, statuses: &[TxStatus]) -> Sight {
    let mut included = slot.transactions.iter().zip(statuses).filter_map(|(transaction, status)| {
        let voids = transaction.purpose == Purpose::Void;
        let (block, finalized, effect) = match status {
            TxStatus::NotFound | TxStatus::Pending | TxStatus::Dead { .. } => return None,
            TxStatus::Succeeded { block, finalized, .. } if voids => (block, finalized, Effect::Voided),
            TxStatus::Reverted { block, finalized, .. } if voids => (block, finalized, Effect::Voided),
            TxStatus::Succeeded { block, finalized, received } => {
                (block, finalized, Effect::Executed { received: *received })
            }
            TxStatus::Reverted { block, finalized, reason } => {
                (block, finalized, Effect::Reverted { reason: reason.clone() })
            }
        };
        let (hash, block) = (transaction.hash.clone(), block.clone());
        Some(Inclusion { hash, block, effect, finalized: *finalized })
    });
    match (included.next(), included.next()) {
        (Some(only), None) => Sight::Included(only),
        (Some(_), Some(_)) => Sight::Unclear,
        (None, _) => match statuses {
            [.., TxStatus::Pending] => Sight::Pending { newest: true },
            _ if statuses.contains(&TxStatus::Pending) => Sight::Pending { newest: false },
            _ => Sight::Nowhere,
        },
    }
}

/// Why nothing of a slot can ever take effect, where the chain says that of each of its transactions. To the eye they
/// are nowhere.
pub(super) fn death(statuses: &[TxStatus]) -> Option<String> {
    let reason = |status: &TxStatus| match status {
        TxStatus::Dead { reason } => Some(reason.clone()),
        TxStatus::NotFound | TxStatus::Pending | TxStatus::Succeeded { .. } | TxStatus::Reverted { .. } => {
            None
        }
    };
    statuses.iter().map(reason).collect::<Option<Vec<_>>>()?.pop()
}

/// Judges the open slot of an order. `misses` counts the looks in a row, without this one, that found nothing;
/// `delay_ms` is how long another attempt would wait.
pub(super) fn judge(order: &Order, sight: Sight, proof: Proof, misses: u32, delay_ms: u64) -> Verdict {
    if sight == Sight::Unclear {
        return Verdict::nothing();
    }
    match &order.state {
        State::Approving => judge_approval(sight, proof, delay_ms),
        State::Signed | State::ResendPending { .. } | State::Submitted | State::Unknown { .. } => {
            judge_open(&order.state, sight, proof, delay_ms)
        }
        State::Confirmed { hash, block }
        | State::Reverted { hash, block, .. }
        | State::Voided { hash, block } => judge_included(hash, block, sight, misses, delay_ms),
        State::Failed | State::Cancelled | State::Expired | State::Finalized => judge_leftover(sight, proof),
        State::Pending | State::Routing | State::Building | State::RetryPending { .. } => Verdict::nothing(),
    }
}

fn judge_approval(sight: Sight, proof: Proof, delay_ms: u64) -> Verdict {
    match sight {
        Sight::Included(Inclusion { hash, effect: Effect::Reverted { reason }, finalized: true, .. }) => {
            Verdict::consumed([Fact::ApprovalReverted { hash, reason }])
        }
        Sight::Included(Inclusion { effect: Effect::Reverted { .. }, .. }) => Verdict::consumed([]),
        Sight::Included(Inclusion { hash, block, .. }) => {
            Verdict::consumed([Fact::ApprovalIncluded { hash, block }])
        }
        Sight::Pending { newest } => Verdict { resend: !newest, ..Verdict::default() },
        Sight::Nowhere => match proof {
            Proof::TakenBy(by) => Verdict::lost([Fact::Overtaken { by, delay_ms }]),
            Proof::Dead(reason) => Verdict::consumed([Fact::Died { reason, delay_ms }]),
            Proof::Missing(_) => Verdict::lost([]),
            Proof::None => Verdict::missing(),
        },
        Sight::Unclear => Verdict::nothing(),
    }
}

fn judge_open(state: &State, sight: Sight, proof: Proof, delay_ms: u64) -> Verdict {
    match sight {
        Sight::Included(inclusion) => match inclusion.facts(delay_ms) {
            Some(facts) => Verdict::consumed(facts),
            None => Verdict::nothing(),
        },
        Sight::Pending { newest } => {
            let known = matches!(state, State::Submitted);
            let facts = if known { Vec::new() } else { vec![Fact::SendAccepted] };
            Verdict { facts, place: None, resend: !newest }
        }
        Sight::Nowhere => match proof {
            Proof::TakenBy(by) => Verdict::lost([Fact::Overtaken { by, delay_ms }]),
            Proof::Dead(reason) => Verdict::consumed([Fact::Died { reason, delay_ms }]),
            Proof::Missing(_) if matches!(state, State::Unknown { .. }) => Verdict::lost([]),
            Proof::Missing(reason) => Verdict::lost([Fact::Doubted { reason }]),
            Proof::None => Verdict::missing(),
        },
        Sight::Unclear => Verdict::nothing(),
    }
}

/// A transaction of the slot was in a block at the last look: it stays, moves to another block, gives way to another of
/// the slot, or is open again. A chain that has nothing of it may be a node that lags.
fn judge_included(hash: &str, at: &BlockRef, sight: Sight, misses: u32, delay_ms: u64) -> Verdict {
    let undone = || Verdict { facts: vec![Fact::Undone], place: Some(Place::Undone), resend: false };
    match sight {
        Sight::Included(inclusion) if inclusion.hash == hash && inclusion.block == *at => {
            Verdict::facts(inclusion.finality(delay_ms))
        }
        Sight::Included(inclusion) => match inclusion.facts(delay_ms) {
            Some(facts) => Verdict::facts([vec![Fact::Undone], facts].concat()),
            None => Verdict::nothing(),
        },
        Sight::Pending { newest } => Verdict { resend: !newest, ..undone() },
        Sight::Nowhere if misses >= LOOKS => Verdict { resend: true, ..undone() },
        Sight::Nowhere | Sight::Unclear => Verdict::nothing(),
    }
}

/// The order is over, and an approval of it could still be undone.
fn judge_leftover(sight: Sight, proof: Proof) -> Verdict {
    let settled = |fate| Verdict::consumed([Fact::ApprovalSettled { fate }]);
    match sight {
        Sight::Included(Inclusion { hash, finalized: true, .. }) => settled(Fate::Included { hash }),
        Sight::Included(_) | Sight::Unclear => Verdict::nothing(),
        Sight::Pending { newest } => Verdict { resend: !newest, ..Verdict::default() },
        Sight::Nowhere => match proof {
            Proof::TakenBy(by) => Verdict::lost([Fact::ApprovalSettled { fate: Fate::Overtaken { by } }]),
            Proof::Dead(_) => settled(Fate::Dead),
            // No effect of it is waited for: that its sequence is consumed is all that matters.
            Proof::Missing(_) => Verdict::lost([Fact::ApprovalSettled { fate: Fate::Passed }]),
            Proof::None => Verdict::missing(),
        },
    }
}

impl Inclusion {
    /// What it means for an order whose slot was open. Nothing where the chain does not say what was received: its
    /// plugin is at fault, and the order stays open rather than claim an amount.
    fn facts(self, delay_ms: u64) -> Option<Vec<Fact>> {
        let finality = self.finality(delay_ms);
        let Self { hash, block, effect, .. } = self;
        let fact = match effect {
            Effect::Executed { received } => Fact::Included { hash, block, received: received? },
            Effect::Reverted { reason } => Fact::Reverted { hash, block, reason },
            Effect::Voided => Fact::Voided { hash, block },
        };
        Some([vec![fact], finality].concat())
    }

    fn finality(&self, delay_ms: u64) -> Vec<Fact> {
        Vec::from_iter(self.finalized.then_some(Fact::Final { delay_ms }))
    }

    /// Whether the chain has not said what the transaction brought in, though it was asked.
    pub(super) fn lacks_amount(&self) -> bool {
        matches!(self.effect, Effect::Executed { received: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{
        Attempt, Transaction,
        samples::{self, NOW},
    };
    use orderd_sdk::plugin::HexBytes;
    use std::sync::Arc;

    const DELAY: u64 = 50;

    /// A slot with the swap, its bump and a transaction without effect.
    fn slot() -> Slot {
        let signed = |purpose, hash: &str| {
            let (raw, hash) = (HexBytes(vec![1]), hash.to_owned());
            Transaction { purpose, raw, hash }
        };
        let mut slot = Slot::new(5, signed(Purpose::Execute, "swap"));
        slot.transactions.push(signed(Purpose::Execute, "bump"));
        slot.transactions.push(signed(Purpose::Void, "void"));
        slot
    }

    fn order(state: State) -> Order {
        let mut order = samples::accepted(samples::intent());
        let (dex, min_out) = ("d".to_owned(), Amount::ZERO);
        let (approval, swap) = (Some(slot()), Some(slot()));
        let attempt = Attempt { number: 1, dex, min_out, deadline: 0, approval, swap };
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

    fn reverted(number: u64, finalized: bool) -> TxStatus {
        TxStatus::Reverted { block: block(number), reason: "price".into(), finalized }
    }

    /// What the chain says of the swap, when it knows nothing of the others.
    fn of_swap(status: TxStatus) -> [TxStatus; 3] {
        [status, TxStatus::NotFound, TxStatus::NotFound]
    }

    fn of_void(status: TxStatus) -> [TxStatus; 3] {
        [TxStatus::NotFound, TxStatus::NotFound, status]
    }

    fn name(fact: &Fact) -> &'static str {
        match fact {
            Fact::Included { .. } => "included",
            Fact::Reverted { .. } => "reverted",
            Fact::Voided { .. } => "voided",
            Fact::Final { .. } => "final",
            Fact::Undone => "undone",
            Fact::SendAccepted => "accepted",
            Fact::Doubted { .. } => "doubted",
            Fact::Overtaken { .. } => "overtaken",
            Fact::Died { .. } => "dead",
            Fact::ApprovalIncluded { .. } => "approved",
            Fact::ApprovalReverted { .. } => "give up",
            Fact::ApprovalSettled { .. } => "settled",
            Fact::QuotesRequested { .. }
            | Fact::QuotesReceived { .. }
            | Fact::Chosen { .. }
            | Fact::ApprovalSigned { .. }
            | Fact::ApprovalUndone { .. }
            | Fact::SwapSigned { .. }
            | Fact::Replaced { .. }
            | Fact::SendRefused { .. }
            | Fact::AttemptFailed(_)
            | Fact::Expired { .. }
            | Fact::CancelRequested { .. }
            | Fact::CancelRefused { .. }
            | Fact::RetryRequested { .. } => panic!("a look at the chain cannot tell {fact:?}"),
        }
    }

    #[test]
    fn what_is_said_of_several_transactions_is_one_sight() {
        use TxStatus::{NotFound, Pending};
        let see = |statuses: [TxStatus; 3]| sight(&slot(), &statuses);
        assert_eq!(see([NotFound, NotFound, NotFound]), Sight::Nowhere);
        assert_eq!(see([NotFound, NotFound, Pending]), Sight::Pending { newest: true });
        assert_eq!(see([Pending, NotFound, NotFound]), Sight::Pending { newest: false });
        assert_eq!(
            see([Pending, succeeded(5, true), Pending]),
            see([NotFound, succeeded(5, true), NotFound])
        );
        assert_eq!(see([succeeded(5, true), NotFound, succeeded(6, true)]), Sight::Unclear);
        // A transaction that should do nothing has done its work however it ended.
        assert_eq!(see(of_void(reverted(5, false))), see(of_void(succeeded(5, false))));
    }

    #[test]
    fn a_slot_is_dead_only_when_all_of_it_is() {
        use TxStatus::{NotFound, Pending};
        let dead = || TxStatus::Dead { reason: "expired".into() };
        assert_eq!(death(&[dead(), dead(), dead()]).as_deref(), Some("expired"));
        for alive in [NotFound, Pending, succeeded(5, true), reverted(5, true)] {
            assert_eq!(death(&[dead(), alive.clone(), dead()]), None, "{alive:?}");
            let one = [dead(), alive.clone(), NotFound];
            assert_eq!(sight(&slot(), &one), sight(&slot(), &[NotFound, alive, NotFound]));
        }
        assert_eq!(death(&[]), None);
        assert_eq!(sight(&slot(), &[dead(), dead(), dead()]), Sight::Nowhere);
    }

    #[test]
    fn every_word_of_the_chain_has_its_meaning() {
        use Place::{Consumed, Lost, Undone};
        let (none, taken) = (Proof::None, Proof::TakenBy("0xf".into()));
        let (missing, dead) = (Proof::Missing("pruned".into()), Proof::Dead("expired".into()));
        let nowhere = [const { TxStatus::NotFound }; 3];
        let unknown = State::Unknown { since: NOW };
        let resend = State::ResendPending { due: NOW };
        let confirmed = State::Confirmed { hash: "swap".into(), block: block(5) };
        let failed = State::Reverted { hash: "swap".into(), block: block(5), reason: "price".into() };
        let voided = State::Voided { hash: "void".into(), block: block(5) };
        let pending = of_swap(TxStatus::Pending);
        let newest = of_void(TxStatus::Pending);
        // state, words, proof, looks that found nothing before → facts, place, resend
        type Case<'a> = (&'a State, &'a [TxStatus; 3], &'a Proof, u32, &'a [&'a str], Option<Place>, bool);
        let cases: &[Case<'_>] = &[
            (&State::Signed, &nowhere, &none, 9, &[], None, true),
            (&State::Signed, &pending, &none, 0, &["accepted"], None, true),
            (&State::Signed, &newest, &none, 0, &["accepted"], None, false),
            (&unknown, &nowhere, &none, 99, &[], None, true),
            (&unknown, &nowhere, &taken, 9, &["overtaken"], Some(Lost), false),
            (&unknown, &nowhere, &missing, 9, &[], Some(Lost), false),
            (&State::Submitted, &nowhere, &missing, 9, &["doubted"], Some(Lost), false),
            (&State::Submitted, &nowhere, &dead, 9, &["dead"], Some(Consumed), false),
            (&unknown, &nowhere, &dead, 9, &["dead"], Some(Consumed), false),
            (&unknown, &pending, &dead, 9, &["accepted"], None, true),
            (&confirmed, &nowhere, &dead, LOOKS, &["undone"], Some(Undone), true),
            (&State::Approving, &nowhere, &dead, 9, &["dead"], Some(Consumed), false),
            (&State::Cancelled, &nowhere, &dead, 9, &["settled"], Some(Consumed), false),
            (&unknown, &newest, &none, 0, &["accepted"], None, false),
            (&State::Submitted, &newest, &none, 0, &[], None, false),
            (&resend, &of_swap(succeeded(5, false)), &none, 0, &["included"], Some(Consumed), false),
            (
                &State::Submitted,
                &of_swap(succeeded(5, true)),
                &none,
                0,
                &["included", "final"],
                Some(Consumed),
                false,
            ),
            (&State::Submitted, &of_swap(reverted(5, false)), &none, 0, &["reverted"], Some(Consumed), false),
            (
                &State::Submitted,
                &of_swap(reverted(5, true)),
                &none,
                0,
                &["reverted", "final"],
                Some(Consumed),
                false,
            ),
            (
                &State::Submitted,
                &of_void(succeeded(5, true)),
                &none,
                0,
                &["voided", "final"],
                Some(Consumed),
                false,
            ),
            (&confirmed, &of_swap(succeeded(5, false)), &none, 0, &[], None, false),
            (&confirmed, &of_swap(succeeded(5, true)), &none, 0, &["final"], None, false),
            (&confirmed, &of_swap(succeeded(6, false)), &none, 0, &["undone", "included"], None, false),
            (&confirmed, &of_swap(reverted(6, false)), &none, 0, &["undone", "reverted"], None, false),
            (&confirmed, &of_void(succeeded(6, true)), &none, 0, &["undone", "voided", "final"], None, false),
            (&confirmed, &pending, &none, 0, &["undone"], Some(Undone), true),
            (&confirmed, &nowhere, &none, 0, &[], None, false),
            (&confirmed, &nowhere, &taken, LOOKS, &["undone"], Some(Undone), true),
            (&failed, &of_swap(reverted(5, true)), &none, 0, &["final"], None, false),
            (&failed, &of_swap(succeeded(6, false)), &none, 0, &["undone", "included"], None, false),
            (&voided, &of_void(succeeded(5, true)), &none, 0, &["final"], None, false),
            (&voided, &of_swap(succeeded(6, false)), &none, 0, &["undone", "included"], None, false),
            (
                &State::Approving,
                &of_swap(succeeded(5, false)),
                &none,
                0,
                &["approved"],
                Some(Consumed),
                false,
            ),
            (&State::Approving, &of_swap(reverted(5, false)), &none, 0, &[], Some(Consumed), false),
            (&State::Approving, &of_swap(reverted(5, true)), &none, 0, &["give up"], Some(Consumed), false),
            (&State::Approving, &nowhere, &none, 9, &[], None, true),
            (&State::Approving, &nowhere, &taken, 9, &["overtaken"], Some(Lost), false),
            (&State::Failed, &of_swap(succeeded(5, false)), &none, 0, &[], None, false),
            (&State::Failed, &of_swap(succeeded(5, true)), &none, 0, &["settled"], Some(Consumed), false),
            (&State::Cancelled, &nowhere, &none, 9, &[], None, true),
            (&State::Cancelled, &nowhere, &taken, 9, &["settled"], Some(Lost), false),
            (&State::Expired, &nowhere, &missing, 9, &["settled"], Some(Lost), false),
            (&State::Pending, &of_swap(succeeded(5, true)), &none, 0, &[], None, false),
        ];
        for (state, words, proof, misses, facts, place, resend) in cases {
            let sight = sight(&slot(), *words);
            let verdict = judge(&order((*state).clone()), sight, (*proof).clone(), *misses, DELAY);
            let seen: Vec<_> = verdict.facts.iter().map(name).collect();
            assert_eq!(
                (seen, verdict.place, verdict.resend),
                (facts.to_vec(), *place, *resend),
                "{state:?} {words:?} {proof:?}"
            );
        }
    }

    #[test]
    fn success_without_an_amount_and_contradictions_leave_an_order_as_it_is() {
        let silent = TxStatus::Succeeded { block: block(5), received: None, finalized: true };
        let both = [succeeded(5, true), succeeded(6, true), TxStatus::NotFound];
        for words in [of_swap(silent), both] {
            let sight = sight(&slot(), &words);
            assert_eq!(judge(&order(State::Submitted), sight, Proof::None, 9, DELAY), Verdict::default());
        }
    }
}
