//! The newest events of all orders, in memory.

use super::Published;
use std::{collections::VecDeque, sync::Arc};

/// The newest events, oldest first, as many as the bound allows.
#[derive(Debug)]
pub(super) struct Recent {
    events: VecDeque<Arc<Published>>,
    /// The cursor of the event before the first of these.
    base: u64,
    most: usize,
}

impl Recent {
    /// Nothing has happened after this cursor.
    pub(super) fn after(base: u64, most: usize) -> Self {
        Self { events: VecDeque::new(), base, most }
    }

    /// Nothing is remembered, and nothing has happened after this cursor.
    pub(super) fn begin(&mut self, base: u64) {
        self.events.clear();
        self.base = base;
    }

    /// One event more.
    pub(super) fn push(&mut self, event: Arc<Published>) {
        if self.events.len() >= self.most
            && let Some(oldest) = self.events.pop_front()
        {
            self.base = oldest.cursor();
        }
        self.events.push_back(event);
    }

    /// The cursor of the last event.
    pub(super) fn last(&self) -> u64 {
        self.events.back().map_or(self.base, |event| event.cursor())
    }

    /// Events after this cursor, at most so many; none when they reach back further than is remembered.
    pub(super) fn since(&self, cursor: u64, limit: usize) -> Option<Vec<Arc<Published>>> {
        (cursor >= self.base).then(|| {
            let first = self.events.partition_point(|event| event.cursor() <= cursor);
            self.events.range(first..).take(limit).cloned().collect()
        })
    }

    /// The event at this cursor, if it is remembered.
    pub(super) fn at(&self, cursor: u64) -> Option<&Arc<Published>> {
        // Cursors seldom skip: then it lies as far behind the first as they say.
        let place = usize::try_from(cursor.checked_sub(self.base)?.checked_sub(1)?).ok()?;
        if let Some(event) = self.events.get(place).filter(|event| event.cursor() == cursor) {
            return Some(event);
        }
        let found = self.events.binary_search_by_key(&cursor, |event| event.cursor());
        found.ok().map(|index| &self.events[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::samples;

    fn event(cursor: u64) -> Arc<Published> {
        let order = samples::accepted(samples::intent());
        order.events[0].cursor.set(cursor);
        Arc::new(Published::of(&Arc::new(order), 1).unwrap())
    }

    #[test]
    fn what_is_remembered_is_told_from_any_cursor_on_and_nothing_else() {
        let mut recent = Recent::after(10, 3);
        let since = |recent: &Recent, cursor| {
            let events = recent.since(cursor, 2)?;
            Some(events.iter().map(|event| event.cursor()).collect::<Vec<_>>())
        };
        assert_eq!((since(&recent, 10), since(&recent, 9), recent.last()), (Some(vec![]), None, 10));
        (11..=12).for_each(|cursor| recent.push(event(cursor)));
        assert_eq!(since(&recent, 10), Some(vec![11, 12]));
        (13..=15).for_each(|cursor| recent.push(event(cursor)));
        assert_eq!(since(&recent, 11), None, "12 is forgotten");
        assert_eq!(since(&recent, 12), Some(vec![13, 14]));
        assert_eq!((since(&recent, 15), since(&recent, 99)), (Some(vec![]), Some(vec![])));
        assert_eq!(recent.at(14).map(|event| event.cursor()), Some(14));
        assert!(recent.at(12).is_none());
        recent.push(event(20));
        assert_eq!(recent.at(20).map(|event| event.cursor()), Some(20));
        assert!(recent.at(17).is_none() && recent.at(21).is_none());
    }
}
