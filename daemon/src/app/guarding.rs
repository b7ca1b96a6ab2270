//! Puts a guard before every plugin, as the configuration says.

use super::{error::StartError, switches::Switches, venue_desk::Venues};
use crate::{
    config::{GuardSettings, PluginSettings, Settings},
    plugin::{
        Guard,
        guard::{self, Badge, QuarantineSettings, Surroundings, Vitals},
    },
    telemetry::{Clock, SystemEntropy},
};
use std::{collections::BTreeSet, sync::Arc};
use tokio::sync::watch;

/// What all guards of a daemon are made with.
pub(super) struct Guarding {
    settings: GuardSettings,
    surroundings: Surroundings,
    switches: Switches,
    /// Venues that were disabled before the start.
    disabled: BTreeSet<String>,
}

impl Guarding {
    pub(super) async fn open(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let opened = Switches::open(&settings.data_dir).await;
        let (switches, disabled) =
            opened.map_err(|source| StartError::Switches { path: settings.data_dir.clone(), source })?;
        let surroundings =
            Surroundings { clock, entropy: Arc::new(SystemEntropy), changes: watch::Sender::new(0) };
        Ok(Self { settings: settings.guard.clone(), surroundings, switches, disabled })
    }

    /// The guard of one plugin.
    pub(super) fn guard(&self, plugin: &PluginSettings, badge: Badge, vitals: Box<dyn Vitals>) -> Guard {
        let settings = settings(&self.settings, plugin.max_in_flight);
        let venues = plugin.config.venues.keys().cloned();
        let guard = Guard::new(badge, settings, self.surroundings.clone(), venues, vitals);
        for ward in guard.wards().filter(|ward| self.disabled.contains(ward.name())) {
            ward.disable();
        }
        guard
    }

    /// Where operators see to the venues of all these.
    pub(super) fn desk<'a>(&self, guards: impl Iterator<Item = &'a Guard>) -> Venues {
        let wards = guards.flat_map(Guard::wards).cloned();
        Venues::new(wards, self.surroundings.changes.subscribe(), self.switches.clone())
    }
}

fn settings(config: &GuardSettings, max_in_flight: usize) -> guard::GuardSettings {
    let breaker = &config.breaker;
    guard::GuardSettings {
        max_in_flight,
        breaker: guard::BreakerSettings {
            failures: breaker.failures,
            failure_percent: breaker.failure_percent,
            min_calls: breaker.min_calls,
            window: breaker.window,
            open: breaker.open,
            open_max: breaker.open_max,
            probes: breaker.probes,
        },
        quarantine: QuarantineSettings { panics: config.quarantine_panics, window: config.quarantine_window },
    }
}
