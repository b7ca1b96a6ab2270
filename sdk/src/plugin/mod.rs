//! What a plugin is made of: venues that quote and build, chains that sign, send and follow.
//!
//! A plugin crate implements [`Plugin`], returns its [`Venue`]s and [`Chain`]s from [`Plugin::create`], and
//! names itself in [`export_plugin!`](crate::export_plugin). Every method is async, gets a [`Context`] with its
//! deadline, and may be dropped at any await point when the daemon cancels it.

mod chain;
mod context;
mod data;
mod error;
mod host;
mod http;
mod kv;
mod messages;
mod metrics;
mod payload;
mod settings;
mod transactions;
mod venue;

pub use async_trait::async_trait;
pub use chain::{
    AddressRequest, BalanceRequest, BumpRequest, CancelRequest, Chain, Consumer, ConsumerRequest,
    EstimateRequest, Estimated, LaneRequest, LaneStatus, Numbering, PrepareRequest, Prepared, ReadRequest,
};
pub use context::Context;
pub use data::Data;
pub use error::{ErrorKind, PluginError};
pub use host::{ChainRead, Done, Effect, Host, HostServices, SignRequest, Signature, UnixTime};
pub use http::{HttpError, HttpMethod, HttpOutcome, HttpRequest, HttpResponse};
pub use kv::{KvKey, KvKeys, KvList, KvPut, KvValue, MAX_KV_KEY, MAX_KV_LISTED, MAX_KV_VALUE};
pub use messages::{HexBytes, Signer, Token};
pub use metrics::{Figure, Sample, Samples};
pub use payload::Payload;
pub use settings::SettingsTable;
pub use transactions::{BlockRef, Receive, SendOutcome, SendRequest, StatusRequest, TxQuery, TxStatus};
pub use venue::{Approval, Build, BuildRequest, Health, Quote, QuoteRequest, Venue};

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

/// A plugin: makes its venues and chains from the daemon's configuration.
pub trait Plugin: 'static {
    /// The plugin's name as it appears in logs: short, lower case.
    const NAME: &'static str;
    /// The plugin's own version.
    const VERSION: &'static str;
    /// On which thread a call is polled first.
    const FIRST_POLL: FirstPoll = FirstPoll::PluginThread;
    /// Whether a new version can start while the old one still works.
    const COPIES: Copies = Copies::Several;

    /// Makes everything that the configuration asks of this plugin. Called once per daemon; it must not block
    /// on the network, and it should name every mistake in `config` in its error.
    ///
    /// # Errors
    /// When the configuration cannot be served; the daemon reports it and refuses to start.
    fn create(config: PluginConfig, host: Host) -> Result<Exports, PluginError>;
}

/// On which thread a call to the plugin is polled first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstPoll {
    /// On the plugin's own thread: code that blocks by mistake cannot stall the daemon. The default.
    PluginThread,
    /// On the daemon's thread that made the call, and on the plugin's own afterwards: saves two thread switches
    /// for answers that need no waiting. Only for plugins whose code before the first await never blocks.
    CallerThread,
}

/// How many instances with the same configuration can exist at once, as they do while one takes the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// Any number: the new one is looked at first, and the old one answers what it has in hand. The default.
    Several,
    /// One, since it keeps something in its folder that two would spoil: the old one is ended first, and calls wait.
    One,
}

/// What the configuration file asks of one plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PluginConfig {
    /// The chains this plugin has to serve, by name.
    pub chains: BTreeMap<String, ChainConfig>,
    /// The venues this plugin has to serve, by name.
    pub venues: BTreeMap<String, VenueConfig>,
    /// A folder of the plugin's own that survives restarts; it exists.
    pub data_dir: PathBuf,
}

/// One chain, as configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChainConfig {
    /// The tokens that orders may name.
    pub tokens: Vec<Token>,
    /// The table `[chains.NAME.config]`: the plugin's own settings.
    pub settings: serde_json::Value,
}

/// One venue, as configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VenueConfig {
    /// The chain it settles on; possibly another plugin's.
    pub chain: String,
    /// That chain's tokens.
    pub tokens: Vec<Token>,
    /// The table `[venues.NAME.config]`: the plugin's own settings.
    pub settings: serde_json::Value,
}

/// What a plugin made: exactly the chains and venues that its configuration asked for.
#[derive(Clone, Default)]
pub struct Exports {
    /// Chains by name.
    pub chains: BTreeMap<String, Arc<dyn Chain>>,
    /// Venues by name.
    pub venues: BTreeMap<String, Arc<dyn Venue>>,
}
