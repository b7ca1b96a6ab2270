//! Chains: where transactions are signed, sent and followed.
//!
//! A chain keeps no state that the daemon relies on: sequences, signed bytes and hashes are the daemon's, and it
//! stores them before [`Chain::send`] is called. Every method may be called again after a crash.

use super::{
    BlockRef, Context, Health, HexBytes, Payload, PluginError, SendOutcome, SendRequest, Signer,
    StatusRequest, TxStatus,
};
use crate::amount::Amount;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// A chain. Several venues share one chain and its lanes.
#[async_trait]
pub trait Chain: Send + Sync {
    /// The address that an account has on this chain.
    ///
    /// # Errors
    /// When the account has no key and this chain needs one.
    async fn address(&self, ctx: &Context, request: AddressRequest) -> Result<String, PluginError>;

    /// How far the account's sequence has come, or that this chain has none: see [`Numbering`].
    ///
    /// # Errors
    /// When the chain cannot be asked. An error is never "nothing there".
    async fn lane(&self, ctx: &Context, request: LaneRequest) -> Result<LaneStatus, PluginError>;

    /// Tries a transaction against the chain's newest state without sending it, and completes it with whatever
    /// does not depend on its sequence (gas limit, fees). It takes no sequence: what must fail, fails here.
    ///
    /// # Errors
    /// [`Transient`](super::ErrorKind::Transient) when it would fail now (the price has moved),
    /// [`InsufficientFunds`](super::ErrorKind::InsufficientFunds) and
    /// [`InsufficientAllowance`](super::ErrorKind::InsufficientAllowance) when that is what is missing, else
    /// [`Permanent`](super::ErrorKind::Permanent).
    async fn estimate(&self, ctx: &Context, request: EstimateRequest) -> Result<Estimated, PluginError>;

    /// Signs an estimated transaction at a sequence, through [`Host::sign`](super::Host::sign). Nothing is sent.
    /// The hash is known from the bytes alone. The lane waits for it: no network here.
    ///
    /// # Errors
    /// When the host refuses to sign, or the payload is not of this chain.
    async fn prepare(&self, ctx: &Context, request: PrepareRequest) -> Result<Prepared, PluginError>;

    /// Signs a transaction without effect at a sequence, to take the place of earlier ones there.
    ///
    /// # Errors
    /// As [`Chain::prepare`].
    async fn cancel(&self, ctx: &Context, request: CancelRequest) -> Result<Prepared, PluginError>;

    /// Signs the last of earlier transactions at one sequence again, with the same effect and a bid that outbids all
    /// of them and meets the market. At most one of them all can ever be in the chain. Chains on which a waiting
    /// transaction cannot be replaced do not have it.
    ///
    /// # Errors
    /// When the host refuses to sign, or the bid would pass the highest that is configured: then the earlier ones stay
    /// what they are.
    async fn bump(&self, ctx: &Context, request: BumpRequest) -> Result<Prepared, PluginError> {
        let _ = (ctx, request);
        Err(PluginError::unsupported("this chain replaces no transactions"))
    }

    /// Which transaction consumed a sequence, in a block that cannot be undone. It is the proof by which signed bytes
    /// that the chain does not know are found to be dead.
    ///
    /// # Errors
    /// When the chain cannot be asked, or its history does not reach back so far. An error is never "open".
    async fn consumer(&self, ctx: &Context, request: ConsumerRequest) -> Result<Consumer, PluginError> {
        let _ = (ctx, request);
        Err(PluginError::unsupported("this chain does not tell what consumed a sequence"))
    }

    /// Hands signed bytes to the chain. The same bytes may be handed over again at any time. There are three
    /// answers and no error: whatever is not certain is [`SendOutcome::Unknown`].
    async fn send(&self, ctx: &Context, request: SendRequest) -> SendOutcome;

    /// What the chain knows of transactions, in the order of the queries.
    ///
    /// # Errors
    /// When the chain cannot be asked about all of them. An error is never "not found".
    async fn status(&self, ctx: &Context, request: StatusRequest) -> Result<Vec<TxStatus>, PluginError>;

    /// What an address holds of a token, in base units.
    ///
    /// # Errors
    /// When the chain cannot be asked.
    async fn balance(&self, ctx: &Context, request: BalanceRequest) -> Result<Amount, PluginError>;

    /// Answers a read-only query of a venue, in this chain's own terms (see its plugin's documentation).
    ///
    /// # Errors
    /// When the query makes no sense or the chain cannot be asked.
    async fn read(&self, ctx: &Context, request: ReadRequest) -> Result<Payload, PluginError>;

    /// Whether the chain can be reached and is the one that was configured.
    ///
    /// # Errors
    /// When it is not.
    async fn health(&self, ctx: &Context) -> Result<Health, PluginError>;
}

/// Whose address to derive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AddressRequest {
    /// The account's name in the configuration.
    pub account: String,
    /// Its public key, 33 bytes compressed secp256k1; none for an account without a key.
    pub public_key: Option<HexBytes>,
}

/// Whose lane to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LaneRequest {
    /// An address on the chain.
    pub address: String,
}

/// How far an account's sequence has come: each number is the first sequence *not* consumed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LaneStatus {
    /// In the newest block; 0 where the chain numbers nothing.
    pub latest: u64,
    /// In the newest block that cannot be undone; 0 where the chain numbers nothing.
    pub finalized: u64,
    /// Who numbers the account's transactions.
    #[serde(default, skip_serializing_if = "Numbering::is_of_the_chain")]
    pub numbering: Numbering,
}

/// Who numbers an account's transactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Numbering {
    /// The chain: it includes one transaction for each sequence, in their order.
    #[default]
    Chain,
    /// Nobody but the daemon, to tell its transactions apart: the chain takes them in any order, and that one of them
    /// is included says nothing of the others. There [`TxStatus::Dead`] is the only proof that one never will be.
    Lane,
}

impl LaneStatus {
    /// Where a chain stands that numbers its transactions.
    #[must_use]
    pub fn at(latest: u64, finalized: u64) -> Self {
        Self { latest, finalized, numbering: Numbering::Chain }
    }

    /// The word of a chain without sequences.
    #[must_use]
    pub fn unnumbered() -> Self {
        Self { latest: 0, finalized: 0, numbering: Numbering::Lane }
    }

    /// The same, unless the chain numbers nothing: then its numbers mean nothing either.
    #[must_use]
    pub fn numbered(self) -> Option<Self> {
        self.numbering.is_of_the_chain().then_some(self)
    }
}

impl Numbering {
    fn is_of_the_chain(&self) -> bool {
        *self == Self::Chain
    }
}

/// What to try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EstimateRequest {
    /// An address on the chain.
    pub address: String,
    /// The transaction, as its venue built it.
    pub payload: Payload,
}

/// A transaction that would succeed now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Estimated {
    /// The transaction, completed; only its sequence is missing.
    pub payload: Payload,
}

/// What to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PrepareRequest {
    /// Who signs.
    pub signer: Signer,
    /// The sequence it takes.
    pub sequence: u64,
    /// The transaction, as [`Chain::estimate`] completed it.
    pub payload: Payload,
}

/// Which sequence to empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CancelRequest {
    /// Who signs.
    pub signer: Signer,
    /// The sequence to take.
    pub sequence: u64,
    /// Signed bytes of earlier transactions at that sequence, which this one has to outbid.
    pub replaces: Vec<HexBytes>,
}

/// What to sign again for more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BumpRequest {
    /// Who signs.
    pub signer: Signer,
    /// The sequence that they all have.
    pub sequence: u64,
    /// Signed bytes of the earlier transactions, oldest first; at least one.
    pub replaces: Vec<HexBytes>,
}

/// Which sequence to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConsumerRequest {
    /// An address on the chain.
    pub address: String,
    /// The sequence.
    pub sequence: u64,
}

/// What became of a sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "consumer", rename_all = "kebab-case")]
pub enum Consumer {
    /// Nothing that cannot be undone has consumed it.
    Open,
    /// This transaction has, for good.
    Consumed {
        /// Its hash.
        hash: String,
        /// The block, which cannot be undone.
        block: BlockRef,
    },
}

/// A signed transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Prepared {
    /// The bytes to send.
    pub raw: HexBytes,
    /// The name by which the chain will know it.
    pub hash: String,
}

/// Whose balance to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BalanceRequest {
    /// An address on the chain.
    pub address: String,
    /// The token's address on the chain; none for the chain's own coin.
    pub token: Option<String>,
}

/// A read-only query in the chain's own terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadRequest {
    /// The query.
    pub query: Payload,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(status: &Value) -> LaneStatus {
        serde_json::from_value(status.clone()).unwrap()
    }

    #[test]
    fn the_word_of_a_chain_with_sequences_is_what_it_always_was() {
        let said = json!({"latest": 12, "finalized": 10});
        assert_eq!(read(&said), LaneStatus::at(12, 10));
        assert_eq!(serde_json::to_value(LaneStatus::at(12, 10)).unwrap(), said);
        assert_eq!(read(&said).numbered(), Some(LaneStatus::at(12, 10)));
    }

    #[test]
    fn the_numbers_of_a_chain_without_sequences_mean_nothing() {
        let said = json!({"latest": 0, "finalized": 0, "numbering": "lane"});
        assert_eq!(serde_json::to_value(LaneStatus::unnumbered()).unwrap(), said);
        assert_eq!(read(&said).numbered(), None);
        let dead: TxStatus = serde_json::from_value(json!({"status": "dead", "reason": "expired"})).unwrap();
        assert_eq!(dead, TxStatus::Dead { reason: "expired".to_owned() });
    }
}
