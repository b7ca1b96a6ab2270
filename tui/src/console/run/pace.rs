//! When to draw. What a key does is drawn at once; whatever comes by itself, at most once in a frame's time.

use std::time::Duration;
use tokio::time::Instant;

/// What comes by itself is drawn at most so often.
const FRAME: Duration = Duration::from_millis(33);

/// How long what has changed may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Urgency {
    /// Somebody waits for it.
    Now,
    /// Until the frame before was there for its time.
    Frame,
}

/// When the last frame was drawn, and when the next one is due.
#[derive(Debug)]
pub(super) struct Pace {
    drawn: Option<Instant>,
    due: Option<Instant>,
}

impl Pace {
    /// Nothing was drawn yet, and the first frame is due.
    pub(super) fn begin(now: Instant) -> Self {
        Self { drawn: None, due: Some(now) }
    }

    /// Something has changed.
    pub(super) fn want(&mut self, urgency: Urgency, now: Instant) {
        let next = match (urgency, self.drawn) {
            (Urgency::Frame, Some(drawn)) => now.max(drawn + FRAME),
            (Urgency::Frame, None) | (Urgency::Now, _) => now,
        };
        self.due = Some(self.due.map_or(next, |due| due.min(next)));
    }

    /// A frame was drawn.
    pub(super) fn drew(&mut self, now: Instant) {
        *self = Self { drawn: Some(now), due: None };
    }

    /// Returns when a frame is due; never, while nothing has changed. A timer goes off with the next whole millisecond; what
    /// is due by now does not wait for that.
    pub(super) async fn due(&self) {
        match self.due {
            Some(due) if due <= Instant::now() => {}
            Some(due) => tokio::time::sleep_until(due).await,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames that are drawn while something changes at these times, in milliseconds.
    fn frames(urgency: Urgency, changes: impl IntoIterator<Item = u64>) -> usize {
        let start = Instant::now();
        let mut pace = Pace::begin(start);
        pace.drew(start);
        let mut frames = 0;
        let mut draw_until = |pace: &mut Pace, now: Instant| {
            if let Some(due) = pace.due.filter(|due| *due <= now) {
                frames += 1;
                pace.drew(due);
            }
        };
        for at in changes {
            let now = start + Duration::from_millis(at);
            draw_until(&mut pace, now);
            pace.want(urgency, now);
            draw_until(&mut pace, now);
        }
        draw_until(&mut pace, start + Duration::from_secs(3_600));
        frames
    }

    #[test]
    fn a_storm_of_changes_is_drawn_once_in_a_frames_time_and_its_last_state_too() {
        assert_eq!(frames(Urgency::Frame, (0..330).chain([329; 500])), 10);
        assert_eq!(frames(Urgency::Frame, [100]), 1);
        assert_eq!(frames(Urgency::Frame, [100, 101]), 2);
    }

    #[test]
    fn what_somebody_waits_for_is_drawn_at_once_also_when_a_frame_is_due_later() {
        let start = Instant::now();
        let mut pace = Pace::begin(start);
        pace.drew(start);
        pace.want(Urgency::Frame, start);
        assert_eq!(pace.due, Some(start + FRAME));
        pace.want(Urgency::Now, start);
        assert_eq!(pace.due, Some(start));
    }

    #[test]
    fn nothing_is_drawn_while_nothing_changes() {
        assert_eq!(frames(Urgency::Frame, []), 0);
    }
}
