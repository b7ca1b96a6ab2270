//! Loads what is a file, and creates what is linked in.

use super::{
    error::StartError,
    guarding::Guarding,
    host::{Directory, PluginHost},
    reloading::spec,
};
use crate::{
    account::Keyring,
    config::PluginSettings,
    plugin::{
        self, Guard, Loaded,
        guard::{Badge, Isolation},
    },
    services::Shared,
    telemetry::{Clock, metrics::Source, observe},
};
use orderd_sdk::plugin::{Chain, Exports, Host, PluginConfig, PluginError, Venue};
use std::{collections::BTreeMap, sync::Arc};

/// Makes a plugin that is part of this program.
pub(super) type Link = Box<dyn FnOnce(PluginConfig, Host) -> Result<Exports, PluginError> + Send>;

/// Every plugin of the daemon.
#[derive(Default)]
pub(super) struct Plugins {
    pub(super) chains: BTreeMap<String, Arc<dyn Chain>>,
    /// Each venue with its chain.
    pub(super) venues: BTreeMap<String, (String, Arc<dyn Venue>)>,
    /// Those that were loaded, to be ended with the daemon.
    pub(super) loaded: Vec<Arc<Loaded>>,
    /// By plugin.
    pub(super) guards: BTreeMap<String, Guard>,
}

/// Makes the services of plugins.
pub(super) struct Hosts {
    keyring: Arc<Keyring>,
    directory: Directory,
    shared: Shared,
}

impl Hosts {
    pub(super) fn new(keyring: Arc<Keyring>, clock: Arc<dyn Clock>) -> Self {
        Self { keyring, directory: Directory::default(), shared: Shared::new(clock) }
    }

    /// What there is to tell about plugins.
    pub(super) fn sources(&self) -> Vec<Arc<dyn Source>> {
        self.shared.sources()
    }

    /// The services of one plugin.
    pub(super) fn host(&self, plugin: &PluginSettings) -> Host {
        let chains = plugin.config.chains.keys().cloned().collect();
        Host::new(PluginHost {
            chains,
            keyring: self.keyring.clone(),
            directory: self.directory.clone(),
            services: self.shared.services(&plugin.name, &plugin.services, &plugin.memory),
        })
    }
}

impl Plugins {
    /// Makes every configured plugin.
    pub(super) async fn open(
        settings: &[PluginSettings],
        mut links: BTreeMap<String, Link>,
        hosts: &Hosts,
        guarding: &Guarding,
    ) -> Result<Self, StartError> {
        let mut plugins = Self::default();
        for plugin in settings {
            let host = hosts.host(plugin);
            make_folder(plugin)?;
            let (exports, guard) = match links.remove(&plugin.name) {
                Some(link) => {
                    let badge =
                        Badge { name: plugin.name.clone(), version: None, isolation: Isolation::Linked };
                    (create(link, plugin, host)?, guarding.guard(plugin, badge, Box::new(|| 0)))
                }
                None => plugins.load(plugin, host, guarding).await?,
            };
            plugins.add(guard.wrap(exports), &plugin.config);
            plugins.guards.insert(plugin.name.clone(), guard);
        }
        let filled = hosts.directory.set(plugins.chains.clone());
        assert!(filled.is_ok(), "the directory is filled here only");
        Ok(plugins)
    }

    async fn load(
        &mut self,
        plugin: &PluginSettings,
        host: Host,
        guarding: &Guarding,
    ) -> Result<(Exports, Guard), StartError> {
        let loaded = plugin::load(spec(plugin), host).await?;
        let (exports, version) = (loaded.exports.clone(), loaded.about().manifest.version);
        observe::plugin_loaded(
            &plugin.name,
            &version,
            &plugin.file,
            exports.chains.len(),
            exports.venues.len(),
        );
        let isolation = Isolation::InProcess;
        let badge = Badge { name: plugin.name.clone(), version: Some(version.clone()), isolation };
        let guard = guarding.guard(plugin, badge, loaded.gauge());
        self.loaded.push(Arc::new(loaded));
        Ok((exports, guard))
    }

    fn add(&mut self, exports: Exports, config: &PluginConfig) {
        #[cfg(feature = "crash-points")]
        let exports = super::crash::watch_chains(exports);
        self.chains.extend(exports.chains);
        for (name, venue) in exports.venues {
            let chain = config.venues.get(&name).map(|venue| venue.chain.clone()).unwrap_or_default();
            self.venues.insert(name, (chain, venue));
        }
    }
}

fn create(link: Link, plugin: &PluginSettings, host: Host) -> Result<Exports, StartError> {
    link(plugin.config.clone(), host)
        .map_err(|source| StartError::Linked { plugin: plugin.name.clone(), source })
}

fn make_folder(plugin: &PluginSettings) -> Result<(), StartError> {
    let path = &plugin.config.data_dir;
    std::fs::create_dir_all(path).map_err(|source| StartError::Folder { path: path.clone(), source })
}
