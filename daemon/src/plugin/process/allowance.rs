//! How much a plugin may write to the log.

use std::time::Duration;
use tokio::time::Instant;

/// Records in each [`WINDOW`].
const MOST: u32 = 500;
/// How long an allowance lasts.
const WINDOW: Duration = Duration::from_secs(1);

/// So many records per second, and no more.
pub(super) struct Allowance {
    since: Instant,
    taken: u32,
    dropped: u64,
}

/// Whether a record may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may. So many before it were thrown away, which was not told yet.
    Write { dropped: u64 },
    /// It is thrown away.
    Drop,
}

impl Allowance {
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, taken: 0, dropped: 0 }
    }

    /// Somebody wants to write a record.
    pub(super) fn ask(&mut self, now: Instant) -> Verdict {
        if now.saturating_duration_since(self.since) >= WINDOW {
            (self.since, self.taken) = (now, 0);
        }
        if self.taken >= MOST {
            self.dropped += 1;
            return Verdict::Drop;
        }
        self.taken += 1;
        Verdict::Write { dropped: std::mem::take(&mut self.dropped) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_thrown_away_and_told() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        for _ in 0..MOST {
            assert_eq!(allowance.ask(start), Verdict::Write { dropped: 0 });
        }
        assert_eq!(allowance.ask(start), Verdict::Drop);
        assert_eq!(allowance.ask(start), Verdict::Drop);
        assert_eq!(allowance.ask(start + WINDOW), Verdict::Write { dropped: 2 });
        assert_eq!(allowance.ask(start + WINDOW), Verdict::Write { dropped: 0 });
    }
}
