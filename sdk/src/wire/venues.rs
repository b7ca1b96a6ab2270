//! How venues do, whether they are asked, and the verbs that decide it.

use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// `GET /api/venues`: how the venues do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Venues {
    /// Every venue of the configuration, by name.
    pub venues: Vec<VenueReport>,
}

/// How a venue does, counted since the daemon started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VenueReport {
    /// Its name.
    pub name: String,
    /// The chain it settles on.
    pub chain: String,
    /// Rounds of quotes that it took part in.
    pub asked: u64,
    /// Quotes that it gave.
    pub quoted: u64,
    /// Rounds without a quote from it.
    pub failed: u64,
    /// Rounds that it won.
    pub won: u64,
    /// Swaps through it that were included.
    pub executed: u64,
    /// Half of its quotes came within so many milliseconds, within the last 15 minutes.
    pub p50_ms: Option<u64>,
    /// 99 of 100 of its quotes.
    pub p99_ms: Option<u64>,
    /// When it last quoted.
    pub last_quote_at: Option<Timestamp>,
    /// Why it last gave none.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<Timestamp>,
    /// Whether it is asked, and what is held against it; none from daemons of before.
    pub guard: Option<VenueGuard>,
}

/// Whether a venue is asked, and what is held against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VenueGuard {
    /// Whether operators want it asked.
    pub enabled: bool,
    /// Leaves it alone for a while when it fails too often.
    pub breaker: BreakerReport,
    /// Why it is not asked until an operator enables it or its plugin is reloaded.
    pub quarantine: Option<QuarantineReport>,
    /// How well it does of late, from 0 to 1000000: a venue without fault, or of which nothing is known, has it all.
    pub score: u32,
    /// Calls to it that are under way.
    pub in_flight: u64,
    /// Calls of it that panicked.
    pub panics: u64,
    /// The last changes of all this, oldest first.
    pub changes: Vec<GuardChange>,
    /// The plugin that serves it.
    pub plugin: PluginReport,
}

/// Where a venue's circuit breaker stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BreakerReport {
    /// `closed`: the venue is asked; `open`: not before `retryAt`; `half-open`: by a few calls at a time.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["closed", "open", "half-open"])))]
    pub state: String,
    /// Since when.
    pub since: Timestamp,
    /// Why it is not closed.
    pub reason: Option<String>,
    /// When it lets somebody in again.
    pub retry_at: Option<Timestamp>,
}

/// A venue that is not asked because its plugin panicked too often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct QuarantineReport {
    /// Since when.
    pub since: Timestamp,
    /// What happened.
    pub reason: String,
}

/// Something that changed whether a venue is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GuardChange {
    /// When.
    pub at: Timestamp,
    /// What: the breaker is `closed`, `open` or `half-open`; the venue was `quarantined`, `enabled`, `disabled`; its plugin
    /// was `reset`.
    pub what: String,
    /// Why, where there is a reason.
    pub reason: Option<String>,
}

/// The plugin of a venue, with what all of its venues and chains have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PluginReport {
    /// Its name in the configuration.
    pub name: String,
    /// What its library says; none for one that is part of the program.
    pub version: Option<String>,
    /// Its library's SHA-256, 64 hexadecimal digits.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Where it runs: `linked`, `in-process` or `process`.
    pub isolation: String,
    /// Calls to it that are under way.
    pub in_flight: u64,
    /// How many may be.
    pub max_in_flight: u64,
    /// How often it panicked or crashed.
    pub panics: u64,
    /// How often its process was started again.
    pub restarts: u64,
}

/// The answer to `POST /api/venues/{venue}/enable` and `…/disable`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VenueSwitched {
    /// Always true.
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub success: bool,
    /// The venue.
    pub name: String,
    /// Whether it is asked from now on, as far as operators are concerned.
    pub enabled: bool,
}

/// The answer to `POST /api/venues/{venue}/reload`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VenueReloaded {
    /// Always true.
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub success: bool,
    /// The venue.
    pub name: String,
    /// The plugin that serves it, which was replaced with all its venues and chains.
    pub plugin: String,
    /// The library that was in use. The calls that it has in hand are still answered by it.
    pub before: LibraryReport,
    /// The library that is in use now.
    pub after: LibraryReport,
}

/// Which library of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LibraryReport {
    /// What it says of itself.
    pub version: String,
    /// Its SHA-256, 64 hexadecimal digits.
    pub sha256: String,
}
