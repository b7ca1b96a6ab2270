//! Panics and crashes of one plugin: when there are too many, and how long its chains are given a rest after some in a
//! row. Pure: time is handed in.

use super::{moment::Moment, settings::QuarantineSettings};
use std::{collections::VecDeque, time::Duration};
use tokio::time::Instant;

/// So many in a row are followed by no pause.
const FREE: u32 = 2;
/// The first pause; it doubles with each further panic.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest. Shorter than the time that a call to a chain has by default, so that each is made in the end.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The newest panics of a plugin, as many as matter.
#[derive(Debug)]
pub(super) struct Panics {
    settings: QuarantineSettings,
    newest: VecDeque<Instant>,
}

impl Panics {
    pub(super) fn new(settings: QuarantineSettings) -> Self {
        Self { settings, newest: VecDeque::new() }
    }

    /// Takes note of one. When there were too many, it says so, and counts afresh.
    pub(super) fn note(&mut self, now: Moment) -> Option<String> {
        let QuarantineSettings { panics, window } = self.settings;
        if panics == 0 {
            return None;
        }
        self.newest.retain(|at| now.at.saturating_duration_since(*at) < window);
        self.newest.push_back(now.at);
        if self.newest.len() < panics {
            return None;
        }
        self.newest.clear();
        Some(format!("{panics} panics or crashes within {} s", window.as_secs()))
    }

    pub(super) fn forget(&mut self) {
        self.newest.clear();
    }
}

/// How calls to chains are spread when the plugin panics again and again. They are never given up: what is signed has to
/// be settled.
#[derive(Debug, Default)]
pub(super) struct Pace {
    in_row: u32,
    until: Option<Instant>,
}

impl Pace {
    /// A call to a chain panicked.
    pub(super) fn panicked(&mut self, now: Moment) {
        self.in_row = self.in_row.saturating_add(1);
        let doublings = self.in_row.checked_sub(FREE + 1);
        self.until = doublings.map(|n| {
            let pause = FIRST_PAUSE.saturating_mul(1_u32.checked_shl(n).unwrap_or(u32::MAX));
            now.at + pause.min(LONGEST_PAUSE)
        });
    }

    /// A call to a chain came to its end by itself.
    pub(super) fn ended(&mut self) {
        *self = Self::default();
    }

    /// When the next call may be made, if not now. What time it is is asked only if there was a panic.
    pub(super) fn until(&self, now: impl FnOnce() -> Instant) -> Option<Instant> {
        self.until.filter(|until| *until > now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(panics: usize) -> QuarantineSettings {
        QuarantineSettings { panics, window: Duration::from_secs(10) }
    }

    #[test]
    fn so_many_within_the_window_are_too_many_and_counting_begins_afresh() {
        let begin = Instant::now();
        let told = |panics: &mut Panics, millis: &[u64]| -> Vec<bool> {
            millis.iter().map(|at| panics.note(Moment::of(begin, *at)).is_some()).collect()
        };
        let mut panics = Panics::new(settings(3));
        assert_eq!(told(&mut panics, &[0, 9_999, 10_000, 10_001]), [false, false, false, true]);
        assert_eq!(told(&mut panics, &[10_002, 10_003]), [false, false]);
        panics.forget();
        assert_eq!(told(&mut panics, &[10_004, 10_005, 10_006]), [false, false, true]);
        assert_eq!(told(&mut Panics::new(settings(1)), &[0, 1]), [true, true]);
        assert_eq!(told(&mut Panics::new(settings(0)), &[0, 0, 0, 0]), [false; 4]);
    }

    #[test]
    fn chains_that_panic_in_a_row_get_pauses_that_double_and_end() {
        let begin = Instant::now();
        let mut pace = Pace::default();
        let mut pauses = Vec::new();
        for _ in 0..12 {
            pace.panicked(Moment::of(begin, 0));
            let until = pace.until(|| begin);
            pauses.push(until.map_or(0, |until| until.duration_since(begin).as_millis()));
        }
        assert_eq!(pauses, [0, 0, 50, 100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000, 2_000]);
        assert_eq!(pace.until(|| Moment::of(begin, 2_000).at), None);
        pace.ended();
        pace.panicked(Moment::of(begin, 0));
        assert_eq!(pace.until(|| begin), None, "the row was broken");
    }
}
