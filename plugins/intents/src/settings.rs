//! Settings of chains and venues, read so that every mistake is named at once.

use crate::order::Domain;
use alloy_primitives::Address;
use orderd_sdk::plugin::{ChainConfig, PluginConfig, PluginError, SettingsTable, Token};
use std::collections::BTreeMap;

const AN_ADDRESS: &str = "an address, 0x and 40 hex digits";

/// Everything that the configuration asks for.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) chains: BTreeMap<String, ChainSettings>,
    /// Venues, each with its chain.
    pub(crate) venues: BTreeMap<String, String>,
}

/// `[chains.NAME.config]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChainSettings {
    /// Where the service is, without a slash at the end.
    pub(crate) url: String,
    /// What every signature is bound to.
    pub(crate) domain: Domain,
}

impl Settings {
    /// # Errors
    /// Every mistake, each with its key path.
    pub(crate) fn read(config: &PluginConfig) -> Result<Self, PluginError> {
        let mut mistakes = Vec::new();
        let mut chains = BTreeMap::new();
        for (name, chain) in &config.chains {
            if let Some(settings) = read_chain(name, chain, &mut mistakes) {
                chains.insert(name.clone(), settings);
            }
        }
        let mut venues = BTreeMap::new();
        for (name, venue) in &config.venues {
            SettingsTable::open(format!("venues.{name}.config"), venue.settings.clone(), &mut mistakes)
                .close();
            if !config.chains.contains_key(&venue.chain) {
                mistakes
                    .push(format!("venues.{name}.chain: {:?} is not a chain of this plugin", venue.chain));
            }
            venues.insert(name.clone(), venue.chain.clone());
        }
        match mistakes.is_empty() {
            true => Ok(Self { chains, venues }),
            false => Err(PluginError::invalid(mistakes.join("; "))),
        }
    }
}

fn read_chain(name: &str, config: &ChainConfig, mistakes: &mut Vec<String>) -> Option<ChainSettings> {
    check_tokens(name, &config.tokens, mistakes);
    let mut table = SettingsTable::open(format!("chains.{name}.config"), config.settings.clone(), mistakes);
    let url = table.required::<String>("url", "where the service is");
    let chain_id = table.required::<u64>("chainId", "a whole number");
    let settlement = table.required::<Address>("settlement", AN_ADDRESS);
    let url = url.and_then(|url| match base(&url) {
        Some(base) => Some(base),
        None => {
            table.mistake("url", "expected http://… or https://… without a query");
            None
        }
    });
    table.close();
    let domain = Domain { chain_id: chain_id?, settlement: settlement? };
    Some(ChainSettings { url: url?, domain })
}

/// The URL that the calls' paths are appended to.
fn base(url: &str) -> Option<String> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let is_sound = !rest.is_empty() && !rest.starts_with('/') && !rest.contains(['?', '#', ' ']);
    is_sound.then(|| url.trim_end_matches('/').to_owned())
}

fn check_tokens(name: &str, tokens: &[Token], mistakes: &mut Vec<String>) {
    for token in tokens.iter().filter(|token| token.address.parse::<Address>().is_err()) {
        mistakes.push(format!("chains.{name}.tokens.{}.address: expected {AN_ADDRESS}", token.symbol));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderd_sdk::plugin::VenueConfig;
    use serde_json::{Value, json};

    const SETTLEMENT: &str = "0x9008d19f58aabd9ed0d60971565aa8510560ab41";

    fn read(settings: Value, token: &str, chain: &str, venue: Value) -> Result<Settings, PluginError> {
        let token = Token { symbol: "USDC".into(), address: token.into(), decimals: 6 };
        let chains = [("main".to_owned(), ChainConfig { tokens: vec![token], settings })];
        let venue = VenueConfig { chain: chain.into(), tokens: Vec::new(), settings: venue };
        let venues = [("batch".to_owned(), venue)];
        Settings::read(&PluginConfig {
            chains: chains.into(),
            venues: venues.into(),
            ..PluginConfig::default()
        })
    }

    #[test]
    fn a_url_may_end_with_a_slash_or_have_a_path() {
        for (url, base) in [("http://a:1/", "http://a:1"), ("https://a/v/", "https://a/v")] {
            let settings = json!({"url": url, "chainId": 5, "settlement": SETTLEMENT});
            let settings = read(settings, SETTLEMENT, "main", Value::Null).unwrap();
            assert_eq!(settings.chains["main"].url, base);
            assert_eq!(settings.chains["main"].domain.chain_id, 5);
            assert_eq!(settings.venues["batch"], "main");
        }
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let settings = json!({"url": "ftp://a", "settlement": "0x1", "colour": "red"});
        let error = read(settings, "usdc", "moon", json!({"fee": 1})).unwrap_err();
        let keys = [
            "chains.main.config.url",
            "chains.main.config.chainId",
            "chains.main.config.settlement",
            "chains.main.config.colour",
            "chains.main.tokens.USDC.address",
            "venues.batch.config.fee",
            "venues.batch.chain",
        ];
        assert!(keys.iter().all(|key| error.message.contains(key)), "{error}");
    }
}
