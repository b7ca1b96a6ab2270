//! What the guard knows of one venue, and whether the venue is asked.

use super::{
    Availability,
    breaker::{Breaker, Leave, Purpose, Verdict},
    keeper::Keeper,
    moment::Moment,
    score::{Score, mark},
};
use orderd_sdk::{
    plugin::PluginError,
    timestamp::Timestamp,
    wire::{BreakerReport, GuardChange, QuarantineReport, VenueGuard},
};
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// Changes of a venue that are remembered.
const CHANGES: usize = 8;

/// What a venue is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// A price.
    Quote,
    /// The transaction of an order that has chosen the venue.
    Build,
    /// How it is.
    Check,
}

/// A venue under guard.
pub struct Ward {
    name: String,
    keeper: Arc<Keeper>,
    in_flight: AtomicU64,
    state: Mutex<State>,
}

struct State {
    is_enabled: bool,
    quarantine: Option<QuarantineReport>,
    breaker: Breaker,
    score: Score,
    panics: u64,
    /// When a call last came to its end.
    heard: Option<Instant>,
    /// Oldest first.
    changes: VecDeque<GuardChange>,
}

/// A call that was let in. Dropped without an end, it was given up and says nothing.
pub(super) struct Visit<'a> {
    ward: &'a Ward,
    purpose: Purpose,
    leave: Option<Leave>,
    begin: Moment,
    budget: Duration,
}

impl Ward {
    pub(super) fn new(name: String, keeper: Arc<Keeper>) -> Self {
        let (now, breaker) = (keeper.now(), keeper.settings.breaker.clone());
        let state = State {
            is_enabled: true,
            quarantine: None,
            breaker: Breaker::new(breaker, now),
            score: Score::new(now.at),
            panics: 0,
            heard: None,
            changes: VecDeque::new(),
        };
        Self { name, keeper, in_flight: AtomicU64::new(0), state: Mutex::new(state) }
    }

    /// The venue's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// From 0 to 1,000,000; see `Score`.
    #[must_use]
    pub fn score_ppm(&self) -> u32 {
        self.state().score.ppm(Instant::now())
    }

    /// Whether it would be asked for a price now.
    #[must_use]
    pub fn availability(&self) -> Availability {
        let state = self.state();
        match state.breaker.rest(Instant::now()) {
            _ if !state.is_enabled || state.quarantine.is_some() => Availability::Barred,
            Some(rest) => Availability::Resting(rest),
            None => Availability::Asked,
        }
    }

    /// Whether there is reason to ask how it is: nothing was heard of it for so long, or it is not well. One that is
    /// not to be asked is left alone.
    #[must_use]
    pub fn wants_check(&self, after: Duration) -> bool {
        let (state, now) = (self.state(), Instant::now());
        let is_silent = state.heard.is_none_or(|heard| now.saturating_duration_since(heard) >= after);
        let is_asked = state.is_enabled && state.quarantine.is_none();
        is_asked && (is_silent || !state.breaker.is_closed())
    }

    /// Has the venue asked again: ends its quarantine too, and closes its breaker.
    pub fn enable(&self) {
        let now = self.keeper.now();
        self.change(now, "enabled", None, |state| {
            let was_barred = !std::mem::replace(&mut state.is_enabled, true);
            let was_held = state.quarantine.take().is_some() || !state.breaker.is_closed();
            if was_held {
                state.breaker.reset(now);
            }
            was_barred || was_held
        });
    }

    /// Has the venue asked no more, until it is enabled. Orders that have chosen it are carried out.
    pub fn disable(&self) {
        let now = self.keeper.now();
        self.change(now, "disabled", None, |state| std::mem::replace(&mut state.is_enabled, false));
    }

    /// Nothing is held against it any more. Whether it is enabled stays.
    pub(super) fn reset(&self, now: Moment) {
        self.change(now, "reset", None, |state| {
            state.quarantine = None;
            state.breaker.reset(now);
            state.score = Score::new(now.at);
            true
        });
    }

    pub(super) fn quarantine(&self, reason: &str, now: Moment) {
        self.change(now, "quarantined", Some(reason), |state| {
            let is_new = state.quarantine.is_none();
            let report = || QuarantineReport { since: now.time, reason: reason.to_owned() };
            state.quarantine.get_or_insert_with(report);
            is_new
        });
    }

    /// Lets a call in, or says why not.
    pub(super) fn admit(&self, errand: Errand, budget: Duration) -> Result<Visit<'_>, PluginError> {
        let begin = self.keeper.now();
        let (entered, turned) = {
            let mut state = self.state();
            if let Some(refusal) = state.barred(errand) {
                return Err(not_asked(&refusal));
            }
            let before = state.breaker.state_name();
            let entered = state.breaker.admit(begin);
            let turned = (state.breaker.state_name() != before).then(|| state.remember_breaker(begin.time));
            (entered, turned)
        };
        self.tell(turned);
        let leave = entered.map_err(|refusal| not_asked(&refusal.reason))?;
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        let purpose = if errand == Errand::Check { Purpose::Check } else { Purpose::Work };
        Ok(Visit { ward: self, purpose, leave: Some(leave), begin, budget })
    }

    /// The venue as it is told to clients.
    #[must_use]
    pub fn report(&self) -> VenueGuard {
        let (state, now) = (self.state(), self.keeper.now());
        let breaker = state.breaker.standing();
        VenueGuard {
            enabled: state.is_enabled,
            breaker: BreakerReport {
                state: breaker.name.to_owned(),
                since: breaker.since.time,
                reason: breaker.reason,
                retry_at: breaker.until.map(|until| until.time),
            },
            quarantine: state.quarantine.clone(),
            score: state.score.ppm(now.at),
            in_flight: self.in_flight.load(Ordering::Acquire),
            panics: state.panics,
            changes: state.changes.iter().cloned().collect(),
            plugin: self.keeper.report(),
        }
    }

    fn note(&self, leave: Leave, purpose: Purpose, verdict: Verdict, marked: Option<u32>, now: Moment) {
        let chance = self.keeper.chance();
        let turned = {
            let mut state = self.state();
            if let Some(mark) = marked {
                state.score.note(mark, now.at);
                state.heard = Some(now.at);
            }
            let changed = state.breaker.note(leave, purpose, verdict, now, chance);
            changed.then(|| state.remember_breaker(now.time))
        };
        self.tell(turned);
    }

    fn change(&self, now: Moment, what: &str, reason: Option<&str>, act: impl FnOnce(&mut State) -> bool) {
        let change = {
            let mut state = self.state();
            act(&mut state).then(|| state.remember(now.time, what, reason.map(str::to_owned)))
        };
        self.tell(change);
    }

    /// After the state was let go of.
    fn tell(&self, change: Option<GuardChange>) {
        if let Some(change) = change {
            self.keeper.tell(&self.name, &change);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn barred(&self, errand: Errand) -> Option<String> {
        match &self.quarantine {
            Some(quarantine) => Some(format!("it is quarantined: {}", quarantine.reason)),
            None if !self.is_enabled && errand != Errand::Build => {
                Some("an operator has disabled it".to_owned())
            }
            None => None,
        }
    }

    fn remember_breaker(&mut self, at: Timestamp) -> GuardChange {
        let standing = self.breaker.standing();
        self.remember(at, standing.name, standing.reason)
    }

    fn remember(&mut self, at: Timestamp, what: &str, reason: Option<String>) -> GuardChange {
        let change = GuardChange { at, what: what.to_owned(), reason };
        if self.changes.len() >= CHANGES {
            self.changes.pop_front();
        }
        self.changes.push_back(change.clone());
        change
    }
}

impl Visit<'_> {
    /// The call came to its end.
    pub(super) fn end(mut self, verdict: Verdict) {
        let Some(leave) = self.leave.take() else { return };
        let now = self.ward.keeper.now();
        let marked = match verdict {
            Verdict::Well => Some(mark(now.at.saturating_duration_since(self.begin.at), self.budget)),
            Verdict::Unwell(_) => Some(0),
            Verdict::Silent => None,
        };
        self.ward.note(leave, self.purpose, verdict, marked, now);
    }

    /// It panicked.
    pub(super) fn panicked(&self) {
        self.ward.state().panics += 1;
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.ward.in_flight.fetch_sub(1, Ordering::AcqRel);
        if let Some(leave) = self.leave.take() {
            self.ward.note(leave, self.purpose, Verdict::Silent, None, self.ward.keeper.now());
        }
    }
}

/// Trying again may help.
fn not_asked(reason: &str) -> PluginError {
    PluginError::transient(format!("not asked, {reason}"))
}
