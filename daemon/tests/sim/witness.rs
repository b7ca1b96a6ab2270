//! Sees everything that becomes durable, and checks it against what was durable before and against the chain's truth.

use crate::{
    chain::{Signed, Truth, address_of},
    laws::{Broken, Law},
    signatures::{Signature, signatures},
};
use orderd::{
    order::{EventKind, Lane, Order, OrderId, State},
    store::{Change, Committed},
    stream::Numbered,
};
use orderd_sdk::{plugin::SendRequest, wire::OrderStatus};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What is on stable storage, and what readers were told of it.
#[derive(Default)]
pub(crate) struct Witness {
    orders: BTreeMap<OrderId, Arc<Order>>,
    /// By hash.
    signed: BTreeMap<String, Signature>,
    owners: BTreeMap<(Lane, u64), OrderId>,
    cursor: u64,
    /// What was told of an event, by order and number.
    told: BTreeMap<(OrderId, u64), Vec<u8>>,
    /// Where orders have stood.
    pub(crate) statuses: BTreeSet<OrderStatus>,
    /// Open sequences of a lane at the most.
    max_pending: usize,
}

impl Witness {
    pub(crate) fn new(max_pending: u64) -> Self {
        Self { max_pending: usize::try_from(max_pending).expect("it is small"), ..Self::default() }
    }

    pub(crate) fn order(&self, id: OrderId) -> Option<&Arc<Order>> {
        self.orders.get(&id)
    }

    pub(crate) fn orders(&self) -> impl Iterator<Item = &Arc<Order>> {
        self.orders.values()
    }

    pub(crate) fn signed(&self, hash: &str) -> Option<&Signature> {
        self.signed.get(hash)
    }

    /// A change is handed to the store: a swap at a new sequence needs the death of all earlier ones.
    pub(crate) fn check_change(&self, change: &Change, chain: &Truth) -> Result<(), Broken> {
        let order = &change.order;
        for new in signatures(order).filter(|signature| !self.signed.contains_key(&signature.hash)) {
            for old in signatures(order).filter(|old| old.sequence != new.sequence) {
                let is_dead = !(new.is_swap() && old.is_swap() && chain.may_have_effect(&old));
                Law::OldSignaturesAreDead.holds(is_dead, || {
                    let (new, old) = (new.sequence, old.sequence);
                    format!("{} signs at sequence {new}, and its swap at {old} may have effect", order.id)
                })?;
            }
        }
        Ok(())
    }

    /// An order became durable.
    pub(crate) fn became_durable(&mut self, committed: &Committed, chain: &Truth) -> Result<(), Broken> {
        let order = &committed.order;
        self.check_history(committed)?;
        for signature in signatures(order) {
            let place = (signature.lane.clone(), signature.sequence);
            let owner = *self.owners.entry(place).or_insert(order.id);
            Law::OneOrderPerSequence.holds(owner == order.id, || {
                format!(
                    "{owner} and {} signed at sequence {} of {}",
                    order.id, signature.sequence, signature.lane
                )
            })?;
            self.signed.entry(signature.hash.clone()).or_insert(signature);
        }
        self.check_pending(&order.lane(), chain)?;
        if order.state.is_over() {
            check_end(order, chain)?;
        }
        self.statuses.insert(order.state.status());
        self.orders.insert(order.id, order.clone());
        Ok(())
    }

    fn check_pending(&self, lane: &Lane, chain: &Truth) -> Result<(), Broken> {
        if !chain.is_numbered() {
            let open = self.signed.values().filter(|of| of.lane == *lane && chain.is_pending(of));
            let pending = open.map(|signature| signature.sequence).collect::<BTreeSet<_>>().len();
            return Law::PendingIsBounded
                .holds(pending <= self.max_pending, || format!("{lane} has {pending} open orders"));
        }
        let open = (lane.clone(), chain.reached(&address_of(&lane.account)))..=(lane.clone(), u64::MAX);
        let pending = self.owners.range(open).count();
        Law::PendingIsBounded
            .holds(pending <= self.max_pending, || format!("{lane} has {pending} open sequences"))
    }

    fn check_history(&mut self, committed: &Committed) -> Result<(), Broken> {
        let Committed { order, first_new } = committed;
        let before = self.orders.get(&order.id);
        let known = before.map(|before| before.events.as_slice()).unwrap_or_default();
        let kept = order.events.get(..known.len()).is_some_and(|events| events == known);
        Law::HistoryIsDense.holds(kept && *first_new <= known.len(), || {
            format!("{} had {} events, and a change carries those from {first_new} on", order.id, known.len())
        })?;
        let new = &order.events[known.len()..];
        let tried_again = new.iter().any(|event| matches!(event.kind, EventKind::Requeued { .. }));
        let left = before.filter(|before| before.state.is_over() && before.state != order.state);
        let may_leave = left.is_none_or(|before| before.state == State::Failed && tried_again);
        Law::OverIsOver.holds(may_leave, || format!("{} was over, and is {:?}", order.id, order.state))?;
        for (event, seq) in order.events.iter().zip(1..).skip(known.len()) {
            Law::HistoryIsDense.holds(event.seq == seq && event.cursor.get() > self.cursor, || {
                format!("event {seq} of {} has number {} and cursor {:?}", order.id, event.seq, event.cursor)
            })?;
            self.cursor = event.cursor.get();
        }
        Ok(())
    }

    /// Bytes leave the engine.
    pub(crate) fn check_send(&self, request: &SendRequest) -> Result<(), Broken> {
        let is_durable = self.signed.get(&request.hash).is_some_and(|signature| {
            let bytes = Signed::read(&request.raw.0);
            signature.raw == request.raw && bytes.is_some_and(|bytes| bytes.sequence == signature.sequence)
        });
        Law::WriteAhead.holds(is_durable, || format!("{} leaves, and is not in the store", request.hash))
    }

    /// A reader is told of an event.
    pub(crate) fn check_frame(&mut self, id: OrderId, expected: u64, frame: &Numbered) -> Result<(), Broken> {
        let told = |what: &str| format!("of {id}, event {expected} is next: {} is told {what}", frame.seq);
        Law::StreamIsTrue.holds(frame.seq == expected, || told("out of turn"))?;
        let index = usize::try_from(frame.seq - 1).expect("an index fits");
        let event = self.orders.get(&id).and_then(|order| order.events.get(index));
        let is_durable = event.is_some_and(|event| event.cursor.get() == frame.cursor);
        Law::StreamIsTrue.holds(is_durable, || told("before it is durable"))?;
        let before = self.told.entry((id, frame.seq)).or_insert_with(|| frame.frame.json().to_vec());
        Law::StreamIsTrue.holds(before == frame.frame.json(), || told("in two ways"))
    }
}

/// An order has come to its end: the chain has to agree, for good.
fn check_end(order: &Order, chain: &Truth) -> Result<(), Broken> {
    let amount = u64::try_from(order.intent.amount_in.0).expect("simulations trade small amounts");
    let effects = chain.effects(amount);
    if matches!(order.state, State::Finalized) {
        let told = order.events.iter().rev().find_map(|event| {
            let EventKind::Confirmed { amount_out, .. } = &event.kind else {
                return None;
            };
            u64::try_from(amount_out.0).ok()
        });
        let is_so = effects.for_now.is_empty()
            && Some(effects.for_good.as_slice()) == told.as_ref().map(std::slice::from_ref);
        return Law::ExactlyOnce.holds(is_so, || {
            format!("{} is finalized with {told:?}, and the chain has {effects:?}", order.id)
        });
    }
    let alive = signatures(order).find(|signature| signature.is_swap() && chain.may_have_effect(signature));
    Law::ExactlyOnce.holds(alive.is_none(), || {
        format!("{} is {:?}, and its swap {alive:?} may have effect or has it", order.id, order.state)
    })
}
