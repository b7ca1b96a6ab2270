//! From a file to a plan. Every mistake is named at once.

use super::{
    CannedHttp, CannedRead, Market, Plan, PlannedAccount, PlannedChain, PlannedPanic, PlannedTransaction,
    ServedBy, Steadiness,
};
use crate::{
    amount::Amount,
    plugin::{ChainConfig, Token, VenueConfig},
};
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Why a file is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// It cannot be read.
    #[error("cannot read {}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is no TOML, or has keys or values that a plan does not have.
    #[error("{0}")]
    Malformed(String),
    /// It contradicts itself: each mistake with its key path.
    #[error("{}", .0.join("; "))]
    Mistakes(Vec<String>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    chains: BTreeMap<String, RawChain>,
    venues: BTreeMap<String, RawVenue>,
    markets: Vec<RawMarket>,
    account: PlannedAccount,
    transactions: Vec<PlannedTransaction>,
    reads: Vec<CannedRead>,
    http: Vec<CannedHttp>,
    panic: Option<PlannedPanic>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawChain {
    plugin: Option<String>,
    #[serde(default)]
    tokens: BTreeMap<String, RawToken>,
    #[serde(default)]
    config: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawToken {
    address: String,
    decimals: u8,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVenue {
    chain: String,
    #[serde(default)]
    config: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawMarket {
    venue: String,
    sell: String,
    buy: String,
    amount: String,
    #[serde(default)]
    time_dependent: bool,
}

impl Plan {
    /// Reads a file. Libraries in it count from its folder.
    ///
    /// # Errors
    /// When it is none, or contradicts itself.
    pub fn read(file: &Path) -> Result<Self, PlanError> {
        let text = fs::read_to_string(file)
            .map_err(|source| PlanError::Unreadable { file: file.to_owned(), source })?;
        Self::parse(&text, file.parent().unwrap_or(Path::new("")))
    }

    /// Reads a plan's text. Libraries in it count from `folder`.
    ///
    /// # Errors
    /// As for [`Plan::read`].
    pub fn parse(text: &str, folder: &Path) -> Result<Self, PlanError> {
        let raw: Raw = toml::from_str(text).map_err(|error| PlanError::Malformed(error.to_string()))?;
        let mut mistakes = Vec::new();
        let plan = raw.check(folder, &mut mistakes);
        match mistakes.is_empty() {
            true => Ok(plan),
            false => Err(PlanError::Mistakes(mistakes)),
        }
    }
}

impl Raw {
    fn check(self, folder: &Path, mistakes: &mut Vec<String>) -> Plan {
        let chains: BTreeMap<_, _> =
            self.chains.into_iter().map(|(name, chain)| (name, chain.planned(folder))).collect();
        let mut venues = BTreeMap::new();
        for (name, venue) in self.venues {
            let path = format!("venues.{name}.chain");
            let tokens =
                known(&chains, &path, &venue.chain, mistakes).map(|chain| chain.config.tokens.clone());
            let config = VenueConfig {
                chain: venue.chain,
                tokens: tokens.unwrap_or_default(),
                settings: venue.config,
            };
            venues.insert(name, config);
        }
        let markets = self.markets.iter().enumerate();
        let markets =
            markets.filter_map(|(index, market)| market.planned(index, &venues, mistakes)).collect();
        for (index, transaction) in self.transactions.iter().enumerate() {
            known(&chains, &format!("transactions[{index}].chain"), &transaction.chain, mistakes);
        }
        for (index, read) in self.reads.iter().enumerate() {
            known(&chains, &format!("reads[{index}].chain"), &read.chain, mistakes);
        }
        Plan {
            chains,
            venues,
            markets,
            account: self.account,
            transactions: self.transactions,
            reads: self.reads,
            http: self.http,
            panic: self.panic,
        }
    }
}

impl RawChain {
    fn planned(self, folder: &Path) -> PlannedChain {
        let served_by = match self.plugin.as_deref() {
            None => ServedBy::Subject,
            Some("none") => ServedBy::Nobody,
            Some(library) => ServedBy::Companion(folder.join(library)),
        };
        let token = |(symbol, token): (String, RawToken)| Token {
            symbol,
            address: token.address,
            decimals: token.decimals,
        };
        let tokens = self.tokens.into_iter().map(token).collect();
        PlannedChain { served_by, config: ChainConfig { tokens, settings: self.config } }
    }
}

impl RawMarket {
    fn planned(
        &self,
        index: usize,
        venues: &BTreeMap<String, VenueConfig>,
        mistakes: &mut Vec<String>,
    ) -> Option<Market> {
        let path = format!("markets[{index}]");
        let Some(venue) = venues.get(&self.venue) else {
            mistakes.push(format!("{path}.venue: there is no venue {:?}", self.venue));
            return None;
        };
        let mut token = |key: &str, symbol: &str| {
            let found = venue.tokens.iter().find(|token| token.symbol == symbol);
            if found.is_none() {
                mistakes.push(format!("{path}.{key}: the chain has no token {symbol:?}"));
            }
            found.cloned()
        };
        let (sell, buy) = (token("sell", &self.sell), token("buy", &self.buy));
        let sell = sell?;
        let amount = Amount::parse_units(&self.amount, sell.decimals)
            .map_err(|error| mistakes.push(format!("{path}.amount: {error}")));
        let steadiness = match self.time_dependent {
            true => Steadiness::TimeDependent,
            false => Steadiness::Steady,
        };
        Some(Market { venue: self.venue.clone(), sell, buy: buy?, amount: amount.ok()?, steadiness })
    }
}

fn known<'a>(
    chains: &'a BTreeMap<String, PlannedChain>,
    path: &str,
    name: &str,
    mistakes: &mut Vec<String>,
) -> Option<&'a PlannedChain> {
    let chain = chains.get(name);
    if chain.is_none() {
        mistakes.push(format!("{path}: there is no chain {name:?}"));
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"
        [chains.local]
        plugin = "paper.so"
        tokens = { SOL = { address = "sol", decimals = 9 }, USDC = { address = "usdc", decimals = 6 } }
        [venues.pool]
        chain = "local"
        config = { feeBps = 30 }
        [[markets]]
        venue = "pool"
        sell = "SOL"
        buy = "USDC"
        amount = "1.5"
    "#;

    #[test]
    fn a_plan_is_read_and_its_libraries_count_from_its_folder() {
        let plan = Plan::parse(PLAN, Path::new("/plugins/mine")).unwrap();
        assert_eq!(plan.companions(), [Path::new("/plugins/mine/paper.so")]);
        let [market] = plan.markets.as_slice() else { panic!("one market was named") };
        assert_eq!((market.amount, market.buy.decimals), (Amount::from(1_500_000_000_u64), 6));
        let config = plan.config(PathBuf::from("data"));
        assert!(config.chains.is_empty(), "another library serves the chain");
        assert_eq!(config.venues["pool"].tokens.len(), 2);
    }

    #[test]
    fn every_mistake_is_named_by_its_path() {
        let text = PLAN.replace("chain = \"local\"", "chain = \"main\"")
            + "[[reads]]\nchain = \"moon\"\nanswer = 1\n[[markets]]\nvenue = \"book\"\nsell = \"A\"\nbuy = \"B\"\namount = \"1\"";
        let Err(PlanError::Mistakes(mistakes)) = Plan::parse(&text, Path::new("")) else {
            panic!("the plan contradicts itself");
        };
        let expected =
            ["venues.pool.chain", "markets[0].sell", "markets[0].buy", "markets[1].venue", "reads[0].chain"];
        let paths: Vec<_> = mistakes.iter().filter_map(|mistake| mistake.split(':').next()).collect();
        assert_eq!(paths, expected);
        assert!(matches!(Plan::parse("[chain.local]", Path::new("")), Err(PlanError::Malformed(_))));
    }
}
