//! Everything that a client follows, and what of it there is news for.

use super::{
    End, Pipe,
    source::{Progress, Source},
};
use crate::api::ApiState;
use std::time::Duration;
use tokio::time::Instant;

/// Subscriptions of one client at the most: each has a bit of its bell, and two bits are taken.
pub(super) const MAX_SOURCES: usize = 62;

/// How often topics without a bell are asked.
const PERIOD: Duration = Duration::from_millis(200);

/// What a client follows.
#[derive(Default)]
pub(super) struct Sources {
    places: Vec<Option<Place>>,
    /// The bits of those that may have something to tell.
    dirty: u64,
    /// Where to begin, so that one that always has something to tell does not starve the others.
    first: usize,
    /// When topics without a bell are asked again.
    next_period: Option<Instant>,
}

struct Place {
    id: String,
    source: Source,
    /// How long events wait in order to go out together.
    batch: Duration,
    /// Until when those wait that are there.
    due: Option<Instant>,
}

impl Sources {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.places.iter().flatten().count()
    }

    /// Whether there is one of this name.
    pub(super) fn has(&self, id: &str) -> bool {
        self.places.iter().flatten().any(|place| place.id == id)
    }

    /// The place that the next one takes.
    pub(super) fn free_place(&self) -> usize {
        self.places.iter().position(Option::is_none).unwrap_or(self.places.len())
    }

    /// The bit of a place.
    pub(super) fn bit(place: usize) -> u64 {
        1 << place
    }

    /// Puts one into its place. What it has to tell goes out at once.
    pub(super) fn put(&mut self, place: usize, id: String, source: Source, batch: Duration) {
        if source.is_periodic() {
            self.next_period.get_or_insert_with(|| Instant::now() + PERIOD);
        }
        if self.places.len() <= place {
            // Almost every client follows one thing.
            self.places.reserve_exact(place + 1 - self.places.len());
            self.places.resize_with(place + 1, || None);
        }
        self.places[place] = Some(Place { id, source, batch, due: None });
        self.dirty |= Self::bit(place);
    }

    /// Takes one away; tells whether there was one of this name.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        let found = self.places.iter_mut().find(|place| place.as_ref().is_some_and(|place| place.id == id));
        let was_there = found.is_some_and(|place| place.take().is_some());
        if !self.places.iter().flatten().any(|place| place.source.is_periodic()) {
            self.next_period = None;
        }
        was_there
    }

    /// There may be news for these.
    pub(super) fn mark(&mut self, bits: u64) {
        self.dirty |= bits;
    }

    /// When there is something to do although nobody rings.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let dues = self.places.iter().flatten().filter_map(|place| place.due);
        dues.chain(self.next_period).min()
    }

    /// Puts what is ready into the pipe, as much as it takes; tells whether there may be more at once.
    ///
    /// # Errors
    /// When the client has to be closed.
    pub(super) async fn pull(&mut self, state: &ApiState, pipe: &mut Pipe) -> Result<Progress, End> {
        self.mark_periodic();
        let mut progress = Progress::Drained;
        let count = self.places.len();
        for index in (self.first..count).chain(0..self.first.min(count)) {
            let bit = Self::bit(index);
            let Some(place) = self.places[index].as_mut().filter(|_| self.dirty & bit != 0) else {
                continue;
            };
            if pipe.is_full() {
                self.first = index;
                return Ok(Progress::More);
            }
            if place.has_to_wait() {
                continue;
            }
            match place.source.pull(state, pipe).await? {
                Progress::More => progress = Progress::More,
                Progress::Drained => {
                    self.dirty &= !bit;
                    place.due = None;
                }
            }
        }
        Ok(progress)
    }

    fn mark_periodic(&mut self) {
        let now = Instant::now();
        if self.next_period.is_some_and(|at| at <= now) {
            self.next_period = Some(now + PERIOD);
            for (index, place) in self.places.iter().enumerate() {
                if place.as_ref().is_some_and(|place| place.source.is_periodic()) {
                    self.dirty |= Self::bit(index);
                }
            }
        }
    }

    /// Everything up to this event was told, of all that tell events. `told` was looked at first, and then which of them
    /// were `rung` for: who was not, and has nothing left, has everything up to there.
    pub(super) fn complete(&self, told: u64, rung: u64) -> u64 {
        let busy = self.dirty | rung;
        let complete = |(index, place): (usize, &Option<Place>)| {
            let complete = place.as_ref()?.source.complete()?;
            let is_idle = busy & Self::bit(index) == 0;
            Some(if is_idle { complete.max(told) } else { complete })
        };
        self.places.iter().enumerate().filter_map(complete).min().unwrap_or(told)
    }
}

impl Place {
    /// The first event of a batch sets the time at which the batch goes out.
    fn has_to_wait(&mut self) -> bool {
        if self.batch.is_zero() {
            return false;
        }
        let now = Instant::now();
        now < *self.due.get_or_insert(now + self.batch)
    }
}
