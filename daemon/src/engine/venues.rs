//! What the engine and its operators have to do with venues besides asking them: how well they do, and whether they are
//! asked at all. Who knows that is none of the engine's business.

use crate::order::Ppm;
use async_trait::async_trait;
use orderd_sdk::wire::{VenueGuard, VenueReloaded, Venues};
use std::{collections::BTreeMap, time::Duration};

/// How a venue does.
pub trait VenueHealth: Send + Sync {
    /// Of late: all of it for a venue without fault.
    fn score(&self) -> Ppm;

    /// Whether it would be asked for a price now.
    fn availability(&self) -> Availability;
}

/// Whether a venue would be asked for a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It would.
    Asked,
    /// Not for so long.
    Resting(Duration),
    /// Not before somebody says so.
    Barred,
}

/// The health of a venue that nobody watches: nothing is held against it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl VenueHealth for Unwatched {
    fn score(&self) -> Ppm {
        Ppm::ONE
    }

    fn availability(&self) -> Availability {
        Availability::Asked
    }
}

/// Where operators see to venues.
#[async_trait]
pub trait VenueDesk: Send + Sync {
    /// Every venue, by name.
    fn guards(&self) -> BTreeMap<String, VenueGuard>;

    /// Counts the changes of what [`guards`](Self::guards) tells, but for scores and counts.
    fn changes(&self) -> u64;

    /// Has a venue asked, or asked no more. It holds beyond the end of the daemon when this returns.
    ///
    /// # Errors
    /// See [`SwitchError`].
    async fn switch(&self, venue: &str, switch: Switch) -> Result<(), SwitchError>;

    /// Has the plugin of a venue loaded anew, with all else that it serves. Orders go on meanwhile.
    ///
    /// # Errors
    /// See [`ReloadRefusal`].
    async fn reload(&self, venue: &str) -> Result<VenueReloaded, ReloadRefusal>;
}

/// The same report, with what the desk knows of each venue.
#[must_use]
pub fn with_guards(mut report: Venues, desk: &dyn VenueDesk) -> Venues {
    let mut guards = desk.guards();
    report.venues.iter_mut().for_each(|venue| venue.guard = guards.remove(&venue.name));
    report
}

/// Whether a venue is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It is; it is not quarantined any more either, and its breaker is closed.
    On,
    /// It is not. Orders that have chosen it are carried out.
    Off,
}

/// Why a venue was not switched, or not for good.
#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    /// No venue has this name.
    #[error("no venue has this name")]
    NoSuchVenue,
    /// It was, but it could not be written down: it holds until the daemon ends.
    #[error("it holds until the daemon ends: it could not be written down")]
    NotKept(#[source] std::io::Error),
}

/// Why the plugin of a venue was not replaced. But for the last, the version before works on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReloadRefusal {
    /// No venue has this name.
    #[error("no venue has this name")]
    NoSuchVenue,
    /// It is being replaced.
    #[error("it is being reloaded already")]
    Busy,
    /// There is no new version, or it is not fit: for this reason.
    #[error("{0}")]
    Refused(String),
    /// The version before had to be ended first, and does not start any more either: for these reasons.
    #[error("{0}")]
    Lost(String),
}

/// No venue is watched.
#[async_trait]
impl VenueDesk for Unwatched {
    fn guards(&self) -> BTreeMap<String, VenueGuard> {
        BTreeMap::new()
    }

    fn changes(&self) -> u64 {
        0
    }

    async fn switch(&self, _: &str, _: Switch) -> Result<(), SwitchError> {
        Err(SwitchError::NoSuchVenue)
    }

    async fn reload(&self, _: &str) -> Result<VenueReloaded, ReloadRefusal> {
        Err(ReloadRefusal::NoSuchVenue)
    }
}
