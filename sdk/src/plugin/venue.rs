//! Venues: places that price a swap and say which transaction performs it.

use super::{Context, Payload, PluginError, Token};
use crate::amount::Amount;
use async_trait::async_trait;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// A DEX on one chain. A venue never signs and never sends.
#[async_trait]
pub trait Venue: Send + Sync {
    /// Prices a swap of an exact input. The answer is what the account would receive now, after every fee
    /// that the venue itself takes.
    ///
    /// # Errors
    /// When there is no market for the pair or it cannot be asked.
    async fn quote(&self, ctx: &Context, request: QuoteRequest) -> Result<Quote, PluginError>;

    /// Says which transaction performs the swap of `request`, or which approval has to be in the chain before.
    /// The transaction must fail as a whole rather than give less than `min_out`, or act after `deadline`.
    ///
    /// # Errors
    /// When the route is no longer there or the chain cannot be asked.
    async fn build(&self, ctx: &Context, request: BuildRequest) -> Result<Build, PluginError>;

    /// Whether the venue can be reached and trades.
    ///
    /// # Errors
    /// When it cannot.
    async fn health(&self, ctx: &Context) -> Result<Health, PluginError>;
}

/// What to price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct QuoteRequest {
    /// Who would trade: an address on the chain.
    pub trader: String,
    /// The token to sell.
    pub token_in: Token,
    /// The token to buy.
    pub token_out: Token,
    /// How much to sell, in base units.
    pub amount_in: Amount,
}

/// A price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// What the swap gives, in base units of the bought token, after the venue's fees.
    pub amount_out: Amount,
    /// What the network takes for the transaction, in base units of the bought token, where it can be told:
    /// venues are compared by `amount_out` less this.
    #[serde(default)]
    pub network_cost: Option<Amount>,
    /// How much the swap itself moves the price, in millionths, where it can be told.
    #[serde(default)]
    pub price_impact_ppm: Option<u32>,
    /// Which pools it takes: the venue's own words, handed back to [`Venue::build`].
    #[serde(default)]
    pub route: Payload,
}

/// What to build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BuildRequest {
    /// Who trades, and who receives: an address on the chain.
    pub trader: String,
    /// The token to sell.
    pub token_in: Token,
    /// The token to buy.
    pub token_out: Token,
    /// How much to sell, in base units.
    pub amount_in: Amount,
    /// The least to receive, in base units; the chain itself has to enforce it.
    pub min_out: Amount,
    /// Unix seconds; the chain itself has to enforce it.
    pub deadline: u64,
    /// The route of the quote that won.
    pub route: Payload,
}

/// The way to a swap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Build {
    /// This transaction performs the swap.
    Swap {
        /// The transaction.
        payload: Payload,
    },
    /// The account has to approve a spender first; afterwards `build` is called again.
    Approve(Approval),
}

/// Leave for a contract to move a token of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// The token, by symbol.
    pub token: String,
    /// Who may move it: an address on the chain.
    pub spender: String,
    /// The transaction that grants it.
    pub payload: Payload,
}

/// By hand: what serde makes for a tag reads through a copy of the message, in which no payload is as it was written.
impl<'de> Deserialize<'de> for Build {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Flat { kind, token, spender, payload } = Flat::deserialize(deserializer)?;
        let required = |field: Option<String>, name| field.ok_or_else(|| D::Error::missing_field(name));
        Ok(match kind {
            Kind::Swap => Self::Swap { payload },
            Kind::Approve => Self::Approve(Approval {
                token: required(token, "token")?,
                spender: required(spender, "spender")?,
                payload,
            }),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Swap,
    Approve,
}

/// Every field that a [`Build`] may have.
#[derive(Deserialize)]
struct Flat {
    kind: Kind,
    token: Option<String>,
    spender: Option<String>,
    payload: Payload,
}

/// How a chain or venue is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    /// For people: what was looked at, such as the height of the chain.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_ways_are_read_as_they_are_written_and_nothing_else_is() {
        let payload = Payload::from(json!({"kind": "approve", "a": [1]}));
        let swap = Build::Swap { payload: payload.clone() };
        let (token, spender) = ("USDC".to_owned(), "0x01".to_owned());
        for build in [swap, Build::Approve(Approval { token, spender, payload })] {
            let json = serde_json::to_string(&build).unwrap();
            assert_eq!(serde_json::from_str::<Build>(&json).unwrap(), build);
        }
        let later = r#"{"payload":7,"later":{},"kind":"swap"}"#;
        assert_eq!(serde_json::from_str::<Build>(later).unwrap(), Build::Swap { payload: json!(7).into() });
        for wrong in [
            r#"{"kind":"approve","token":"USDC","payload":1}"#,
            r#"{"kind":"swap"}"#,
            r#"{"payload":1}"#,
            r#"{"kind":"dance","payload":1}"#,
        ] {
            assert!(serde_json::from_str::<Build>(wrong).is_err(), "{wrong}");
        }
    }
}
