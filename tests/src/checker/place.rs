//! How far a subscription has told its orders' lives.

use super::{
    violation::{Named, Wrong},
    wish::Wish,
};
use orderd_sdk::wire::{Delivery, OrderMessage, Since};
use std::collections::{BTreeMap, BTreeSet};

/// What a subscription has told so far, and so what comes next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// It tells its events in the order of cursors.
    Line(Line),
    /// It continues each order by itself.
    Lives(Lives),
}

/// A place among all events that are asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line {
    /// Index of the event that comes next, unless a snapshot has covered it.
    next: usize,
    /// It goes on after this cursor.
    base: u64,
    /// Orders that a snapshot has shown as of a later event than `base`, and that event.
    shown: BTreeMap<String, u64>,
    /// Orders of which an event was left out in favour of a later one that is still to come.
    owed: BTreeSet<String>,
}

/// A place in each order's life.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Lives {
    /// The last event that is known of each order.
    pub(super) at: BTreeMap<String, u64>,
    /// Of other orders, only events after this one are told; none while they have to be shown first.
    pub(super) floor: Option<u64>,
}

impl Place {
    /// Whether this event comes next.
    pub(super) fn accepts(&self, wish: &Wish<'_>, event: &OrderMessage) -> Result<(), Wrong> {
        match self {
            Self::Line(line) => line.accepts(wish, event),
            Self::Lives(lives) => lives.accepts(wish, event),
        }
    }

    /// The event was told, whether it was its turn or not.
    pub(super) fn take(&mut self, wish: &Wish<'_>, event: &OrderMessage) {
        match self {
            Self::Line(line) => line.take(wish, event),
            Self::Lives(lives) => {
                let at = lives.at.entry(event.order_id.clone()).or_default();
                *at = event.seq.max(*at);
            }
        }
    }

    /// The first event up to this cursor that was not told and is not made up for by anything.
    pub(super) fn missing(&self, wish: &Wish<'_>, cursor: u64) -> Option<Named> {
        match self {
            Self::Line(line) => line.missing(wish, cursor),
            Self::Lives(lives) => {
                let mut due = wish.filter.ids.iter().filter_map(|id| lives.due(wish, id));
                due.find(|event| event.cursor <= cursor).map(Named::of)
            }
        }
    }

    /// What is lost to a client that goes on from here.
    pub(super) fn lost(&self, wish: &Wish<'_>, since: &Since) -> Option<Named> {
        match (since, self) {
            (Since::Cursor { cursor, .. }, _) => self.missing(wish, *cursor),
            (Since::Seq { seq }, Self::Line(line)) => {
                let mut rest = wish.line[line.next..].iter().filter(|event| !line.covers(event));
                rest.find(|event| seq.get(&event.order_id).is_some_and(|seq| event.seq <= *seq))
                    .map(|event| Named::of(event))
            }
            (Since::Seq { seq }, Self::Lives(lives)) => seq
                .iter()
                .find_map(|(id, seq)| lives.due(wish, id).filter(|event| event.seq <= *seq).map(Named::of)),
        }
    }

    /// The cursor after which it goes on at the least.
    pub(super) fn last(&self, wish: &Wish<'_>) -> u64 {
        match self {
            Self::Line(line) => {
                let told = line.next.checked_sub(1).and_then(|index| wish.line.get(index));
                told.map_or(line.base, |event| event.cursor.max(line.base))
            }
            Self::Lives(_) => 0,
        }
    }
}

impl Line {
    /// Everything up to this cursor is known, and of these orders more.
    pub(super) fn after(wish: &Wish<'_>, cursor: u64, shown: BTreeMap<String, u64>) -> Self {
        Self { next: wish.until(cursor), base: cursor, shown, owed: BTreeSet::new() }
    }

    fn covers(&self, event: &OrderMessage) -> bool {
        event.cursor <= self.base || self.shown.get(&event.order_id).is_some_and(|seq| event.seq <= *seq)
    }

    fn due(&self, wish: &Wish<'_>) -> usize {
        let rest = wish.line[self.next..].iter();
        self.next + rest.take_while(|event| self.covers(event)).count()
    }

    fn accepts(&self, wish: &Wish<'_>, event: &OrderMessage) -> Result<(), Wrong> {
        let named = Named::of(event);
        if self.covers(event) {
            return Err(Wrong::Covered(named));
        }
        match wish.line.get(self.due(wish)) {
            Some(due) if due.cursor == event.cursor => Ok(()),
            Some(due) if due.cursor < event.cursor && wish.delivery == Delivery::All => {
                Err(Wrong::Missing { missing: Named::of(due), came: named })
            }
            Some(due) if due.cursor < event.cursor => Ok(()),
            Some(_) | None => Err(Wrong::Twice(named)),
        }
    }

    fn take(&mut self, wish: &Wish<'_>, event: &OrderMessage) {
        let index = wish.until(event.cursor).saturating_sub(1);
        let left_out = wish.line.get(self.next..index).unwrap_or_default();
        let left_out = left_out.iter().filter(|event| !self.covers(event));
        let owed: Vec<_> = left_out.map(|event| event.order_id.clone()).collect();
        self.owed.extend(owed);
        self.owed.remove(&event.order_id);
        self.next = self.next.max(index + 1);
    }

    fn missing(&self, wish: &Wish<'_>, cursor: u64) -> Option<Named> {
        let due = self.due(wish);
        if let Some(event) = wish.line.get(due).filter(|event| event.cursor <= cursor) {
            return Some(Named::of(event));
        }
        let (told, rest) = wish.line.split_at(self.next);
        let is_to_come = |order: &&String| rest.iter().any(|event| event.order_id == **order);
        let order = self.owed.iter().find(|order| !is_to_come(order))?;
        told.iter().rfind(|event| event.order_id == *order).map(|event| Named::of(event))
    }
}

impl Lives {
    fn due<'t>(&self, wish: &Wish<'t>, id: &str) -> Option<&'t OrderMessage> {
        let (seq, floor) = match (self.at.get(id), self.floor) {
            (Some(seq), _) => (*seq, 0),
            (None, floor) => (0, floor.unwrap_or(0)),
        };
        let mut life = wish.truth.life(id).iter().map(|event| &**event);
        life.find(|event| {
            event.seq > seq && event.cursor > floor && wish.truth.is_asked_for(&wish.filter, event)
        })
    }

    fn accepts(&self, wish: &Wish<'_>, event: &OrderMessage) -> Result<(), Wrong> {
        let named = Named::of(event);
        if self.floor.is_none() && !self.at.contains_key(&event.order_id) {
            return Err(Wrong::Early { event: named, stage: "about to show that order".to_owned() });
        }
        match self.due(wish, &event.order_id) {
            Some(due) if due.seq == event.seq => Ok(()),
            Some(due) if due.seq < event.seq => Err(Wrong::Missing { missing: Named::of(due), came: named }),
            Some(_) | None => Err(Wrong::Twice(named)),
        }
    }
}
