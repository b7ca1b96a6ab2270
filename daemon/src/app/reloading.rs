//! Replaces plugins of a running daemon: one because an operator asks for it, or all whose library or settings have
//! changed because the configuration is read again.

use super::{
    fitness::Fitness,
    plugins::{Hosts, badge},
};
use crate::{
    config::{Difference, PluginSettings, Settings, difference},
    engine::ReloadRefusal,
    order::Lane,
    plugin::{Guard, Hash, Loaded, PluginSpec, ReloadError, Reloaded},
    telemetry::{observe, spawn},
};
use orderd_sdk::plugin::{AddressRequest, Host};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What every account is called on its chain, and what the chain was asked to find out.
pub(super) type Addresses = BTreeMap<Lane, (AddressRequest, String)>;

/// The plugins of a daemon, which can be replaced while it works. Cheap to clone.
#[derive(Clone)]
pub(super) struct Reloading(Arc<Shared>);

struct Shared {
    loaded: Vec<Arc<Loaded>>,
    /// By plugin.
    guards: BTreeMap<String, Guard>,
    hosts: Hosts,
    addresses: Addresses,
    /// As of the last configuration that was taken up.
    settings: Mutex<Settings>,
}

/// Why a venue's plugin was not reloaded.
#[derive(Debug, thiserror::Error)]
pub enum VenueReloadError {
    /// No venue has this name.
    #[error("no venue is called {0}")]
    NoSuchVenue(String),
    /// Its plugin is part of the program.
    #[error("the plugin {0} is linked into the program")]
    Linked(String),
    /// Its plugin was not replaced.
    #[error(transparent)]
    Plugin(#[from] ReloadError),
}

impl From<VenueReloadError> for ReloadRefusal {
    fn from(error: VenueReloadError) -> Self {
        match error {
            VenueReloadError::NoSuchVenue(_) => Self::NoSuchVenue,
            VenueReloadError::Plugin(ReloadError::Busy) => Self::Busy,
            VenueReloadError::Plugin(ReloadError::Lost { .. }) => Self::Lost(error.to_string()),
            VenueReloadError::Linked(_) | VenueReloadError::Plugin(_) => Self::Refused(error.to_string()),
        }
    }
}

/// What became of a configuration that was read again.
#[derive(Debug, Default)]
pub struct ConfigReload {
    /// The plugins whose library or settings have changed, by name.
    pub plugins: BTreeMap<String, Result<Reloaded, ReloadError>>,
    /// What has changed and has to wait for a restart, by key path.
    pub restart: Vec<String>,
}

impl Reloading {
    pub(super) fn new(
        loaded: Vec<Arc<Loaded>>,
        guards: BTreeMap<String, Guard>,
        hosts: Hosts,
        addresses: Addresses,
        settings: Settings,
    ) -> Self {
        Self(Arc::new(Shared { loaded, guards, hosts, addresses, settings: Mutex::new(settings) }))
    }

    /// Every plugin that was loaded.
    pub(super) fn loaded(&self) -> &[Arc<Loaded>] {
        &self.0.loaded
    }

    /// Replaces the plugin that serves a venue, and with it all else that the plugin serves.
    pub(super) async fn venue(&self, venue: &str) -> Result<Reloaded, VenueReloadError> {
        let of_venue =
            self.settings().plugins.iter().find(|plugin| plugin.config.venues.contains_key(venue)).cloned();
        let settings = of_venue.ok_or_else(|| VenueReloadError::NoSuchVenue(venue.to_owned()))?;
        let loaded = self.named(&settings.name);
        let loaded = loaded.ok_or_else(|| VenueReloadError::Linked(settings.name.clone()))?;
        Ok(self.replace(loaded, settings).await?)
    }

    /// Takes up what a running daemon can take up of a new configuration.
    pub(super) async fn config(&self, new: &Settings) -> ConfigReload {
        let Difference { plugins, restart } = difference(&self.settings(), new);
        let mut done = ConfigReload { restart, ..ConfigReload::default() };
        for loaded in &self.0.loaded {
            let changed = plugins.iter().find(|plugin| plugin.name == loaded.name);
            let same = || new.plugins.iter().find(|plugin| plugin.name == loaded.name);
            let settings = match changed {
                Some(settings) => settings,
                None => match same() {
                    Some(settings) if has_new_file(loaded, settings).await => settings,
                    _ => continue,
                },
            };
            let reloaded = self.replace(loaded.clone(), settings.clone()).await;
            done.plugins.insert(loaded.name.clone(), reloaded);
        }
        let linked = plugins.into_iter().filter(|plugin| self.named(&plugin.name).is_none());
        done.restart.extend(linked.map(|plugin| format!("plugins.{}", plugin.name)));
        done
    }

    /// In a task of its own: a client that hangs up must not leave a plugin half-way.
    async fn replace(&self, loaded: Arc<Loaded>, settings: PluginSettings) -> Result<Reloaded, ReloadError> {
        let this = self.clone();
        let replacing = spawn("reload-plugin", async move {
            let (spec, host) = (this.0.hosts.spec(&settings), this.0.hosts.host(&settings));
            let reloaded = replace(&loaded, spec, host, &this.0.addresses).await;
            if let Ok(reloaded) = &reloaded {
                if let Some(guard) = this.0.guards.get(&loaded.name) {
                    guard.reset(badge(&settings, reloaded.after.clone()));
                }
                this.keep(settings);
            }
            tell(&loaded.name, &reloaded);
            reloaded
        });
        replacing.await.unwrap_or(Err(ReloadError::Ended))
    }

    fn keep(&self, settings: PluginSettings) {
        let mut running = self.settings();
        if let Some(before) = running.plugins.iter_mut().find(|plugin| plugin.name == settings.name) {
            *before = settings;
        }
    }

    fn named(&self, plugin: &str) -> Option<Arc<Loaded>> {
        self.0.loaded.iter().find(|loaded| loaded.name == plugin).cloned()
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.0.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell(plugin: &str, reloaded: &Result<Reloaded, ReloadError>) {
    match reloaded {
        Ok(Reloaded { before, after }) => {
            let (before, hash) = (&before.manifest.version, &after.hash);
            observe::plugin_replaced(plugin, before, &after.manifest.version, hash);
        }
        Err(error) => observe::plugin_kept(plugin, error),
    }
}

async fn replace(
    loaded: &Loaded,
    spec: PluginSpec,
    host: Host,
    addresses: &Addresses,
) -> Result<Reloaded, ReloadError> {
    let fitness = Fitness::of(&loaded.exports, addresses).await;
    loaded.reload(spec, host, &fitness).await
}

/// Whether another library lies where the current one came from. One that cannot be read is a matter for the reload.
async fn has_new_file(loaded: &Loaded, settings: &PluginSettings) -> bool {
    let file = settings.file.clone();
    let found = tokio::task::spawn_blocking(move || Hash::of_file(&file)).await;
    !matches!(found, Ok(Ok(found)) if found == loaded.about().hash)
}
