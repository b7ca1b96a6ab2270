//! The guards' venues as the engine, the API and operators see them.

use super::{reloading::Reloading, switches::Switches};
use crate::{
    engine::{self, ReloadRefusal, Switch, SwitchError, VenueDesk, VenueHealth},
    order::Ppm,
    plugin::{
        About, Reloaded,
        guard::{Availability, Ward},
    },
    telemetry::observe,
};
use async_trait::async_trait;
use orderd_sdk::wire::{LibraryReport, VenueGuard, VenueReloaded};
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};
use tokio::sync::watch;

/// Every venue of the daemon, under guard.
pub(super) struct Venues {
    wards: BTreeMap<String, Arc<Ward>>,
    changes: watch::Receiver<u64>,
    switches: Switches,
    reloading: OnceLock<Reloading>,
}

impl Venues {
    pub(super) fn new(
        wards: impl Iterator<Item = Arc<Ward>>,
        changes: watch::Receiver<u64>,
        switches: Switches,
    ) -> Self {
        let wards = wards.map(|ward| (ward.name().to_owned(), ward)).collect();
        Self { wards, changes, switches, reloading: OnceLock::new() }
    }

    /// From now on plugins can be replaced.
    pub(super) fn reload_with(&self, reloading: Reloading) {
        let first = self.reloading.set(reloading).is_ok();
        assert!(first, "plugins are put together once");
    }

    /// The guard's side of a venue.
    pub(super) fn ward(&self, venue: &str) -> &Arc<Ward> {
        self.wards.get(venue).expect("every venue has come through its plugin's guard")
    }

    /// How a venue does.
    pub(super) fn health(&self, venue: &str) -> Arc<dyn VenueHealth> {
        Arc::new(Watched(self.ward(venue).clone()))
    }
}

#[async_trait]
impl VenueDesk for Venues {
    fn guards(&self) -> BTreeMap<String, VenueGuard> {
        self.wards.iter().map(|(name, ward)| (name.clone(), ward.report())).collect()
    }

    fn changes(&self) -> u64 {
        *self.changes.borrow()
    }

    /// First it is done and then written down: who disables a venue wants it left alone, whatever the disk does.
    async fn switch(&self, venue: &str, switch: Switch) -> Result<(), SwitchError> {
        let ward = self.wards.get(venue).ok_or(SwitchError::NoSuchVenue)?;
        match switch {
            Switch::On => ward.enable(),
            Switch::Off => ward.disable(),
        }
        let kept = self.switches.keep(venue, switch == Switch::Off).await;
        kept.map_err(|error| {
            observe::switch_lost(venue, &error);
            SwitchError::NotKept(error)
        })
    }

    async fn reload(&self, venue: &str) -> Result<VenueReloaded, ReloadRefusal> {
        let reloading = self.reloading.get().ok_or(ReloadRefusal::Busy)?;
        let Reloaded { before, after } = reloading.venue(venue).await?;
        let plugin = self.ward(venue).report().plugin.name;
        let library =
            |about: About| LibraryReport { version: about.manifest.version, sha256: about.hash.to_string() };
        let (before, after) = (library(before), library(after));
        Ok(VenueReloaded { success: true, name: venue.to_owned(), plugin, before, after })
    }
}

struct Watched(Arc<Ward>);

impl VenueHealth for Watched {
    fn score(&self) -> Ppm {
        Ppm(self.0.score_ppm())
    }

    fn availability(&self) -> engine::Availability {
        match self.0.availability() {
            Availability::Asked => engine::Availability::Asked,
            Availability::Resting(rest) => engine::Availability::Resting(rest),
            Availability::Barred => engine::Availability::Barred,
        }
    }
}
