//! The newest events of all orders, in memory.

use super::Published;
use crate::order::Order;
use std::{
    collections::VecDeque,
    sync::{Arc, OnceLock},
};

/// The newest events, oldest first, as many as the bound allows.
#[derive(Debug)]
pub(super) struct Recent {
    publications: VecDeque<Publication>,
    /// Events in all of these.
    events: usize,
    /// The cursor of the event before the first of these.
    base: u64,
    most: usize,
}

/// Events of one order that were published at once.
#[derive(Debug)]
struct Publication {
    order: Arc<Order>,
    /// The numbers of the first and the last of them.
    seqs: (u64, u64),
    /// The cursor of the last.
    last: u64,
    /// They themselves, once somebody has asked for one: most often nobody does.
    events: OnceLock<Vec<Arc<Published>>>,
}

impl Recent {
    /// Nothing has happened after this cursor.
    pub(super) fn after(base: u64, most: usize) -> Self {
        Self { publications: VecDeque::new(), events: 0, base, most }
    }

    /// Nothing is remembered, and nothing has happened after this cursor.
    pub(super) fn begin(&mut self, base: u64) {
        self.publications.clear();
        self.events = 0;
        self.base = base;
    }

    /// The events of the order from the first of these numbers to the last are new. There may be none.
    pub(super) fn push(&mut self, order: &Arc<Order>, seqs: (u64, u64)) {
        let Some(publication) = Publication::of(order, seqs) else { return };
        self.events += publication.len();
        self.publications.push_back(publication);
        // The newest stay, however many they are.
        while self.events > self.most
            && self.publications.len() > 1
            && let Some(oldest) = self.publications.pop_front()
        {
            self.events -= oldest.len();
            self.base = oldest.last;
        }
    }

    /// The cursor of the last event.
    pub(super) fn last(&self) -> u64 {
        self.publications.back().map_or(self.base, |publication| publication.last)
    }

    /// Events after this cursor, at most so many; none when they reach back further than is remembered.
    pub(super) fn since(&self, cursor: u64, limit: usize) -> Option<Vec<Arc<Published>>> {
        (cursor >= self.base).then(|| {
            let unread = self.publications.range(self.ended_by(cursor)..).flat_map(Publication::events);
            unread.filter(|event| event.cursor() > cursor).take(limit).cloned().collect()
        })
    }

    /// The event at this cursor, if it is remembered.
    pub(super) fn at(&self, cursor: u64) -> Option<&Arc<Published>> {
        let before = cursor.checked_sub(1)?;
        let publication = self.publications.get(self.ended_by(before))?;
        publication.events().iter().find(|event| event.cursor() == cursor)
    }

    /// How many publications have no event after this cursor.
    fn ended_by(&self, cursor: u64) -> usize {
        self.publications.partition_point(|publication| publication.last <= cursor)
    }
}

impl Publication {
    fn of(order: &Arc<Order>, seqs: (u64, u64)) -> Option<Self> {
        let last = usize::try_from(seqs.1.checked_sub(1)?).ok()?;
        let last = order.events.get(last).filter(|_| seqs.0 <= seqs.1)?.cursor.get();
        Some(Self { order: order.clone(), seqs, last, events: OnceLock::new() })
    }

    fn len(&self) -> usize {
        usize::try_from(self.seqs.1 - self.seqs.0 + 1).unwrap_or(usize::MAX)
    }

    fn events(&self) -> &[Arc<Published>] {
        self.events.get_or_init(|| {
            let seqs = self.seqs.0..=self.seqs.1;
            seqs.filter_map(|seq| Published::of(&self.order, seq).map(Arc::new)).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::samples;

    fn since(recent: &Recent, cursor: u64) -> Option<Vec<u64>> {
        let events = recent.since(cursor, 2)?;
        Some(events.iter().map(|event| event.cursor()).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_remembered_is_told_from_any_cursor_on_and_nothing_else() {
        let mut recent = Recent::after(10, 3);
        let push = |recent: &mut Recent, cursor| {
            let order = samples::accepted(samples::intent());
            order.events[0].cursor.set(cursor);
            recent.push(&Arc::new(order), (1, 1));
        };
        assert_eq!((since(&recent, 10), since(&recent, 9), recent.last()), (Some(vec![]), None, 10));
        (11..=12).for_each(|cursor| push(&mut recent, cursor));
        assert_eq!(since(&recent, 10), Some(vec![11, 12]));
        (13..=15).for_each(|cursor| push(&mut recent, cursor));
        assert_eq!(since(&recent, 11), None, "12 is forgotten");
        assert_eq!(since(&recent, 12), Some(vec![13, 14]));
        assert_eq!((since(&recent, 15), since(&recent, 99)), (Some(vec![]), Some(vec![])));
        assert_eq!(recent.at(14).map(|event| event.cursor()), Some(14));
        assert!(recent.at(12).is_none());
        push(&mut recent, 20);
        assert_eq!(recent.at(20).map(|event| event.cursor()), Some(20));
        assert!(recent.at(17).is_none() && recent.at(21).is_none() && recent.at(0).is_none());
    }

    #[test]
    fn events_that_were_published_at_once_are_told_one_by_one_and_forgotten_together() {
        // The event of this number is at this cursor.
        let (life, mut recent) = (Arc::new(samples::eventful()), Recent::after(0, 4));
        recent.push(&life, (1, 3));
        recent.push(&life, (4, 5));
        assert_eq!((since(&recent, 2), since(&recent, 3), recent.last()), (None, Some(vec![4, 5]), 5));
        recent.push(&life, (6, 6));
        assert_eq!((since(&recent, 3), since(&recent, 4)), (Some(vec![4, 5]), Some(vec![5, 6])));
        let [first, again] = [(); 2].map(|()| recent.at(5).cloned().unwrap());
        assert!(Arc::ptr_eq(&first, &again) && first.seq() == 5, "readers share it");
        recent.push(&life, (7, 12));
        assert_eq!((since(&recent, 5), since(&recent, 6)), (None, Some(vec![7, 8])));
        recent.push(&life, (13, 12));
        assert_eq!(recent.last(), 12, "nothing was published");
    }
}
