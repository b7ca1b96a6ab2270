//! The way of bytes from the daemon to the chain's nodes: they arrive late, twice, or never.

use super::{Signed, Truth, bytes::hash_of};
use crate::{
    faults::{Fault, Weather},
    trace::Trace,
};
use std::collections::BTreeMap;

/// Bytes that are on their way. A crash of the daemon does not call them back.
#[derive(Default)]
pub(crate) struct Network {
    /// By when they arrive.
    on_their_way: BTreeMap<(u64, u64), Vec<u8>>,
    /// What the node said, by ticket.
    reactions: BTreeMap<u64, Reaction>,
    tickets: u64,
}

/// What a node makes of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// It has them, now or from before.
    Has,
    /// Another transaction has the place, and these do not bid enough to replace it.
    Underpriced,
    /// The account is past their sequence.
    SequenceTooLow,
    /// They are no transaction.
    Nonsense,
}

impl Network {
    pub(super) fn next_arrival(&self) -> Option<u64> {
        self.on_their_way.keys().next().map(|(at, _)| *at)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.on_their_way.is_empty()
    }

    /// Bytes leave the daemon. The ticket asks for the reaction once they have arrived.
    pub(super) fn post(&mut self, raw: &[u8], arrives_at: u64) -> u64 {
        self.tickets += 1;
        self.on_their_way.insert((arrives_at, self.tickets), raw.to_vec());
        self.tickets
    }

    pub(super) fn reaction(&mut self, ticket: u64) -> Option<Reaction> {
        self.reactions.remove(&ticket)
    }
}

impl Truth {
    /// The next bytes on their way arrive at the node.
    pub(super) fn receive(&mut self, at: u64, weather: &mut Weather, trace: &mut Trace) {
        let ((_, ticket), raw) = self.network.on_their_way.pop_first().expect("something arrives");
        let reaction = self.react(&raw, weather);
        trace.note(|| {
            let sequence = Signed::read(&raw).map(|signed| signed.sequence);
            format!("at {at} node receives {} {sequence:?}: {reaction:?}", hash_of(&raw))
        });
        self.network.reactions.insert(ticket, reaction);
        if weather.strikes(Fault::Echo) {
            self.network.post(&raw, at + weather.chance.between(1..=5_000));
        }
    }

    fn react(&mut self, raw: &[u8], weather: &mut Weather) -> Reaction {
        let Some(signed) = Signed::read(raw) else {
            return Reaction::Nonsense;
        };
        let hash = hash_of(raw);
        let place = (signed.address.clone(), signed.sequence);
        if self.tip().accounts[&signed.address].sequence > signed.sequence {
            let has = self.places.contains_key(&hash);
            return if has { Reaction::Has } else { Reaction::SequenceTooLow };
        }
        if let Some(other) = self.pool.get(&place).filter(|other| **other != hash) {
            let needed = outbid(self.known[other].unsigned.bid);
            if signed.unsigned.bid < needed {
                return Reaction::Underpriced;
            }
        }
        self.known.insert(hash.clone(), signed);
        if !weather.strikes(Fault::Forgotten) {
            self.pool.insert(place, hash);
        }
        Reaction::Has
    }
}

/// The least bid that takes the place of one of so much: a tenth more.
pub(super) fn outbid(bid: u64) -> u64 {
    bid + bid.div_ceil(10)
}
