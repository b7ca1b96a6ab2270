//! An order's life as spans of time: what it was in, attempt by attempt, made of its events.

use orderd_sdk::{
    timestamp::Timestamp,
    wire::{OrderMessage, OrderStatus},
};
use std::sync::Arc;

/// An order's life.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Life {
    /// One after the other; the first has what came before any attempt, too.
    pub(super) attempts: Vec<Attempt>,
}

/// What happened between a decision to try and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attempt {
    /// 1, 2, 3, …
    pub(super) number: u32,
    /// The venue, once chosen.
    pub(super) venue: Option<String>,
    /// The newest transaction.
    pub(super) tx_hash: Option<String>,
    /// Its place in the account's sequence.
    pub(super) sequence: Option<u64>,
    /// How often it was signed again for a higher fee.
    pub(super) bumps: u32,
    /// Why it came to nothing.
    pub(super) error: Option<String>,
    /// What it was in.
    pub(super) stays: Vec<Stay>,
}

/// A stay in one status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stay {
    /// The status.
    pub(super) status: OrderStatus,
    /// Since when.
    pub(super) from: Timestamp,
    /// Until when; none while it lasts.
    pub(super) until: Option<Timestamp>,
}

impl Stay {
    /// How long it lasted, or has lasted so far, in milliseconds.
    pub(super) fn millis(&self, now: Timestamp) -> u64 {
        self.until.unwrap_or(now).millis_since(self.from)
    }
}

impl Attempt {
    fn new(number: u32) -> Self {
        Self { number, venue: None, tx_hash: None, sequence: None, bumps: 0, error: None, stays: Vec::new() }
    }

    /// When it began.
    pub(super) fn from(&self) -> Option<Timestamp> {
        self.stays.first().map(|stay| stay.from)
    }

    /// When it ended, or this moment.
    pub(super) fn until(&self, now: Timestamp) -> Timestamp {
        self.stays.last().map_or(now, |stay| stay.until.unwrap_or(now))
    }

    /// Milliseconds that it spent in a status.
    pub(super) fn spent(&self, status: OrderStatus, now: Timestamp) -> Option<u64> {
        let mut stays = self.stays.iter().filter(|stay| stay.status == status).peekable();
        stays.peek()?;
        Some(stays.map(|stay| stay.millis(now)).sum())
    }
}

impl Life {
    /// The life that these events tell, oldest first.
    pub(super) fn of(events: &[Arc<OrderMessage>]) -> Self {
        let mut life = Self::default();
        for event in events {
            life.add(event);
        }
        life
    }

    /// Rows in which it is drawn: one for each attempt, and one for each stay.
    pub(super) fn rows(&self) -> usize {
        self.attempts.iter().map(|attempt| attempt.stays.len() + 1).sum()
    }

    /// When it began.
    pub(super) fn from(&self) -> Option<Timestamp> {
        self.attempts.first().and_then(Attempt::from)
    }

    /// When it ended, or this moment.
    pub(super) fn until(&self, now: Timestamp) -> Timestamp {
        self.attempts.last().map_or(now, |attempt| attempt.until(now))
    }

    fn add(&mut self, event: &OrderMessage) {
        self.begin_attempt(event);
        let attempt = self.attempts.last_mut().expect("one was begun");
        attempt.tell(event);
        if let Some(stay) = attempt.stays.last_mut() {
            if stay.status == event.kind {
                return;
            }
            stay.until = Some(event.timestamp);
        }
        let stays = !is_end(event.kind);
        attempt.stays.push(Stay {
            status: event.kind,
            from: event.timestamp,
            until: (!stays).then_some(event.timestamp),
        });
    }

    /// Quotes are asked for anew: that is another attempt.
    fn begin_attempt(&mut self, event: &OrderMessage) {
        let last = self.attempts.last();
        let has_been_tried = last.is_some_and(|attempt| {
            attempt
                .stays
                .iter()
                .any(|stay| !matches!(stay.status, OrderStatus::Pending | OrderStatus::Routing))
        });
        let is_next = match event.kind {
            OrderStatus::Routing => has_been_tried,
            // A failed order that is retried by hand waits for its turn again.
            OrderStatus::Pending => last.is_some(),
            _ => false,
        };
        if last.is_none() || is_next {
            if let Some(stay) = self.attempts.last_mut().and_then(|attempt| attempt.stays.last_mut()) {
                stay.until.get_or_insert(event.timestamp);
            }
            self.attempts.push(Attempt::new(u32::try_from(self.attempts.len() + 1).unwrap_or(u32::MAX)));
        }
    }
}

impl Attempt {
    fn tell(&mut self, event: &OrderMessage) {
        let fields = &event.fields;
        let venue = fields.chosen_dex.as_ref().or(fields.dex.as_ref());
        self.venue = venue.cloned().or(self.venue.take());
        self.tx_hash = fields.tx_hash.clone().or(self.tx_hash.take());
        self.sequence = fields.sequence.or(self.sequence);
        self.error = fields.error.clone().or(self.error.take());
        if fields.stage.as_deref() == Some("fee-bump") {
            self.bumps += 1;
        }
    }
}

fn is_end(status: OrderStatus) -> bool {
    matches!(
        status,
        OrderStatus::Finalized | OrderStatus::Failed | OrderStatus::Cancelled | OrderStatus::Expired
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::samples::{event, failed_and_retried};
    use OrderStatus::{Building, ExecutionFailed, Finalized, Pending, RetryPending, Routing, Submitted};

    #[test]
    fn a_life_is_told_attempt_by_attempt() {
        let life = Life::of(&failed_and_retried());
        let told: Vec<_> = life
            .attempts
            .iter()
            .map(|attempt| {
                let stays: Vec<_> =
                    attempt.stays.iter().map(|stay| (stay.status, stay.millis(Timestamp(0)))).collect();
                (attempt.number, attempt.venue.as_deref(), stays)
            })
            .collect();
        let first = vec![
            (Pending, 8),
            (Routing, 64),
            (Building, 22),
            (Submitted, 1612),
            (ExecutionFailed, 3),
            (RetryPending, 797),
        ];
        let second = vec![(Routing, 71), (Building, 19), (Submitted, 0)];
        assert_eq!(told, [(1, Some("paper-alpha"), first), (2, Some("paper-beta"), second)]);
        assert_eq!(life.attempts[0].spent(Submitted, Timestamp(0)), Some(1612));
        assert_eq!(life.attempts[1].spent(RetryPending, Timestamp(0)), None);
    }

    #[test]
    fn what_lasts_ends_now_and_what_is_over_has_ended() {
        let start = Timestamp(1_000);
        let life = Life::of(&[event(1, Pending, start)]);
        assert_eq!(life.attempts[0].stays[0].millis(Timestamp(1_700)), 700);
        let life = Life::of(&[event(1, Pending, start), event(2, Finalized, Timestamp(1_300))]);
        assert_eq!(life.until(Timestamp(9_000)), Timestamp(1_300));
        assert_eq!(Life::of(&[]).from(), None);
    }
}
