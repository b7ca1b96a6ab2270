//! A plugin in use, and why one cannot be.

use super::{
    copy::Hash,
    guard::{Signs, Vitals},
    launch::{self, Launched},
    process::{Isolation, ProcessReport},
    proxy,
    slot::Slot,
};
use orderd_sdk::{
    abi::{Manifest, host::FileError, table::MAX_MESSAGE},
    plugin::{Exports, Host, PluginConfig, PluginError},
};
use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock, Weak},
    time::Duration,
};
use tokio::{sync::Mutex, time::timeout};

/// Which plugin to load, and what it has to serve.
#[derive(Clone, Debug)]
pub struct PluginSpec {
    /// Its name in the configuration, which also stands in the log.
    pub name: String,
    /// The library.
    pub path: PathBuf,
    /// What the library has to be; any, where it is not told.
    pub pin: Option<Hash>,
    /// Where the copy goes that is loaded: a folder of this plugin's alone.
    pub copies: PathBuf,
    /// What it has to serve.
    pub config: PluginConfig,
    /// Where it runs.
    pub isolation: Isolation,
    /// How long the library may take to load and to make its instance.
    pub start_limit: Duration,
}

impl PluginSpec {
    /// A plugin in whatever library lies at `path`, in this process, with a minute to start.
    #[must_use]
    pub fn new(name: &str, path: PathBuf, copies: PathBuf, config: PluginConfig) -> Self {
        let (isolation, start_limit) = (Isolation::InProcess, Duration::from_secs(60));
        Self { name: name.to_owned(), path, pin: None, copies, config, isolation, start_limit }
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
    /// The file is not the one that is configured.
    #[error("its SHA-256 is {found}, and {pinned} is configured")]
    Pin {
        /// What is configured.
        pinned: Hash,
        /// What was found.
        found: Hash,
    },
    /// The copy that would be loaded cannot be written.
    #[error("it cannot be copied to where it is loaded from")]
    Copy(#[source] std::io::Error),
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

/// What the current copy of a plugin is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// What the library says of itself.
    pub manifest: Manifest,
    /// The library's SHA-256.
    pub hash: Hash,
}

/// A plugin in use. Ended by [`Loaded::shutdown`], or when it and all its exports are dropped.
pub struct Loaded {
    /// Its name in the configuration.
    pub name: String,
    /// Its chains and venues: exactly what was configured. They stay the same when the plugin is reloaded.
    pub exports: Exports,
    pub(super) slot: Arc<Slot>,
    pub(super) about: RwLock<About>,
    /// From what the current copy can be made again. Held while it is replaced.
    pub(super) made_from: Mutex<MadeFrom>,
}

/// From what a copy is made.
#[derive(Clone)]
pub(super) struct MadeFrom {
    pub(super) spec: PluginSpec,
    pub(super) services: Host,
}

impl MadeFrom {
    /// The same, from the copy of the library that is in use: the configured file may hold something else by now.
    pub(super) fn again(mut self, copy: PathBuf, hash: Hash) -> Self {
        (self.spec.path, self.spec.pin) = (copy, Some(hash));
        self
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (chains, venues) = (self.exports.chains.keys(), self.exports.venues.keys());
        f.debug_struct("Loaded")
            .field("name", &self.name)
            .field("about", &self.about())
            .field("chains", &chains.collect::<Vec<_>>())
            .field("venues", &venues.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl Loaded {
    /// What the current copy is.
    #[must_use]
    pub fn about(&self) -> About {
        self.about.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Calls that the current copy has accepted and not completed yet, those given up included.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.slot.current().map_or(0, |runner| runner.in_flight())
    }

    /// How its process does; none without a process of its own.
    #[must_use]
    pub fn process(&self) -> Option<ProcessReport> {
        self.slot.current().and_then(|runner| runner.process())
    }

    /// What can be seen of the current copy at any time, also after the plugin has gone.
    #[must_use]
    pub fn vitals(&self) -> Box<dyn Vitals> {
        Box::new(Pulse(Arc::downgrade(&self.slot)))
    }

    /// Ends the plugin, even while its exports are still held: their calls fail from now on. True when it ended
    /// within `grace`; otherwise it is left to end by itself.
    pub async fn shutdown(&self, grace: Duration) -> bool {
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

/// Watches a plugin without keeping it alive.
struct Pulse(Weak<Slot>);

impl Vitals for Pulse {
    fn signs(&self) -> Signs {
        let current = self.0.upgrade().and_then(|slot| slot.current());
        current.map_or_else(Signs::default, |runner| Signs {
            owed: runner.in_flight(),
            restarts: runner.process().map_or(0, |process| process.restarts),
        })
    }
}

/// Loads a plugin and lets it make what `spec` asks for. `services` answers its questions.
///
/// Nothing here blocks the runtime: the library is loaded on a thread of its own, since its start may read files.
///
/// # Errors
/// When the file is no plugin for this daemon, or the plugin cannot serve its configuration: [`LoadFailure`].
pub async fn load(spec: PluginSpec, services: Host) -> Result<Loaded, LoadError> {
    let made_from = MadeFrom { spec, services };
    let launched = launch::launch(&made_from).await;
    let spec = &made_from.spec;
    let Launched { runner, about, made, copy } = launched.map_err(|reason| LoadError {
        plugin: spec.name.clone(),
        file: spec.path.clone(),
        reason,
    })?;
    launch::clean(spec, copy.clone()).await;
    let slot = Arc::new(Slot::new(runner));
    Ok(Loaded {
        name: spec.name.clone(),
        exports: proxy::exports(&slot, made),
        slot,
        made_from: Mutex::new(made_from.again(copy, about.hash)),
        about: RwLock::new(about),
    })
}
