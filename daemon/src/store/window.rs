//! Everything that is written at once: the changes that waited together, merged.

use super::{Applied, Change, Claim, Committed, LaneAdvance, StoreError, records::Owner};
use crate::order::{Event, Lane, Order, OrderId};
use rustc_hash::FxHashMap;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// Changes of one window. Those of one order are one change, which stands where the first of them stood.
#[derive(Debug, Default)]
pub(super) struct Window {
    orders: Vec<Committed>,
    places: FxHashMap<OrderId, usize>,
    lanes: BTreeMap<Lane, u64>,
    claims: HashMap<String, Owner>,
}

/// A window that takes nothing more.
#[derive(Debug)]
pub(super) struct Merged {
    /// The last version of every order, in the order of the log.
    pub(super) orders: Vec<Committed>,
    /// The lanes that moved.
    pub(super) lanes: Vec<LaneAdvance>,
    /// The idempotency keys that were claimed.
    pub(super) claims: HashMap<String, Owner>,
}

impl Window {
    /// Takes a change, unless its idempotency key has an owner already: in this window, or as `find_owner` knows.
    ///
    /// # Errors
    /// Only those of `find_owner`; nothing of the change is taken then.
    pub(super) fn take(
        &mut self,
        change: Change,
        find_owner: impl FnOnce(&str) -> Result<Option<Owner>, StoreError>,
    ) -> Result<Applied, StoreError> {
        if let Some(claim) = change.claim {
            let applied = self.claim(claim, &change.order, find_owner)?;
            if applied != Applied::Kept {
                return Ok(applied);
            }
        }
        if let Some(to) = change.lane {
            self.lanes.insert(to.lane, to.next);
        }
        self.merge(Committed { order: change.order, first_new: change.first_new });
        Ok(Applied::Kept)
    }

    fn claim(
        &mut self,
        claim: Claim,
        order: &Order,
        find_owner: impl FnOnce(&str) -> Result<Option<Owner>, StoreError>,
    ) -> Result<Applied, StoreError> {
        let owner = match self.claims.get(&claim.key) {
            Some(owner) => Some(owner.clone()),
            None => find_owner(&claim.key)?,
        };
        match owner {
            Some(owner) if owner.order != order.id => {
                Ok(Applied::Claimed { by: owner.order, same_request: owner.fingerprint == claim.fingerprint })
            }
            Some(_) => Ok(Applied::Kept),
            None => {
                let accepted = order.events.first().map(|event| event.at).unwrap_or_default();
                let owner = Owner { order: order.id, fingerprint: claim.fingerprint, accepted };
                self.claims.insert(claim.key, owner);
                Ok(Applied::Kept)
            }
        }
    }

    fn merge(&mut self, later: Committed) {
        let next = self.orders.len();
        let place = *self.places.entry(later.order.id).or_insert(next);
        match self.orders.get_mut(place) {
            Some(earlier) => {
                // So the first new event of the two is the earlier change's, which stays.
                debug_assert!(later.first_new >= earlier.first_new, "an order only moves on");
                earlier.order = later.order;
            }
            None => self.orders.push(later),
        }
    }

    /// The result.
    pub(super) fn close(self) -> Merged {
        let lanes = self.lanes.into_iter();
        Merged {
            orders: self.orders,
            lanes: lanes.map(|(lane, next)| LaneAdvance { lane, next }).collect(),
            claims: self.claims,
        }
    }
}

impl Merged {
    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.lanes.is_empty() && self.claims.is_empty()
    }

    /// Gives every new event its cursor, counting on from the last one; returns the new last one.
    pub(super) fn place_events(&self, last_cursor: u64) -> u64 {
        let new = self.orders.iter().flat_map(Committed::new_events);
        new.fold(last_cursor, |last, event| {
            event.cursor.set(last + 1);
            last + 1
        })
    }
}

impl Committed {
    /// The events that no earlier window carried.
    pub(super) fn new_events(&self) -> &[Arc<Event>] {
        self.order.events.get(self.first_new..).unwrap_or_default()
    }
}
