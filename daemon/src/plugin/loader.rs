//! From a configured file to venues and chains.

use super::{
    launch::{Launched, launch},
    process::{Isolation, ProcessReport},
    proxy,
    slot::Slot,
};
use orderd_sdk::{
    abi::{Manifest, host::FileError, table::MAX_MESSAGE},
    plugin::{Exports, Host, PluginConfig, PluginError},
};
use std::{fmt, path::PathBuf, sync::Arc, time::Duration};
use tokio::time::timeout;

/// Which plugin to load, and what it has to serve.
#[derive(Clone, Debug)]
pub struct PluginSpec {
    /// Its name in the configuration, which also stands in the log.
    pub name: String,
    /// The library.
    pub path: PathBuf,
    /// What it has to serve.
    pub config: PluginConfig,
    /// Where it runs.
    pub isolation: Isolation,
    /// How long the library may take to load and to make its instance.
    pub start_limit: Duration,
}

impl PluginSpec {
    /// A plugin in this process, with a minute to start.
    #[must_use]
    pub fn new(name: String, path: PathBuf, config: PluginConfig) -> Self {
        Self { name, path, config, isolation: Isolation::InProcess, start_limit: Duration::from_secs(60) }
    }
}

/// A plugin that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("plugin {plugin:?} cannot be loaded from {}", file.display())]
pub struct LoadError {
    /// Its name in the configuration.
    pub plugin: String,
    /// The configured file.
    pub file: PathBuf,
    /// Why.
    #[source]
    pub reason: LoadFailure,
}

/// Why a plugin cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadFailure {
    /// The file is not a plugin for this daemon.
    #[error(transparent)]
    File(#[from] FileError),
    /// The configuration is larger than the interface carries.
    #[error("its configuration has {size} bytes, {MAX_MESSAGE} are allowed")]
    ConfigTooLarge {
        /// How large.
        size: usize,
    },
    /// The plugin does not accept its configuration, or cannot start.
    #[error("it refused to start: {0}")]
    Create(String),
    /// The file is not a plugin for this daemon, says the process that was to host it.
    #[error("{0}")]
    Unloadable(String),
    /// It did not start in time. A thread of this process is left behind, a process of its own is killed.
    #[error("it did not start within {} ms", limit.as_millis())]
    CreateTimeout {
        /// How long it had.
        limit: Duration,
    },
    /// There is no process to host it.
    #[error("no process to host it")]
    Process(#[source] std::io::Error),
    /// The process that was to host it ended.
    #[error("its process ended before it was ready: {0}")]
    Died(String),
    /// It is to have a process of its own, and nobody says which program that is.
    #[error("it is to have a process of its own, and this program does not say which one hosts it")]
    NoVenueHost,
    /// It does not say what it made.
    #[error("it does not say which chains and venues it made")]
    Describe(#[source] PluginError),
    /// It made something else than was configured.
    #[error("it did not make what is configured: {0}")]
    Exports(Mismatch),
    /// The machine is short of threads.
    #[error("no thread to load it on")]
    Thread(#[source] std::io::Error),
}

/// What a plugin did not make, or made unasked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mismatch {
    /// Configured but not made, such as `venue pool`.
    pub missing: Vec<String>,
    /// Made but not configured.
    pub unexpected: Vec<String>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: &[String]| match names {
            [] => "nothing".to_owned(),
            names => names.join(", "),
        };
        write!(f, "{} missing, {} unexpected", list(&self.missing), list(&self.unexpected))
    }
}

/// A plugin in use. Destroyed by [`Loaded::shutdown`], or when it and all its exports are dropped.
pub struct Loaded {
    /// Its name in the configuration.
    pub name: String,
    /// What the library says of itself.
    pub manifest: Manifest,
    /// Its chains and venues: exactly what was configured.
    pub exports: Exports,
    slot: Arc<Slot>,
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (chains, venues) = (self.exports.chains.keys(), self.exports.venues.keys());
        f.debug_struct("Loaded")
            .field("name", &self.name)
            .field("manifest", &self.manifest)
            .field("chains", &chains.collect::<Vec<_>>())
            .field("venues", &venues.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl Loaded {
    /// Calls that the plugin has accepted and not completed yet, those given up included.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.slot.current().map_or(0, |runner| runner.in_flight())
    }

    /// How its process does; none without a process of its own.
    #[must_use]
    pub fn process(&self) -> Option<ProcessReport> {
        self.slot.current().and_then(|runner| runner.process())
    }

    /// Ends the plugin, even while its exports are still held: their calls fail from now on. True when it ended
    /// within `grace`; otherwise it is left to end by itself.
    pub async fn shutdown(self, grace: Duration) -> bool {
        let Some(ended) = self.slot.close() else {
            return true;
        };
        let ended = timeout(grace, ended).await;
        if ended.is_err() {
            tracing::warn!(plugin = self.name, "the plugin did not end in time and is left behind");
        }
        ended.is_ok()
    }
}

/// Loads a plugin and lets it make what `spec` asks for. `services` answers its questions.
///
/// Nothing here blocks the runtime: the library is loaded on a thread of its own, since its start may read files.
///
/// # Errors
/// When the file is no plugin for this daemon, or the plugin cannot serve its configuration: [`LoadFailure`].
pub async fn load(spec: PluginSpec, services: Host) -> Result<Loaded, LoadError> {
    let loaded = load_from(&spec, services).await;
    loaded.map_err(|reason| LoadError { plugin: spec.name, file: spec.path, reason })
}

async fn load_from(spec: &PluginSpec, services: Host) -> Result<Loaded, LoadFailure> {
    let Launched { runner, manifest, made } = launch(spec, services).await?;
    let slot = Arc::new(Slot::new(runner));
    Ok(Loaded { name: spec.name.clone(), exports: proxy::exports(&slot, made), manifest, slot })
}
