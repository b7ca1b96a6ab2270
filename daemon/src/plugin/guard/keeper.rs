//! What all of one plugin's calls have in common: its places, its panics, its name, and who hears of changes.

use super::{
    Badge, GuardSettings, Signs, Vitals,
    bulkhead::{Bulkhead, Class, Place},
    moment::Moment,
    panics::{Pace, Panics},
};
use crate::telemetry::{Clock, Entropy, observe};
use orderd_sdk::{
    plugin::PluginError,
    wire::{GuardChange, PluginReport},
};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// What guards tell the time by, leave to chance, and tell changes to; the same for all plugins.
#[derive(Clone)]
pub struct Surroundings {
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Counts the changes of all venues.
    pub changes: watch::Sender<u64>,
}

pub(super) struct Keeper {
    pub(super) settings: GuardSettings,
    badge: Mutex<Badge>,
    surroundings: Surroundings,
    bulkhead: Bulkhead,
    vitals: Box<dyn Vitals>,
    panics: Mutex<Panics>,
    pace: Mutex<Pace>,
    panicked: AtomicU64,
    /// Of all copies, as far as they were counted.
    restarts: AtomicU64,
    /// Those of the current copy among them.
    counted: AtomicU64,
}

impl Keeper {
    pub(super) fn new(
        badge: Badge,
        settings: GuardSettings,
        surroundings: Surroundings,
        vitals: Box<dyn Vitals>,
    ) -> Self {
        Self {
            bulkhead: Bulkhead::new(settings.max_in_flight),
            panics: Mutex::new(Panics::new(settings.quarantine.clone())),
            pace: Mutex::default(),
            panicked: AtomicU64::new(0),
            restarts: AtomicU64::new(0),
            counted: AtomicU64::new(0),
            badge: Mutex::new(badge),
            settings,
            surroundings,
            vitals,
        }
    }

    pub(super) fn now(&self) -> Moment {
        Moment { at: Instant::now(), time: self.surroundings.clock.now() }
    }

    pub(super) fn chance(&self) -> u64 {
        self.surroundings.entropy.bits()
    }

    /// The plugin's signs of life.
    pub(super) fn signs(&self) -> Signs {
        self.vitals.signs()
    }

    /// Takes a place for a call to a plugin that owes so many completions.
    pub(super) fn enter(&self, class: Class, owed: usize) -> Result<Place<'_>, PluginError> {
        let busy = || PluginError::transient("too many calls to the plugin in flight");
        self.bulkhead.enter(class, owed).ok_or_else(busy)
    }

    /// Waits until the next call to a chain may be made, at the most until its deadline.
    pub(super) async fn pace(&self, deadline: Instant) {
        let until = lock(&self.pace).until(Instant::now);
        if let Some(until) = until {
            sleep_until(until.min(deadline)).await;
        }
    }

    /// A call to a chain came to its end by itself.
    pub(super) fn chain_ended(&self) {
        lock(&self.pace).ended();
    }

    /// A call to a chain panicked.
    pub(super) fn chain_panicked(&self) {
        lock(&self.pace).panicked(self.now());
    }

    /// The plugin panicked or crashed. The reason, when that was once too often.
    pub(super) fn note_panic(&self, now: Moment) -> Option<String> {
        self.panicked.fetch_add(1, Ordering::AcqRel);
        let reason = lock(&self.panics).note(now)?;
        let name = lock(&self.badge).name.clone();
        observe::plugin_quarantined(&name, &reason);
        Some(format!("{reason} of plugin {name}"))
    }

    /// It is another copy now, of which nothing is known.
    pub(super) fn replaced(&self, badge: Badge) {
        *lock(&self.badge) = badge;
        // The new copy counts afresh.
        self.counted.store(self.signs().restarts, Ordering::Release);
        lock(&self.panics).forget();
        lock(&self.pace).ended();
    }

    /// How many of these restarts, each after a crash, have not been counted yet.
    pub(super) fn new_crashes(&self, restarts: u64) -> u64 {
        let fresh = restarts.saturating_sub(self.counted.fetch_max(restarts, Ordering::AcqRel));
        if fresh > 0 {
            self.restarts.fetch_add(fresh, Ordering::AcqRel);
            self.ring();
        }
        fresh
    }

    pub(super) fn tell(&self, venue: &str, change: &GuardChange) {
        observe::venue_changed(venue, &change.what, change.reason.as_deref());
        self.ring();
    }

    pub(super) fn report(&self) -> PluginReport {
        let Badge { name, about, isolation } = lock(&self.badge).clone();
        let (version, sha256) = about.map(|about| (about.manifest.version, about.hash.to_string())).unzip();
        PluginReport {
            name,
            version,
            sha256,
            isolation: isolation.as_str().to_owned(),
            in_flight: self.bulkhead.taken() as u64,
            max_in_flight: self.bulkhead.most() as u64,
            panics: self.panicked.load(Ordering::Acquire),
            restarts: self.restarts.load(Ordering::Acquire),
        }
    }

    fn ring(&self) {
        self.surroundings.changes.send_modify(|count| *count += 1);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
