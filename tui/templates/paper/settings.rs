//! `[venues.NAME.config]`: what the operator chooses.

use crate::pool::WHOLE_BPS;
use orderd_sdk::plugin::{PluginError, SettingsTable, Token, VenueConfig};

/// Of one venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// What the pools keep of what is sold, in hundredths of a percent.
    pub(crate) fee_bps: u64,
    /// What is traded.
    pub(crate) pairs: Vec<Pair>,
}

/// Two tokens with a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) tokens: [Token; 2],
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
        let mut table = SettingsTable::open(path, config.settings.clone(), mistakes);
        let fee_bps = table.integer("feeBps", 30, WHOLE_BPS - 1);
        let symbols: Option<Vec<[String; 2]>> =
            table.required("pairs", "pairs such as [[\"SOL\", \"USDC\"]]");
        let mut pairs = Vec::new();
        for [first, second] in symbols.unwrap_or_default() {
            let token = |symbol: &str| {
                config
                    .tokens
                    .iter()
                    .find(|token| token.symbol == symbol)
                    .cloned()
            };
            match (token(&first), token(&second)) {
                (Some(one), Some(other)) if one.address != other.address => {
                    pairs.push(Pair {
                        tokens: [one, other],
                    });
                }
                _ => table.mistake(
                    "pairs",
                    format_args!("{first}/{second}: not two tokens of the chain"),
                ),
            }
        }
        table.close();
        (mistakes.len() == before).then_some(Self { fee_bps, pairs })
    }

    /// The pair of these two tokens, which are told apart by their address.
    ///
    /// # Errors
    /// When it is not traded here.
    pub(crate) fn pair(&self, token_in: &Token, token_out: &Token) -> Result<&Pair, PluginError> {
        let is_it = |pair: &&Pair| {
            let [one, other] = pair.tokens.each_ref().map(|token| &token.address);
            let (sold, bought) = (&token_in.address, &token_out.address);
            (one, other) == (sold, bought) || (one, other) == (bought, sold)
        };
        let pair = self.pairs.iter().find(is_it);
        pair.ok_or_else(|| {
            PluginError::permanent(format!(
                "no pool for {} and {}",
                token_in.symbol, token_out.symbol
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(settings: Value) -> Result<Settings, Vec<String>> {
        let token = |symbol: &str| Token {
            symbol: symbol.to_owned(),
            address: symbol.to_lowercase(),
            decimals: 6,
        };
        let config = VenueConfig {
            chain: "local".to_owned(),
            tokens: vec![token("A"), token("B")],
            settings,
        };
        let mut mistakes = Vec::new();
        Settings::read("dex", &config, &mut mistakes).ok_or(mistakes)
    }

    #[test]
    fn every_mistake_is_named_by_its_path() {
        let mistakes =
            read(json!({"feeBps": 10_000, "pairs": [["A", "C"], ["A", "A"]], "colour": 1}))
                .unwrap_err();
        let keys: Vec<_> = mistakes
            .iter()
            .map(|mistake| mistake.split(':').next().unwrap())
            .collect();
        let path = |key: &str| format!("venues.dex.config.{key}");
        assert_eq!(
            keys,
            [path("feeBps"), path("pairs"), path("pairs"), path("colour")]
        );
    }

    #[test]
    fn the_fee_may_be_left_out() {
        let settings = read(json!({"pairs": [["A", "B"]]})).unwrap();
        assert_eq!((settings.fee_bps, settings.pairs.len()), (30, 1));
    }
}
