//! How many calls of one plugin may be in flight, and who has room when it gets tight.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What a call is good for. When a plugin has its hands full, those at the top are refused first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Finds a price: whoever asks can ask again.
    Market,
    /// Prepares a transaction.
    Signing,
    /// Brings about or finds out what becomes of signed orders. Nothing may keep these waiting.
    Settling,
}

/// The places of one plugin.
#[derive(Debug)]
pub(super) struct Bulkhead {
    most: usize,
    taken: AtomicUsize,
}

/// A place that is taken. Dropping it frees the place.
#[derive(Debug)]
pub(super) struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Bulkhead {
    /// With so many places.
    pub(super) fn new(most: usize) -> Self {
        Self { most, taken: AtomicUsize::new(0) }
    }

    /// Takes a place. `owed` is how many completions the plugin itself still owes, those of calls that were given up
    /// included: a plugin that never completes must not be given ever more. That does not hold for settling.
    pub(super) fn enter(&self, class: Class, owed: usize) -> Option<Place<'_>> {
        let room = room(self.most, class);
        if class < Class::Settling && owed >= room {
            return None;
        }
        let take = |taken| (taken < room).then_some(taken + 1);
        self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, take).ok()?;
        Some(Place(&self.taken))
    }

    pub(super) fn most(&self) -> usize {
        self.most
    }

    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Acquire)
    }
}

/// So many places may be taken when a call of this class comes. A sixteenth is kept for signing and settling, another
/// for settling alone.
fn room(most: usize, class: Class) -> usize {
    let reserve = (most / 16).max(1);
    let kept = match class {
        Class::Market => 2 * reserve,
        Class::Signing => reserve,
        Class::Settling => 0,
    };
    most.saturating_sub(kept).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CLASSES: [Class; 3] = [Class::Market, Class::Signing, Class::Settling];

    fn filled(bulkhead: &Bulkhead, class: Class) -> Vec<Place<'_>> {
        std::iter::from_fn(|| bulkhead.enter(class, 0)).collect()
    }

    #[test]
    fn venues_leave_room_for_chains_and_everything_leaves_room_for_settling() {
        for (most, market, signing) in [(4, 2, 3), (256, 224, 240), (16_384, 14_336, 15_360)] {
            let bulkhead = Bulkhead::new(most);
            let mut places = filled(&bulkhead, Class::Market);
            assert_eq!(places.len(), market);
            places.extend(filled(&bulkhead, Class::Signing));
            assert_eq!(places.len(), signing);
            assert!(bulkhead.enter(Class::Market, 0).is_none());
            places.extend(filled(&bulkhead, Class::Settling));
            assert_eq!((places.len(), bulkhead.taken()), (most, most));
            drop(places);
            assert!(bulkhead.taken() == 0 && bulkhead.enter(Class::Market, 0).is_some());
        }
    }

    #[test]
    fn calls_that_the_plugin_never_completes_count_but_keep_no_send_waiting() {
        let bulkhead = Bulkhead::new(16);
        assert!(bulkhead.enter(Class::Market, 13).is_some());
        assert!(bulkhead.enter(Class::Market, 14).is_none());
        assert!(bulkhead.enter(Class::Signing, 14).is_some());
        assert!(bulkhead.enter(Class::Signing, 15).is_none());
        assert!(bulkhead.enter(Class::Settling, 100).is_some());
    }

    proptest! {
        #[test]
        fn there_are_never_more_than_places_and_whoever_may_settle_finds_one(
            most in 4_usize..200,
            steps in prop::collection::vec((0_usize..3, any::<bool>()), 0..400),
        ) {
            let bulkhead = Bulkhead::new(most);
            let mut places = Vec::new();
            for (class, enters) in steps {
                match enters {
                    true => places.extend(bulkhead.enter(CLASSES[class], 0)),
                    false => drop(places.pop()),
                }
                prop_assert_eq!(bulkhead.taken(), places.len());
                prop_assert!(places.len() <= most);
                let is_full = bulkhead.enter(Class::Settling, usize::MAX).is_none();
                prop_assert_eq!(is_full, places.len() == most);
            }
        }
    }
}
