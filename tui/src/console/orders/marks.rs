//! Orders that were marked, by id: what happens to the table does not touch them.

use std::{collections::HashSet, sync::Arc};

/// The marked orders, and how many of them match.
#[derive(Debug, Default)]
pub struct Marks {
    ids: HashSet<Arc<str>>,
    shown: usize,
}

/// Whether there was room for a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marking {
    /// Done.
    Done,
    /// There are [`MAX_MARKS`], or would be more: not all was marked.
    Full,
}

/// Marks at the most: as many as the cache has orders by default.
pub const MAX_MARKS: usize = 100_000;

impl Marks {
    /// Whether this order is marked.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// How many are marked.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// How many are marked that do not match: the filter leaves them out, or the cache has let go of them.
    #[must_use]
    pub fn hidden(&self) -> usize {
        self.ids.len() - self.shown
    }

    /// Their ids, oldest first.
    #[must_use]
    pub fn ids(&self) -> Vec<Arc<str>> {
        let mut ids: Vec<_> = self.ids.iter().cloned().collect();
        ids.sort_unstable();
        ids
    }

    /// Marks an order. Whether it has a row is told by [`Self::row_added`].
    pub(super) fn add(&mut self, id: &Arc<str>) -> Marking {
        if self.ids.len() >= MAX_MARKS && !self.has(id) {
            return Marking::Full;
        }
        self.ids.insert(id.clone());
        Marking::Done
    }

    /// Takes the mark off an order that is not counted as shown.
    pub(super) fn remove(&mut self, id: &str) {
        self.ids.remove(id);
    }

    pub(super) fn clear(&mut self) {
        (self.ids, self.shown) = (HashSet::new(), 0);
    }

    /// An order has a row now that had none, or is marked now that was not.
    pub(super) fn row_added(&mut self, id: &str) {
        self.shown += usize::from(self.has(id));
    }

    /// An order has no row any more, or is about to lose its mark.
    pub(super) fn row_taken(&mut self, id: &str) {
        self.shown -= usize::from(self.has(id));
    }

    /// Other rows are there: these.
    pub(super) fn rows_replaced<'a>(&mut self, ids: impl Iterator<Item = &'a Arc<str>>) {
        self.shown = match self.is_empty() {
            true => 0,
            false => ids.filter(|id| self.has(id)).count(),
        };
    }
}
