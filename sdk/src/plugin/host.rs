//! What the daemon does for a plugin.

use super::{Context, HexBytes, Payload, PluginError};
use crate::amount::Amount;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// A plugin's handle to the daemon. Cheap to clone.
#[derive(Clone)]
pub struct Host(Arc<dyn HostServices>);

/// The services behind [`Host`]. The daemon implements them; across the C ABI the SDK does.
#[async_trait]
pub trait HostServices: Send + Sync {
    /// See [`Host::sign`].
    ///
    /// # Errors
    /// See [`Host::sign`].
    async fn sign(&self, ctx: &Context, request: SignRequest) -> Result<Signature, PluginError>;

    /// See [`Host::read_chain`].
    ///
    /// # Errors
    /// See [`Host::read_chain`].
    async fn read_chain(&self, ctx: &Context, request: ChainRead) -> Result<Payload, PluginError>;
}

impl Host {
    /// A handle to these services.
    pub fn new(services: impl HostServices + 'static) -> Self {
        Self(Arc::new(services))
    }

    /// Signs a digest with an account's key, which never leaves the daemon. It does so only for a chain that it is asking
    /// to [prepare](super::Chain::prepare), [bump](super::Chain::bump) or [cancel](super::Chain::cancel) a transaction of
    /// that account at that moment, once for each such call, and within the account's policy.
    ///
    /// # Errors
    /// [`Permanent`](super::ErrorKind::Permanent) when it was not asked for, the policy refuses, or the account has no
    /// key.
    pub async fn sign(&self, ctx: &Context, request: SignRequest) -> Result<Signature, PluginError> {
        self.0.sign(ctx, request).await
    }

    /// Asks a chain, possibly of another plugin, a read-only question: see [`Chain::read`](super::Chain::read).
    /// Venues use it, so that a chain's endpoint is configured and pooled in one place.
    ///
    /// # Errors
    /// When there is no such chain, or as the chain answers.
    pub async fn read_chain(&self, ctx: &Context, request: ChainRead) -> Result<Payload, PluginError> {
        self.0.read_chain(ctx, request).await
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host")
    }
}

/// What to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignRequest {
    /// The chain on whose behalf.
    pub chain: String,
    /// The account whose key to use.
    pub account: String,
    /// A 32-byte digest.
    pub digest: HexBytes,
    /// The sequence of what is signed. Without it, any that the daemon is asking this chain to sign for the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// What the signature allows. Without it, an account that is kept to certain contracts signs cancellations alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
}

/// What a signed transaction does, as far as a policy is about it. Its chain reads it from the transaction itself and
/// believes no venue's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing but to consume its sequence.
    Nothing,
    /// Calls a contract.
    Call {
        /// The contract's address on the chain.
        contract: String,
        /// Base units of the chain's own coin that go along.
        value: Amount,
    },
    /// Lets somebody take a token from the account, and does nothing else.
    Approve {
        /// The token's address on the chain.
        token: String,
        /// Who may take it: an address on the chain.
        spender: String,
    },
    /// Something that this version has no word for.
    #[serde(other)]
    Other,
}

/// An ECDSA signature over secp256k1 with low `s`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signature {
    /// 32 bytes.
    pub r: HexBytes,
    /// 32 bytes.
    pub s: HexBytes,
    /// Whether the curve point's y is odd, to recover the public key.
    pub y_odd: bool,
}

/// A question to a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainRead {
    /// The chain's name in the configuration.
    pub chain: String,
    /// The question, in the chain's own terms.
    pub query: Payload,
}
