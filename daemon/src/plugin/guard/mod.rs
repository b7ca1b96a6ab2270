//! The guard around every plugin, whether it was loaded or is linked in: no call without an end, no plugin with more calls
//! than it may have, and no venue asked again and again that does not answer.
//!
//! - [`Guard::wrap`] puts the guard in front of a plugin's venues and chains. It works on the typed traits and not on
//!   bytes, since only there a no is told from a failure, a send from a quote, and code that is linked in is seen at all.
//! - `bulkhead`, `breaker` (with `window`), `score` and `panics` are pure: time and chance are handed in.
//! - `verdict`: what the end of a call says of the venue; `ward`: all of it for one venue; `keeper`: for one plugin.
//! - `venue`, `chain`: the traits; `call`: the deadline and the fence against panics.
//!
//! Chains are counted and shown, never cut off: what is signed has to be settled, however often a chain fails
//! ([ADR 7](../../../../docs/adr/0007-chains-have-no-breaker.md)).

mod badge;
mod breaker;
mod bulkhead;
mod call;
mod chain;
mod keeper;
mod moment;
mod panics;
mod score;
mod settings;
#[cfg(test)]
mod tests;
mod venue;
mod verdict;
mod ward;
mod window;

pub use badge::{Badge, Isolation, Signs, Vitals};
pub use keeper::Surroundings;
pub use settings::{BreakerSettings, GuardSettings, QuarantineSettings};
pub use ward::Ward;

use bulkhead::{Class, Place};
use chain::GuardedChain;
use keeper::Keeper;
use orderd_sdk::plugin::{Chain, Exports, PluginError, Venue};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use venue::GuardedVenue;

/// Whether a venue would be asked for a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It would.
    Asked,
    /// Not for so long: its breaker is open; or for a moment, while a probe is under way.
    Resting(Duration),
    /// Not before an operator, or a reload, says so.
    Barred,
}

/// The guard of one plugin. Clones share it.
#[derive(Clone)]
pub struct Guard {
    keeper: Arc<Keeper>,
    wards: Arc<BTreeMap<String, Arc<Ward>>>,
}

impl Guard {
    /// A guard for a plugin with these venues. `vitals` is what can be seen of it.
    pub fn new(
        badge: Badge,
        settings: GuardSettings,
        surroundings: Surroundings,
        venues: impl IntoIterator<Item = String>,
        vitals: Box<dyn Vitals>,
    ) -> Self {
        let keeper = Arc::new(Keeper::new(badge, settings, surroundings, vitals));
        let ward = |name: String| (name.clone(), Arc::new(Ward::new(name, keeper.clone())));
        let wards = Arc::new(venues.into_iter().map(ward).collect());
        Self { keeper, wards }
    }

    /// The same venues and chains behind the guard. A venue that the guard does not know is left out.
    #[must_use]
    pub fn wrap(&self, exports: Exports) -> Exports {
        let venue = |(name, inner): (String, Arc<dyn Venue>)| {
            let ward = self.wards.get(&name)?.clone();
            let guarded: Arc<dyn Venue> = Arc::new(GuardedVenue { inner, ward, guard: self.clone() });
            Some((name, guarded))
        };
        let chain = |(name, inner): (String, Arc<dyn Chain>)| {
            let guarded: Arc<dyn Chain> = Arc::new(GuardedChain { inner, guard: self.clone() });
            (name, guarded)
        };
        Exports {
            venues: exports.venues.into_iter().filter_map(venue).collect(),
            chains: exports.chains.into_iter().map(chain).collect(),
        }
    }

    /// Its venues.
    pub fn wards(&self) -> impl Iterator<Item = &Arc<Ward>> {
        self.wards.values()
    }

    /// The plugin was reloaded and is this now: whatever was held against the copy before is forgotten. What an
    /// operator has disabled stays so.
    pub fn reset(&self, badge: Badge) {
        let now = self.keeper.now();
        self.keeper.replaced(badge);
        self.wards().for_each(|ward| ward.reset(now));
    }

    /// The plugin panicked, or the process that it is in crashed: too often, and its venues are quarantined.
    fn crashed(&self) {
        let now = self.keeper.now();
        if let Some(reason) = self.keeper.note_panic(now) {
            self.wards().for_each(|ward| ward.quarantine(&reason, now));
        }
    }

    /// Takes a place for a call. Crashes come to light here: whoever keeps the process of a plugin running need not know
    /// its guard.
    fn enter(&self, class: Class) -> Result<Place<'_>, PluginError> {
        let Signs { owed, restarts } = self.keeper.signs();
        (0..self.keeper.new_crashes(restarts)).for_each(|_| self.crashed());
        self.keeper.enter(class, owed)
    }
}
