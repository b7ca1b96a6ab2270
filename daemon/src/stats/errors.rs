//! Why attempts failed within the last fifteen minutes.

use super::{WINDOW_SECONDS, attempt};
use crate::order::{Catalog, Event, EventKind};
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{ErrorCode, ErrorCount},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

const MINUTES: u64 = WINDOW_SECONDS / 60;

/// Counts of the minute that is under way and the fourteen before it. There are as many at the most as codes and
/// configured venues allow.
#[derive(Debug)]
pub(super) struct Errors {
    venues: BTreeSet<Arc<str>>,
    /// One for each minute that had something, at its place in a ring.
    minutes: [Minute; MINUTES as usize],
}

#[derive(Debug, Default)]
struct Minute {
    /// Minutes since the Unix epoch.
    at: u64,
    counts: BTreeMap<(ErrorCode, Option<Arc<str>>), u64>,
}

impl Errors {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let venues = catalog.chains.values().flat_map(|chain| &chain.venues);
        Self { venues: venues.map(|name| name.as_str().into()).collect(), minutes: Default::default() }
    }

    /// Something happened, after these earlier events of its order.
    pub(super) fn note(&mut self, event: &Event, earlier: &[Arc<Event>]) {
        let EventKind::ExecutionFailed { code, .. } = &event.kind else {
            return;
        };
        let venue = attempt::venue(earlier).and_then(|name| self.venues.get(name)).cloned();
        let at = event.at.unix_seconds() / 60;
        let minute = &mut self.minutes[usize::try_from(at % MINUTES).unwrap_or_default()];
        if minute.at != at {
            *minute = Minute { at, counts: BTreeMap::new() };
        }
        *minute.counts.entry((*code, venue)).or_default() += 1;
    }

    /// The most frequent first.
    pub(super) fn report(&self, now: Timestamp) -> Vec<ErrorCount> {
        let now = now.unix_seconds() / 60;
        let is_of_late = |minute: &&Minute| now.checked_sub(minute.at).is_some_and(|age| age < MINUTES);
        let mut by_code: BTreeMap<ErrorCode, ErrorCount> = BTreeMap::new();
        for ((code, venue), count) in self.minutes.iter().filter(is_of_late).flat_map(|minute| &minute.counts)
        {
            let new = || ErrorCount { code: *code, count: 0, by_dex: BTreeMap::new() };
            let sum = by_code.entry(*code).or_insert_with(new);
            sum.count += count;
            if let Some(venue) = venue {
                *sum.by_dex.entry(venue.to_string()).or_default() += count;
            }
        }
        let mut counts: Vec<_> = by_code.into_values().collect();
        counts.sort_by_key(|of| Reverse(of.count));
        counts
    }
}
