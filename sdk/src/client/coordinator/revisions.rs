//! Which orders have changed: readers of the cache look at those, not at all.

use super::Cache;
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::watch;

/// What has changed since a reader last asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// These orders are new, have changed or are gone, each named once. None at all: only
    /// [submissions](Cache::submissions) have changed.
    Ids(Vec<Arc<str>>),
    /// More than is remembered: anything may have changed.
    All,
}

/// The last revisions of the cache, as far back as the number of their changes allows.
#[derive(Debug)]
pub(super) struct Revisions {
    last: u64,
    /// Those up to `last`, without a hole.
    batches: VecDeque<Arc<[Arc<str>]>>,
    weight: usize,
    max_weight: usize,
}

/// Tells one reader of the cache what changes.
#[derive(Debug)]
pub struct Changes {
    cache: Cache,
    revision: watch::Receiver<u64>,
    seen: u64,
}

impl Revisions {
    pub(super) fn new(max_weight: usize) -> Self {
        Self { last: 0, batches: VecDeque::new(), weight: 0, max_weight }
    }

    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Notes the changes of the next revision, and gives its number.
    pub(super) fn add(&mut self, ids: Arc<[Arc<str>]>) -> u64 {
        self.last += 1;
        self.weight += weight(&ids);
        self.batches.push_back(ids);
        while self.weight > self.max_weight {
            let oldest = self.batches.pop_front().expect("something has weight");
            self.weight -= weight(&oldest);
        }
        self.last
    }

    /// What has changed after this revision.
    pub(super) fn since(&self, seen: u64) -> Changed {
        let behind = usize::try_from(self.last.saturating_sub(seen)).unwrap_or(usize::MAX);
        match self.batches.len().checked_sub(behind) {
            None => Changed::All,
            Some(first) => {
                let mut ids: Vec<_> =
                    self.batches.range(first..).flat_map(|ids| ids.iter().cloned()).collect();
                ids.sort_unstable();
                ids.dedup();
                Changed::Ids(ids)
            }
        }
    }
}

/// A revision without orders is remembered too, and counts as one.
fn weight(ids: &[Arc<str>]) -> usize {
    ids.len().max(1)
}

impl Changes {
    pub(super) fn new(cache: Cache, revision: watch::Receiver<u64>) -> Self {
        Self { seen: cache.revision(), cache, revision }
    }

    /// Waits until something has changed since this was last asked, and tells what. None when the coordinator has
    /// ended and nothing will change any more. Nothing is lost when it is dropped before it is done.
    pub async fn next(&mut self) -> Option<Changed> {
        let seen = self.seen;
        self.revision.wait_for(|revision| *revision > seen).await.ok()?;
        let (last, changed) =
            self.cache.with_revisions(|revisions| (revisions.last(), revisions.since(seen)));
        self.seen = last;
        Some(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[&str]) -> Vec<Arc<str>> {
        ids.iter().map(|id| Arc::from(*id)).collect()
    }

    #[test]
    fn a_reader_is_told_what_it_missed_and_each_order_once() {
        let mut revisions = Revisions::new(5);
        revisions.add(ids(&["a", "b"]).into());
        revisions.add(ids(&[]).into());
        revisions.add(ids(&["a"]).into());
        assert_eq!(revisions.since(0), Changed::Ids(ids(&["a", "b"])));
        assert_eq!(revisions.since(2), Changed::Ids(ids(&["a"])));
        assert_eq!(revisions.since(3), Changed::Ids(ids(&[])));
        revisions.add(ids(&["c", "d"]).into());
        assert_eq!(revisions.since(0), Changed::All, "that was too much to remember");
        assert_eq!(revisions.since(1), Changed::Ids(ids(&["a", "c", "d"])));
    }
}
