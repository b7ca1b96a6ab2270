//! What the daemon does for a plugin.

use super::{Context, HexBytes, Payload, PluginError};
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

    /// Signs a digest with an account's key, which never leaves the daemon. The daemon checks that the account
    /// belongs to the chain and the chain to the plugin that asks.
    ///
    /// # Errors
    /// [`Permanent`](super::ErrorKind::Permanent) when the policy refuses or the account has no key.
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignRequest {
    /// The chain on whose behalf.
    pub chain: String,
    /// The account whose key to use.
    pub account: String,
    /// A 32-byte digest.
    pub digest: HexBytes,
}

/// An ECDSA signature over secp256k1 with low `s`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChainRead {
    /// The chain's name in the configuration.
    pub chain: String,
    /// The question, in the chain's own terms.
    pub query: Payload,
}
