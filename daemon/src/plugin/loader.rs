//! From a configured file to venues and chains.

use super::{instance::Instance, proxy, services::Services, slot::Slot};
use orderd_sdk::{
    abi::{
        Description, Manifest,
        host::{FileError, Library},
        table::MAX_MESSAGE,
    },
    plugin::{Context, Exports, Host, PluginConfig, PluginError},
};
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};
use tokio::{runtime::Handle, sync::oneshot, time::timeout};

/// How long a library may take to load and to make its instance.
const CREATE_LIMIT: Duration = Duration::from_secs(60);
/// How long an instance may take to say what it made.
const DESCRIBE_LIMIT: Duration = Duration::from_secs(10);

/// Which plugin to load, and what it has to serve.
#[derive(Clone, Debug)]
pub struct PluginSpec {
    /// Its name in the configuration, which also stands in the log.
    pub name: String,
    /// The library.
    pub path: PathBuf,
    /// What it has to serve.
    pub config: PluginConfig,
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
    /// It did not start in time; its thread is left behind.
    #[error("it did not start within {} s", CREATE_LIMIT.as_secs())]
    CreateTimeout,
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
    let PluginSpec { name, path, config } = spec;
    match load_from(&name, &path, config, services).await {
        Ok(loaded) => Ok(loaded),
        Err(reason) => Err(LoadError { plugin: name, file: path, reason }),
    }
}

async fn load_from(
    name: &str,
    path: &Path,
    config: PluginConfig,
    services: Host,
) -> Result<Loaded, LoadFailure> {
    let configured = describe_config(&config);
    let config = serde_json::to_vec(&config).map_err(|error| LoadFailure::Create(error.to_string()))?;
    if config.len() > MAX_MESSAGE {
        return Err(LoadFailure::ConfigTooLarge { size: config.len() });
    }
    let services = Services::new(services, Handle::current());
    let (instance, manifest) = create(name.to_owned(), path.to_owned(), config, services).await?;
    let made = proxy::describe(&*instance, &Context::within(DESCRIBE_LIMIT)).await;
    let made = made.map_err(LoadFailure::Describe)?;
    if let Some(mismatch) = compare(&configured, &made) {
        return Err(LoadFailure::Exports(mismatch));
    }
    let slot = Arc::new(Slot::new(instance));
    Ok(Loaded { name: name.to_owned(), exports: proxy::exports(&slot, made), manifest, slot })
}

/// Loads the library and makes the instance on a thread that may block.
async fn create(
    name: String,
    path: PathBuf,
    config: Vec<u8>,
    services: Services,
) -> Result<(Arc<Instance>, Manifest), LoadFailure> {
    let (sender, created) = oneshot::channel();
    thread::Builder::new()
        .name(format!("load-{name}"))
        .spawn(move || {
            // Nobody listens any more after the time limit: then the instance is dropped, and so destroyed.
            let _ = sender.send(open_and_create(name, &path, &config, services));
        })
        .map_err(LoadFailure::Thread)?;
    match timeout(CREATE_LIMIT, created).await {
        Ok(Ok(created)) => created,
        Ok(Err(_)) => Err(LoadFailure::Create("its loading thread died".to_owned())),
        Err(_) => Err(LoadFailure::CreateTimeout),
    }
}

fn open_and_create(
    name: String,
    path: &Path,
    config: &[u8],
    services: Services,
) -> Result<(Arc<Instance>, Manifest), LoadFailure> {
    let library = Library::open(path)?;
    let instance = Instance::create(name, &library, services, config).map_err(LoadFailure::Create)?;
    Ok((instance, library.manifest().clone()))
}

fn describe_config(config: &PluginConfig) -> Description {
    Description {
        chains: config.chains.keys().cloned().collect(),
        venues: config.venues.keys().cloned().collect(),
    }
}

fn compare(configured: &Description, made: &Description) -> Option<Mismatch> {
    let mismatch =
        Mismatch { missing: difference(configured, made), unexpected: difference(made, configured) };
    (mismatch != Mismatch::default()).then_some(mismatch)
}

/// What is in `left` only.
fn difference(left: &Description, right: &Description) -> Vec<String> {
    let only = |kind: &'static str, left: &[String], right: &[String]| -> Vec<String> {
        let only = left.iter().filter(|name| !right.contains(name));
        only.map(|name| format!("{kind} {name}")).collect()
    };
    let mut names = only("chain", &left.chains, &right.chains);
    names.extend(only("venue", &left.venues, &right.venues));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_have_to_be_exactly_what_is_configured() {
        let description = |chains: &[&str], venues: &[&str]| Description {
            chains: chains.iter().map(ToString::to_string).collect(),
            venues: venues.iter().map(ToString::to_string).collect(),
        };
        let configured = description(&["main"], &["pool", "book"]);
        let reordered = description(&["main"], &["book", "pool"]);
        assert_eq!(compare(&configured, &reordered), None);
        let mismatch = compare(&configured, &description(&[], &["pool", "book", "main"])).unwrap();
        assert_eq!(mismatch.to_string(), "chain main missing, venue main unexpected");
    }
}
