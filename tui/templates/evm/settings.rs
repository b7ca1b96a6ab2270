//! `[venues.NAME.config]`: what the operator chooses.

use crate::pool::WHOLE_BPS;
use alloy_primitives::Address;
use orderd_sdk::plugin::{PluginError, SettingsTable, Token, VenueConfig};
use serde_json::Value;

const AN_ADDRESS: &str = "an address, 0x and 40 hex digits";

/// Of one venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// What the pools keep of what is sold, in hundredths of a percent.
    pub(crate) fee_bps: u64,
    /// The contract that performs swaps, and that traders approve.
    pub(crate) router: Address,
    /// What is traded.
    pub(crate) pairs: Vec<Pair>,
}

/// Two tokens with a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) tokens: [Token; 2],
    /// Their addresses, as the chain has them.
    pub(crate) addresses: [Address; 2],
    /// The contract of the pool.
    pub(crate) pool: Address,
}

impl Settings {
    /// Reads a venue's settings. `None` means that a mistake was noted, by its path.
    pub(crate) fn read(
        venue: &str,
        config: &VenueConfig,
        mistakes: &mut Vec<String>,
    ) -> Option<Self> {
        let before = mistakes.len();
        let path = format!("venues.{venue}.config");
        let mut table = SettingsTable::open(path.clone(), config.settings.clone(), mistakes);
        let fee_bps = table.integer("feeBps", 30, WHOLE_BPS - 1);
        let router = table.required("router", AN_ADDRESS);
        let tables: Option<Vec<Value>> = table.required(
            "pairs",
            "a list of { tokens = [\"A\", \"B\"], pool = \"0x…\" }",
        );
        table.close();
        let tables = tables.unwrap_or_default();
        let pairs = tables.into_iter().enumerate().filter_map(|(index, table)| {
            Pair::read(
                format!("{path}.pairs[{index}]"),
                table,
                &config.tokens,
                mistakes,
            )
        });
        let pairs = pairs.collect();
        (mistakes.len() == before).then_some(Self {
            fee_bps,
            router: router?,
            pairs,
        })
    }

    /// The pair of these two tokens, which are told apart by their address.
    ///
    /// # Errors
    /// When it is not traded here.
    pub(crate) fn pair(&self, token_in: &Token, token_out: &Token) -> Result<&Pair, PluginError> {
        let no_pool = || {
            PluginError::permanent(format!(
                "no pool for {} and {}",
                token_in.symbol, token_out.symbol
            ))
        };
        let address = |token: &Token| token.address.parse::<Address>().map_err(|_| no_pool());
        let (sold, bought) = (address(token_in)?, address(token_out)?);
        let is_it =
            |pair: &&Pair| pair.addresses == [sold, bought] || pair.addresses == [bought, sold];
        self.pairs.iter().find(is_it).ok_or_else(no_pool)
    }
}

impl Pair {
    fn read(
        path: String,
        table: Value,
        known: &[Token],
        mistakes: &mut Vec<String>,
    ) -> Option<Self> {
        let mut table = SettingsTable::open(path, table, mistakes);
        let symbols: Option<[String; 2]> = table.required("tokens", "two symbols");
        let pool = table.required("pool", AN_ADDRESS);
        let token = |symbol: &String| {
            let token = known.iter().find(|token| token.symbol == *symbol)?;
            Some((token.clone(), token.address.parse::<Address>().ok()?))
        };
        let tokens = symbols
            .as_ref()
            .map(|symbols| symbols.each_ref().map(token));
        let pair = match tokens {
            Some([Some((one, first)), Some((other, second))]) if first != second => {
                pool.map(|pool| Self {
                    tokens: [one, other],
                    addresses: [first, second],
                    pool,
                })
            }
            Some(_) => {
                table.mistake("tokens", "not two tokens of the chain with an EVM address");
                None
            }
            None => None,
        };
        table.close();
        pair
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::fake;
    use serde_json::json;

    fn read(settings: Value) -> Result<Settings, Vec<String>> {
        let tokens = fake::settings().pairs[0].tokens.to_vec();
        let config = VenueConfig {
            chain: "local".to_owned(),
            tokens,
            settings,
        };
        let mut mistakes = Vec::new();
        Settings::read("dex", &config, &mut mistakes).ok_or(mistakes)
    }

    #[test]
    fn every_mistake_is_named_by_its_path() {
        let pairs = json!([{"tokens": ["A", "C"], "pool": Address::ZERO}, {"pool": "0x1"}]);
        let mistakes = read(json!({"feeBps": 10_000, "pairs": pairs, "colour": 1})).unwrap_err();
        let keys: Vec<_> = mistakes
            .iter()
            .map(|mistake| mistake.split(':').next().unwrap())
            .collect();
        let expected = [
            "feeBps",
            "router",
            "colour",
            "pairs[0].tokens",
            "pairs[1].tokens",
            "pairs[1].pool",
        ];
        assert_eq!(keys, expected.map(|key| format!("venues.dex.config.{key}")));
    }

    #[test]
    fn the_fee_may_be_left_out() {
        let pair = json!({"tokens": ["A", "B"], "pool": Address::ZERO});
        let settings = read(json!({"router": Address::ZERO, "pairs": [pair]})).unwrap();
        assert_eq!((settings.fee_bps, settings.pairs.len()), (30, 1));
    }
}
