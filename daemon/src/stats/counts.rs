//! How many orders did what, second by second.

use super::{STEP_SECONDS, STEPS, WINDOW_SECONDS};
use crate::order::{Event, EventKind};
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{ErrorCode, Rate, Throughput},
};
use std::sync::Arc;

/// The spans that rates are told for.
const RATE_SECONDS: [u64; 3] = [10, 60, WINDOW_SECONDS];

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// An order was accepted.
    Accepted,
    /// An order's swap was included.
    Confirmed,
    /// An order ended without effect.
    Failed,
    /// An attempt failed and is followed by another.
    Retried,
}

impl Counted {
    /// What an event counts as, after these earlier ones of its order.
    pub(super) fn of(event: &Event, earlier: &[Arc<Event>]) -> Option<Self> {
        match &event.kind {
            EventKind::Pending { .. } => Some(Self::Accepted),
            EventKind::Confirmed { .. } => (!was_included(earlier)).then_some(Self::Confirmed),
            EventKind::RetryPending { .. } => (!waits_to_be_sent(earlier)).then_some(Self::Retried),
            EventKind::Failed { .. } | EventKind::Cancelled { .. } | EventKind::Expired { .. } => {
                Some(Self::Failed)
            }
            EventKind::QuotesRequested { .. }
            | EventKind::QuotesReceived { .. }
            | EventKind::BuildStarted { .. }
            | EventKind::Approving { .. }
            | EventKind::Approved { .. }
            | EventKind::ApprovalUndone { .. }
            | EventKind::Signed { .. }
            | EventKind::Submitted { .. }
            | EventKind::ExecutionFailed { .. }
            | EventKind::Unknown { .. }
            | EventKind::Finalized { .. }
            | EventKind::Reorged { .. }
            | EventKind::CancelRequested { .. }
            | EventKind::CancelRefused { .. }
            | EventKind::Replaced { .. }
            | EventKind::Voided { .. }
            | EventKind::Requeued { .. } => None,
        }
    }
}

/// Whether the swap of the present attempt was in a block before: a reorganisation moved it, it is no second swap.
fn was_included(earlier: &[Arc<Event>]) -> bool {
    let attempt =
        earlier.iter().rev().take_while(|event| !matches!(event.kind, EventKind::BuildStarted { .. }));
    attempt.into_iter().any(|event| matches!(event.kind, EventKind::Confirmed { .. }))
}

/// Whether the same signed bytes will go out again: the attempt goes on.
fn waits_to_be_sent(earlier: &[Arc<Event>]) -> bool {
    let failure = earlier.last().map(|event| &event.kind);
    matches!(failure, Some(EventKind::ExecutionFailed { code: ErrorCode::NotSent, .. }))
}

/// The counts of the last fifteen minutes. Each second has a place of its own in a ring and carries its name, so that
/// what is too old, or lies ahead because the clock was set back, is told apart and not counted.
#[derive(Debug)]
pub(super) struct Counts {
    seconds: Box<[Second]>,
    /// Since the start, by the numbers of [`Counted`].
    totals: [u64; 4],
}

#[derive(Clone, Copy, Debug, Default)]
struct Second {
    /// Unix seconds.
    at: u64,
    /// By the numbers of [`Counted`].
    counts: [u64; 4],
}

impl Counts {
    pub(super) fn new() -> Self {
        Self { seconds: (0..WINDOW_SECONDS).map(|_| Second::default()).collect(), totals: [0; 4] }
    }

    pub(super) fn note(&mut self, counted: Counted, at: Timestamp) {
        self.totals[counted as usize] += 1;
        let at = at.unix_seconds();
        let place = usize::try_from(at % WINDOW_SECONDS).unwrap_or_default();
        let second = &mut self.seconds[place];
        if second.at != at {
            *second = Second { at, counts: [0; 4] };
        }
        second.counts[counted as usize] += 1;
    }

    /// How often it has happened since the start.
    pub(super) fn total(&self, counted: Counted) -> u64 {
        self.totals[counted as usize]
    }

    /// What happened in spans that end with the second of `now`, which is under way.
    pub(super) fn rates(&self, now: Timestamp) -> Vec<Rate> {
        RATE_SECONDS.map(|seconds| self.rate(seconds, now.unix_seconds())).into()
    }

    fn rate(&self, seconds: u64, now: u64) -> Rate {
        let mut sums = [0; 4];
        for second in self.within(now).filter(|second| now - second.at < seconds) {
            add(&mut sums, second.counts);
        }
        let [accepted, confirmed, failed, retried] = sums;
        Rate { seconds, accepted, confirmed, failed, retried }
    }

    /// The same in steps that begin at whole quarters of a minute.
    pub(super) fn throughput(&self, now: Timestamp) -> Throughput {
        let now = now.unix_seconds();
        let mut steps = [[0; 4]; STEPS as usize];
        for second in self.within(now) {
            let steps_ago = now / STEP_SECONDS - second.at / STEP_SECONDS;
            let index = (STEPS - 1).checked_sub(steps_ago).and_then(|index| usize::try_from(index).ok());
            if let Some(index) = index {
                add(&mut steps[index], second.counts);
            }
        }
        let column = |counted: Counted| steps.iter().map(|step| step[counted as usize]).collect();
        Throughput {
            step_seconds: STEP_SECONDS,
            accepted: column(Counted::Accepted),
            confirmed: column(Counted::Confirmed),
            failed: column(Counted::Failed),
            retried: column(Counted::Retried),
        }
    }

    fn within(&self, now: u64) -> impl Iterator<Item = &Second> {
        let is_within = move |at: u64| now.checked_sub(at).is_some_and(|age| age < WINDOW_SECONDS);
        self.seconds.iter().filter(move |second| is_within(second.at))
    }
}

fn add(sums: &mut [u64; 4], counts: [u64; 4]) {
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AT: u64 = 1_790_000_000;

    fn second(at: u64) -> Timestamp {
        Timestamp(at * 1000 + 999)
    }

    fn accepted(counts: &Counts, now: u64) -> Vec<u64> {
        counts.rates(second(now)).iter().map(|rate| rate.accepted).collect()
    }

    #[test]
    fn a_rate_reaches_back_its_seconds_and_no_further() {
        let mut counts = Counts::new();
        counts.note(Counted::Accepted, second(AT));
        for (later, expected) in [
            (0, [1, 1, 1]),
            (9, [1, 1, 1]),
            (10, [0, 1, 1]),
            (59, [0, 1, 1]),
            (60, [0, 0, 1]),
            (899, [0, 0, 1]),
            (900, [0, 0, 0]),
            (9_000, [0, 0, 0]),
        ] {
            assert_eq!(accepted(&counts, AT + later), expected, "{later} s later");
        }
    }

    #[test]
    fn a_second_gives_way_to_the_one_that_takes_its_place() {
        let mut counts = Counts::new();
        counts.note(Counted::Accepted, second(AT));
        counts.note(Counted::Failed, second(AT + 900));
        assert_eq!(accepted(&counts, AT), [0, 0, 0]);
        let rate = counts.rates(second(AT + 900))[0];
        assert_eq!(rate, Rate { seconds: 10, failed: 1, ..Rate::default() });
    }

    #[test]
    fn a_clock_that_is_set_back_goes_on_counting() {
        let mut counts = Counts::new();
        counts.note(Counted::Accepted, second(AT));
        counts.note(Counted::Accepted, second(AT - 3_600));
        assert_eq!(accepted(&counts, AT - 3_600), [1, 1, 1], "what lies ahead is not counted");
    }

    #[test]
    fn the_last_step_is_under_way() {
        let mut counts = Counts::new();
        let begin = AT / STEP_SECONDS * STEP_SECONDS;
        for at in [begin - 1, begin, begin + 1] {
            counts.note(Counted::Confirmed, second(at));
        }
        let throughput = counts.throughput(second(begin + 1));
        assert_eq!((throughput.step_seconds, throughput.confirmed.len()), (15, 60));
        assert_eq!(throughput.confirmed[58..], [1, 2]);
        let later = counts.throughput(second(begin + 58 * 15));
        assert_eq!(later.confirmed[..3], [1, 2, 0]);
        assert_eq!(counts.throughput(second(begin + 59 * 15)).confirmed[..2], [2, 0]);
    }

    proptest! {
        #[test]
        fn rates_and_steps_tell_what_was_noted_within_their_span(
            noted in prop::collection::vec((0_usize..4, 0_u64..2_000), 0..200),
            later in 0_u64..1_000,
        ) {
            const ALL: [Counted; 4] =
                [Counted::Accepted, Counted::Confirmed, Counted::Failed, Counted::Retried];
            let mut noted = noted;
            noted.sort_by_key(|(_, at)| *at);
            let now = noted.last().map_or(0, |(_, at)| *at) + later;
            let mut counts = Counts::new();
            for (counted, at) in &noted {
                counts.note(ALL[*counted], second(AT + at));
            }
            let within = |counted: usize, seconds: u64| {
                noted.iter().filter(|(of, at)| *of == counted && now - at < seconds).count() as u64
            };
            for rate in counts.rates(second(AT + now)) {
                let told = [rate.accepted, rate.confirmed, rate.failed, rate.retried];
                prop_assert_eq!(told, [0, 1, 2, 3].map(|counted| within(counted, rate.seconds)));
            }
            let steps = counts.throughput(second(AT + now));
            let whole = 59 * STEP_SECONDS + (AT + now) % STEP_SECONDS + 1;
            for (counted, told) in [&steps.accepted, &steps.confirmed, &steps.failed, &steps.retried].iter().enumerate() {
                prop_assert_eq!(told.iter().sum::<u64>(), within(counted, whole));
            }
        }
    }
}
