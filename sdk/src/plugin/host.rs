//! What the daemon does for a plugin.

use super::{
    Context, Data, HexBytes, HttpError, HttpRequest, HttpResponse, KvKey, KvKeys, KvList, KvPut, KvValue,
    Payload, PluginError, Sample, Samples,
};
use crate::{amount::Amount, timestamp::Timestamp};
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

    /// See [`Host::http`].
    ///
    /// # Errors
    /// See [`Host::http`].
    async fn http(&self, _ctx: &Context, _request: HttpRequest) -> Result<HttpResponse, HttpError> {
        Err(HttpError::NotSent(lacking("http")))
    }

    /// See [`Host::kv_get`].
    ///
    /// # Errors
    /// See [`Host::kv_get`].
    async fn kv_get(&self, _ctx: &Context, _request: KvKey) -> Result<KvValue, PluginError> {
        Err(lacking("kv"))
    }

    /// See [`Host::kv_put`].
    ///
    /// # Errors
    /// See [`Host::kv_put`].
    async fn kv_put(&self, _ctx: &Context, _request: KvPut) -> Result<Done, PluginError> {
        Err(lacking("kv"))
    }

    /// See [`Host::kv_delete`].
    ///
    /// # Errors
    /// See [`Host::kv_delete`].
    async fn kv_delete(&self, _ctx: &Context, _request: KvKey) -> Result<Done, PluginError> {
        Err(lacking("kv"))
    }

    /// See [`Host::kv_list`].
    ///
    /// # Errors
    /// See [`Host::kv_list`].
    async fn kv_list(&self, _ctx: &Context, _request: KvList) -> Result<KvKeys, PluginError> {
        Err(lacking("kv"))
    }

    /// See [`Host::now`].
    ///
    /// # Errors
    /// See [`Host::now`].
    async fn now(&self, _ctx: &Context) -> Result<UnixTime, PluginError> {
        Err(lacking("time"))
    }

    /// See [`Host::record`].
    ///
    /// # Errors
    /// See [`Host::record`].
    async fn record(&self, _ctx: &Context, _request: Samples) -> Result<Done, PluginError> {
        Err(lacking("metrics"))
    }
}

/// What a host answers to a service that it does not have, as one of an older minor version does.
fn lacking(service: &str) -> PluginError {
    PluginError::unsupported(format!("this host has no service {service}"))
}

impl Host {
    /// A handle to these services.
    pub fn new(services: impl HostServices + 'static) -> Self {
        Self(Arc::new(services))
    }

    /// The services themselves, as a host of the C interface needs them.
    #[must_use]
    pub fn services(&self) -> &dyn HostServices {
        &*self.0
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

    /// Makes an HTTP request over the daemon's connections, to a host that the operator allows this plugin
    /// (`plugins.NAME.egress`). Any status is an answer, a redirect too. Dropping the future gives the request up.
    ///
    /// # Errors
    /// [`NotSent`](HttpError::NotSent) when the server certainly got nothing of it, [`Unknown`](HttpError::Unknown)
    /// when it may have acted on it. `?` makes a [`PluginError`] of either.
    pub async fn http(&self, ctx: &Context, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.0.http(ctx, request).await
    }

    /// Reads what this plugin has stored under a key.
    ///
    /// # Errors
    /// [`Invalid`](super::ErrorKind::Invalid) for a key that cannot be; otherwise when the store fails.
    pub async fn kv_get(&self, ctx: &Context, key: &str) -> Result<Option<Data>, PluginError> {
        self.0.kv_get(ctx, KvKey { key: key.to_owned() }).await.map(|found| found.value)
    }

    /// Stores a value. It is on stable storage when this returns; after an error it may be there or not.
    ///
    /// # Errors
    /// [`Invalid`](super::ErrorKind::Invalid) for a key or value that cannot be,
    /// [`Permanent`](super::ErrorKind::Permanent) when the plugin's room is full; otherwise when the store fails.
    pub async fn kv_put(&self, ctx: &Context, key: &str, value: impl Into<Data>) -> Result<(), PluginError> {
        let put = KvPut { key: key.to_owned(), value: value.into() };
        self.0.kv_put(ctx, put).await.map(drop)
    }

    /// Forgets a key, durably; one that is not there is none the less forgotten.
    ///
    /// # Errors
    /// As for [`Self::kv_put`].
    pub async fn kv_delete(&self, ctx: &Context, key: &str) -> Result<(), PluginError> {
        self.0.kv_delete(ctx, KvKey { key: key.to_owned() }).await.map(drop)
    }

    /// This plugin's keys, in the order of their bytes: at most [`MAX_KV_LISTED`](super::MAX_KV_LISTED) of them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn kv_list(&self, ctx: &Context, request: KvList) -> Result<Vec<String>, PluginError> {
        self.0.kv_list(ctx, request).await.map(|listed| listed.keys)
    }

    /// The daemon's clock, which orders' deadlines are told by. It may be set back: measure no duration with it.
    ///
    /// # Errors
    /// When the daemon does not answer in time.
    pub async fn now(&self, ctx: &Context) -> Result<Timestamp, PluginError> {
        self.0.now(ctx).await.map(|now| Timestamp(now.unix_ms))
    }

    /// Records figures in the daemon's `/metrics`, all or none of them.
    ///
    /// # Errors
    /// [`Invalid`](super::ErrorKind::Invalid) for names and labels that cannot be,
    /// [`Permanent`](super::ErrorKind::Permanent) when the plugin has as many series as it may have.
    pub async fn record(
        &self,
        ctx: &Context,
        samples: impl IntoIterator<Item = Sample> + Send,
    ) -> Result<(), PluginError> {
        let samples = Samples { samples: samples.into_iter().collect() };
        self.0.record(ctx, samples).await.map(drop)
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = with_later_kinds))]
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
        /// The contract that keeps the leave and is called to give it, where that is not the token itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        through: Option<String>,
    },
    /// Something that this version has no word for.
    #[serde(other)]
    Other,
}

/// Whatever kind has no form of its own is [`Effect::Other`].
#[cfg(feature = "schema")]
fn with_later_kinds(schema: &mut schemars::Schema) {
    let forms = schema.get_mut("oneOf").and_then(serde_json::Value::as_array_mut);
    let kind = |form: &serde_json::Value| form.pointer("/properties/kind/const").cloned();
    let Some((other, named)) = forms.and_then(|forms| forms.split_last_mut()) else {
        return;
    };
    let named: Vec<_> = named.iter().filter_map(kind).collect();
    other["properties"]["kind"] = serde_json::json!({ "type": "string", "not": { "enum": named } });
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

/// It is done, and there is nothing to say about it: `{}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Done {}

/// What the daemon's clock says: the reply to `time.now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct UnixTime {
    /// Milliseconds since the Unix epoch.
    pub unix_ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_older_plugins_question_is_understood_and_so_is_a_newer_ones() {
        let mut asked = json!({"chain": "main", "account": "desk", "digest": "0x07"});
        let request: SignRequest = serde_json::from_value(asked.clone()).unwrap();
        assert_eq!((request.sequence, &request.effect), (None, &None));
        assert_eq!(serde_json::to_value(&request).unwrap(), asked);
        asked["effect"] = json!({"kind": "delegate", "to": "0x01"});
        let request: SignRequest = serde_json::from_value(asked).unwrap();
        assert_eq!(request.effect, Some(Effect::Other));
    }
}
