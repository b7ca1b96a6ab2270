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
    let Settings {
        data_dir,
        server,
        stream,
        storage,
        engine,
        guard,
        plugins,
        chains,
        accounts,
        tokens,
        catalog,
    } = new;
    let fixed = [
        ("data_dir", running.data_dir == *data_dir),
        ("server", running.server == *server),
        ("stream", running.stream == *stream),
        ("storage", running.storage == *storage),
        ("engine", running.engine == *engine && running.guard == *guard),
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

/// Whether both have to make the same chains and venues of the same tokens, in the same folder, with as many calls
/// in flight.
fn same_shape(before: &PluginSettings, after: &PluginSettings) -> bool {
    shape(&before.config) == shape(&after.config)
        && before.copies == after.copies
        && before.max_in_flight == after.max_in_flight
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Overrides, load::read_text};
    use std::path::Path;

    const WORLD: &str = r#"
[engine]
workers = 64
[plugins.dex]
file = "libdex.so"
[chains.main]
plugin = "dex"
poll_ms = 100
[chains.main.tokens]
SOL = { address = "sol", decimals = 9 }
[chains.main.config]
endpoint = "http://127.0.0.1:8545"
[venues.pool]
plugin = "dex"
chain = "main"
[venues.pool.config]
fee = 30
[accounts.desk]
chain = "main"
"#;

    fn read(text: &str) -> Settings {
        read_text(text, Path::new("etc"), &Overrides::default(), &Environment::default()).unwrap()
    }

    /// The plugins that are taken up and what waits for a restart, when this is written in place of that.
    fn changed(from: &str, to: &str) -> (Vec<String>, Vec<String>) {
        assert!(WORLD.contains(from));
        let found = difference(&read(WORLD), &read(&WORLD.replace(from, to)));
        (found.plugins.into_iter().map(|plugin| plugin.name).collect(), found.restart)
    }

    #[test]
    fn a_plugins_own_settings_and_its_library_are_taken_up() {
        let hash = format!("file = \"libdex.so\"\nsha256 = \"{}\"", "0f".repeat(32));
        for (from, to) in [
            ("fee = 30", "fee = 5"),
            ("8545", "8546"),
            ("libdex.so", "libdex-2.so"),
            ("file = \"libdex.so\"", &hash),
        ] {
            assert_eq!(changed(from, to), (vec!["dex".to_owned()], vec![]), "{to}");
        }
        assert_eq!(difference(&read(WORLD), &read(WORLD)), Difference::default());
    }

    #[test]
    fn what_others_rely_on_waits_for_a_restart() {
        let catalog = "the chains, venues, tokens and defaults of orders";
        for (from, to, restart) in [
            ("workers = 64", "workers = 65", vec!["engine"]),
            ("poll_ms = 100", "poll_ms = 200", vec!["chains"]),
            ("decimals = 9", "decimals = 8", vec![catalog, "plugins.dex"]),
            (
                "[venues.pool]",
                "[venues.book]\nplugin = \"dex\"\nchain = \"main\"\n[venues.pool]",
                vec![catalog, "plugins.dex"],
            ),
            ("[accounts.desk]", "[plugins.more]\n[accounts.desk]", vec!["plugins.more"]),
            ("[accounts.desk]", "[accounts.till]", vec!["accounts", catalog]),
        ] {
            assert_eq!(changed(from, to), (vec![], restart.into_iter().map(str::to_owned).collect()), "{to}");
        }
    }
}
