//! What the daemon does for its plugins: signs, lets venues ask chains, and all that needs no other room.

use crate::{account::Signatory, services::PluginServices, telemetry::observe};
use async_trait::async_trait;
use orderd_sdk::plugin::{
    Chain, ChainRead, Context, Done, HostServices, HttpError, HttpRequest, HttpResponse, KvKey, KvKeys,
    KvList, KvPut, KvValue, Payload, PluginError, ReadRequest, Samples, SignRequest, Signature, UnixTime,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

/// Every chain of the daemon, known once all plugins are loaded.
pub(super) type Directory = Arc<OnceLock<BTreeMap<String, Arc<dyn Chain>>>>;

/// The services of one plugin.
pub(super) struct PluginHost {
    /// The plugin's name.
    pub(super) plugin: String,
    /// The chains that this plugin serves: only for them it may have something signed.
    pub(super) chains: BTreeSet<String>,
    pub(super) signatory: Arc<Signatory>,
    pub(super) directory: Directory,
    pub(super) services: PluginServices,
}

#[async_trait]
impl HostServices for PluginHost {
    async fn sign(&self, _ctx: &Context, request: SignRequest) -> Result<Signature, PluginError> {
        let signed = match self.chains.contains(&request.chain) {
            true => self.signatory.sign(&request).map_err(|error| error.to_string()),
            false => Err(format!("this plugin does not serve chain {}", request.chain)),
        };
        signed.map_err(|refusal| {
            observe::signature_refused(&self.plugin, &request.chain, &request.account, &refusal);
            PluginError::permanent(refusal)
        })
    }

    async fn read_chain(&self, ctx: &Context, request: ChainRead) -> Result<Payload, PluginError> {
        let chains =
            self.directory.get().ok_or_else(|| PluginError::transient("the daemon is still starting"))?;
        let chain = chains.get(&request.chain);
        let chain =
            chain.ok_or_else(|| PluginError::invalid(format!("no chain is called {}", request.chain)))?;
        chain.read(ctx, ReadRequest { query: request.query }).await
    }

    async fn http(&self, ctx: &Context, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.services.http(ctx, request).await
    }

    async fn kv_get(&self, ctx: &Context, request: KvKey) -> Result<KvValue, PluginError> {
        self.services.kv_get(ctx, request).await
    }

    async fn kv_put(&self, ctx: &Context, request: KvPut) -> Result<Done, PluginError> {
        self.services.kv_put(ctx, request).await
    }

    async fn kv_delete(&self, ctx: &Context, request: KvKey) -> Result<Done, PluginError> {
        self.services.kv_delete(ctx, request).await
    }

    async fn kv_list(&self, ctx: &Context, request: KvList) -> Result<KvKeys, PluginError> {
        self.services.kv_list(ctx, request).await
    }

    async fn now(&self, ctx: &Context) -> Result<UnixTime, PluginError> {
        self.services.now(ctx).await
    }

    async fn record(&self, ctx: &Context, request: Samples) -> Result<Done, PluginError> {
        self.services.record(ctx, request).await
    }
}
