//! Loads what is a file, and creates what is linked in.

use super::{
    error::StartError,
    guarding::Guarding,
    host::{Directory, PluginHost},
    permitted::permitted,
};
use crate::{
    account::Signatory,
    config::PluginSettings,
    plugin::{
        self, About, Guard, Hash, Isolation, Loaded, Network, PluginSpec, ProcessSettings,
        guard::{self, Badge},
    },
    services::Shared,
    telemetry::{Clock, metrics::Source, observe},
};
use orderd_sdk::plugin::{Chain, Exports, Host, PluginConfig, PluginError, Venue};
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

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

/// Makes what plugins need of the daemon: their services, and what they are launched with.
pub(super) struct Hosts {
    signatory: Arc<Signatory>,
    directory: Directory,
    shared: Shared,
    venue_host: Option<PathBuf>,
}

impl Hosts {
    pub(super) fn new(signatory: Arc<Signatory>, clock: Arc<dyn Clock>, venue_host: Option<PathBuf>) -> Self {
        Self { signatory, directory: Directory::default(), shared: Shared::new(clock), venue_host }
    }

    /// What there is to tell about plugins.
    pub(super) fn sources(&self) -> Vec<Arc<dyn Source>> {
        self.shared.sources()
    }

    /// What to load, as it is configured.
    pub(super) fn spec(&self, plugin: &PluginSettings) -> PluginSpec {
        PluginSpec {
            name: plugin.name.clone(),
            path: plugin.file.clone(),
            pin: plugin.sha256.map(Hash),
            copies: plugin.copies.clone(),
            config: plugin.config.clone(),
            isolation: self.isolation(plugin),
            start_limit: plugin.start,
        }
    }

    fn isolation(&self, plugin: &PluginSettings) -> Isolation {
        let Some(process) = &plugin.process else {
            return Isolation::InProcess;
        };
        Isolation::Process(ProcessSettings {
            program: self.venue_host.clone(),
            memory_bytes: process.memory_bytes,
            open_files: process.open_files,
            network: if process.network { Network::Allowed } else { Network::Denied },
            hang: process.hang,
            restart_max: process.restart_max,
        })
    }

    /// The services of one plugin.
    pub(super) fn host(&self, plugin: &PluginSettings) -> Host {
        let chains = plugin.config.chains.keys().cloned().collect();
        Host::new(PluginHost {
            plugin: plugin.name.clone(),
            chains,
            signatory: self.signatory.clone(),
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
            make_folder(plugin)?;
            let (exports, guard) = match links.remove(&plugin.name) {
                Some(link) => {
                    let (name, isolation) = (plugin.name.clone(), guard::Isolation::Linked);
                    let badge = Badge { name, about: None, isolation };
                    let exports = create(link, plugin, hosts.host(plugin))?;
                    (exports, guarding.guard(plugin, badge, Box::new(())))
                }
                None => plugins.load(plugin, hosts, guarding).await?,
            };
            plugins.add(guard.wrap(permitted(exports, &hosts.signatory)), &plugin.config);
            plugins.guards.insert(plugin.name.clone(), guard);
        }
        let filled = hosts.directory.set(plugins.chains.clone());
        assert!(filled.is_ok(), "the directory is filled here only");
        Ok(plugins)
    }

    async fn load(
        &mut self,
        plugin: &PluginSettings,
        hosts: &Hosts,
        guarding: &Guarding,
    ) -> Result<(Exports, Guard), StartError> {
        let loaded = plugin::load(hosts.spec(plugin), hosts.host(plugin)).await?;
        let (exports, about) = (loaded.exports.clone(), loaded.about());
        observe::plugin_loaded(
            &plugin.name,
            &about.manifest.version,
            &plugin.file,
            exports.chains.len(),
            exports.venues.len(),
        );
        let guard = guarding.guard(plugin, badge(plugin, about), loaded.vitals());
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

/// What a plugin that was loaded is called.
pub(super) fn badge(plugin: &PluginSettings, about: About) -> Badge {
    let isolation = match plugin.process {
        Some(_) => guard::Isolation::Process,
        None => guard::Isolation::InProcess,
    };
    Badge { name: plugin.name.clone(), about: Some(about), isolation }
}

fn create(link: Link, plugin: &PluginSettings, host: Host) -> Result<Exports, StartError> {
    link(plugin.config.clone(), host)
        .map_err(|source| StartError::Linked { plugin: plugin.name.clone(), source })
}

fn make_folder(plugin: &PluginSettings) -> Result<(), StartError> {
    let path = &plugin.config.data_dir;
    std::fs::create_dir_all(path).map_err(|source| StartError::Folder { path: path.clone(), source })
}
