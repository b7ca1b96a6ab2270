//! A venue's circuit breaker: closed, open for a while, half-open. Pure: time and chance are handed in.
//!
//! The defaults follow linkerd's failure accrual (seven failures in a row, pauses that double with chance in them)
//! and Hystrix's error rate (half of at least twenty calls within ten seconds).

use super::{moment::Moment, settings::BreakerSettings, window::Window};
use std::time::Duration;
use tokio::time::Instant;

/// The breaker of one venue.
#[derive(Debug)]
pub(super) struct Breaker {
    settings: BreakerSettings,
    state: State,
    since: Moment,
    /// How often it has opened without being well for long in between.
    openings: u32,
    /// Counts the states. What a call of an earlier state comes to is no news.
    round: u64,
}

#[derive(Debug)]
enum State {
    Closed {
        window: Window,
        calls_failed: u32,
        checks_failed: u32,
    },
    Open {
        until: Moment,
        reason: String,
    },
    HalfOpen {
        reason: String,
        /// In flight.
        probes: u32,
        passed: u32,
    },
}

/// Leave to call. It has to come [back](Breaker::note) with what became of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leave {
    round: u64,
}

/// Why a call is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) reason: String,
}

/// What a call was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// An order.
    Work,
    /// To see how the venue is. It may look well and fail all the same, so it makes up for no failed call.
    Check,
}

/// What a call says of the venue's health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It answered.
    Well,
    /// It did not, or nonsense.
    Unwell(String),
    /// Nothing, such as a call that was given up.
    Silent,
}

/// Where a breaker stands, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) name: &'static str,
    pub(super) since: Moment,
    pub(super) reason: Option<String>,
    /// When the venue is asked again.
    pub(super) until: Option<Moment>,
}

impl Breaker {
    /// A closed one.
    pub(super) fn new(settings: BreakerSettings, now: Moment) -> Self {
        let state = State::closed(&settings, now);
        Self { settings, state, since: now, openings: 0, round: 0 }
    }

    /// Asks for leave to call. An open breaker whose time is over becomes half-open.
    pub(super) fn admit(&mut self, now: Moment) -> Result<Leave, Refusal> {
        if let State::Open { until, reason } = &self.state
            && until.at <= now.at
        {
            let reason = reason.clone();
            self.turn(State::HalfOpen { reason, probes: 0, passed: 0 }, now);
        }
        let most = self.settings.probes;
        match &mut self.state {
            State::Closed { .. } => {}
            State::Open { reason, .. } => {
                return Err(Refusal { reason: format!("its breaker is open: {reason}") });
            }
            State::HalfOpen { reason, probes, passed } if *probes + *passed >= most => {
                return Err(Refusal { reason: format!("its breaker is half-open: {reason}") });
            }
            State::HalfOpen { probes, .. } => *probes += 1,
        }
        Ok(Leave { round: self.round })
    }

    /// What became of a call. `chance` is any 64 bits. True when that changed where the breaker stands.
    pub(super) fn note(
        &mut self,
        leave: Leave,
        purpose: Purpose,
        verdict: Verdict,
        now: Moment,
        chance: u64,
    ) -> bool {
        if leave.round != self.round {
            return false;
        }
        match &self.state {
            State::Open { .. } => false,
            State::Closed { .. } => self.note_call(purpose, verdict, now, chance),
            State::HalfOpen { .. } => self.note_probe(verdict, now, chance),
        }
    }

    fn note_call(&mut self, purpose: Purpose, verdict: Verdict, now: Moment, chance: u64) -> bool {
        let State::Closed { window, calls_failed, checks_failed } = &mut self.state else {
            return false;
        };
        let (is_well, last) = match verdict {
            Verdict::Silent => return false,
            Verdict::Well => (true, String::new()),
            Verdict::Unwell(last) => (false, last),
        };
        let in_row = match purpose {
            Purpose::Work => calls_failed,
            Purpose::Check => checks_failed,
        };
        *in_row = if is_well { 0 } else { in_row.saturating_add(1) };
        if purpose == Purpose::Work {
            window.note(is_well, now.at);
        }
        if is_well {
            return false;
        }
        let why = too_many(&self.settings, *in_row, window.counts(now.at));
        why.is_some_and(|why| self.open(&format!("{why}, the last: {last}"), now, chance))
    }

    fn note_probe(&mut self, verdict: Verdict, now: Moment, chance: u64) -> bool {
        let State::HalfOpen { probes, passed, .. } = &mut self.state else {
            return false;
        };
        *probes = probes.saturating_sub(1);
        match verdict {
            Verdict::Silent => false,
            Verdict::Unwell(last) => self.open(&format!("a probe failed: {last}"), now, chance),
            Verdict::Well => {
                *passed += 1;
                let is_enough = *passed >= self.settings.probes;
                if is_enough {
                    self.turn(State::closed(&self.settings, now), now);
                }
                is_enough
            }
        }
    }

    /// Closes it, as if nothing had ever happened.
    pub(super) fn reset(&mut self, now: Moment) {
        self.openings = 0;
        self.turn(State::closed(&self.settings, now), now);
    }

    pub(super) fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed { .. })
    }

    /// How long calls are refused from now on; nothing when they are let in.
    pub(super) fn rest(&self, now: Instant) -> Option<Duration> {
        match &self.state {
            State::Closed { .. } => None,
            State::Open { until, .. } => Some(until.at.saturating_duration_since(now)),
            State::HalfOpen { .. } => Some(Duration::ZERO),
        }
    }

    /// `closed`, `open` or `half-open`.
    pub(super) fn state_name(&self) -> &'static str {
        match self.state {
            State::Closed { .. } => "closed",
            State::Open { .. } => "open",
            State::HalfOpen { .. } => "half-open",
        }
    }

    pub(super) fn standing(&self) -> Standing {
        let (reason, until) = match &self.state {
            State::Closed { .. } => (None, None),
            State::Open { until, reason } => (Some(reason.clone()), Some(*until)),
            State::HalfOpen { reason, .. } => (Some(reason.clone()), None),
        };
        Standing { name: self.state_name(), since: self.since, reason, until }
    }

    fn open(&mut self, reason: &str, now: Moment, chance: u64) -> bool {
        let was_well =
            self.is_closed() && now.at.saturating_duration_since(self.since.at) >= self.settings.open_max;
        self.openings = if was_well { 1 } else { self.openings.saturating_add(1) };
        let pause = pause(&self.settings, self.openings, chance);
        let time = now.time.plus_millis(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        let until = Moment { at: now.at + pause, time };
        self.turn(State::Open { until, reason: reason.to_owned() }, now);
        true
    }

    fn turn(&mut self, state: State, now: Moment) {
        self.state = state;
        self.since = now;
        self.round += 1;
    }
}

impl State {
    fn closed(settings: &BreakerSettings, now: Moment) -> Self {
        Self::Closed { window: Window::new(settings.window, now.at), calls_failed: 0, checks_failed: 0 }
    }
}

/// Why that is too much, if it is.
fn too_many(settings: &BreakerSettings, in_row: u32, (calls, failed): (u64, u64)) -> Option<String> {
    if in_row >= settings.failures {
        return Some(match in_row {
            1 => "a failure".to_owned(),
            more => format!("{more} failures in a row"),
        });
    }
    let is_too_often =
        calls >= u64::from(settings.min_calls) && failed * 100 >= calls * u64::from(settings.failure_percent);
    is_too_often.then(|| format!("{failed} of {calls} calls failed"))
}

/// Doubles with every opening up to the longest; the upper half is chance, so that venues that failed together are not
/// tried together.
fn pause(settings: &BreakerSettings, openings: u32, chance: u64) -> Duration {
    let doublings = openings.saturating_sub(1).min(31);
    let ceiling = settings.open.saturating_mul(1 << doublings).min(settings.open_max);
    let millis = u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX).max(1);
    let half = millis / 2;
    Duration::from_millis(half + chance % (millis - half + 1))
}

#[cfg(test)]
mod tests;
