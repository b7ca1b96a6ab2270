//! What a new configuration changes of a running daemon: what it can take up, and what has to wait for a restart.

use super::{PluginSettings, Settings};
use orderd_sdk::plugin::{ChainConfig, PluginConfig, VenueConfig};
use std::collections::BTreeMap;

/// What differs between two configurations.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Plugins whose library or settings differ, as they are configured now.
    pub plugins: Vec<PluginSettings>,
    /// What differs and cannot be changed in a running daemon, by key path.
    pub restart: Vec<String>,
}

/// Compares a running configuration with a new one.
#[must_use]
pub fn difference(running: &Settings, new: &Settings) -> Difference {
    let mut found = Difference::default();
    let Settings { data_dir, server, stream, storage, engine, plugins, chains, accounts, tokens, catalog } =
        new;
    let fixed = [
        ("data_dir", running.data_dir == *data_dir),
        ("server", running.server == *server),
        ("stream", running.stream == *stream),
        ("storage", running.storage == *storage),
        ("engine", running.engine == *engine),
        ("chains", running.chains == *chains),
        ("accounts", running.accounts == *accounts),
        ("auth.tokens", running.tokens == *tokens),
        ("the chains, venues, tokens and defaults of orders", running.catalog == *catalog),
    ];
    let differing = fixed.into_iter().filter(|(_, same)| !same);
    found.restart.extend(differing.map(|(section, _)| section.to_owned()));
    let (before, after) = (by_name(&running.plugins), by_name(plugins));
    let named = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    for name in named {
        match (before.get(name), after.get(name)) {
            (Some(before), Some(after)) if before == after => {}
            (Some(before), Some(after)) if same_shape(before, after) => found.plugins.push((*after).clone()),
            _ => found.restart.push(format!("plugins.{name}")),
        }
    }
    found
}

fn by_name(plugins: &[PluginSettings]) -> BTreeMap<&str, &PluginSettings> {
    plugins.iter().map(|plugin| (plugin.name.as_str(), plugin)).collect()
}

/// Whether both have to make the same chains and venues of the same tokens, in the same folder.
fn same_shape(before: &PluginSettings, after: &PluginSettings) -> bool {
    shape(&before.config) == shape(&after.config) && before.copies == after.copies
}

fn shape(config: &PluginConfig) -> PluginConfig {
    let unset = serde_json::Value::Null;
    let chain = |(name, chain): (&String, &ChainConfig)| {
        (name.clone(), ChainConfig { settings: unset.clone(), ..chain.clone() })
    };
    let venue = |(name, venue): (&String, &VenueConfig)| {
        (name.clone(), VenueConfig { settings: unset.clone(), ..venue.clone() })
    };
    PluginConfig {
        chains: config.chains.iter().map(chain).collect(),
        venues: config.venues.iter().map(venue).collect(),
        data_dir: config.data_dir.clone(),
    }
}
