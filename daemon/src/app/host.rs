//! What the daemon does for its plugins: signs, lets venues ask chains, and tells the time.

use crate::{
    account::Signatory,
    telemetry::{Clock, observe},
};
use async_trait::async_trait;
use orderd_sdk::plugin::{
    Chain, ChainRead, Context, HostServices, Payload, PluginError, ReadRequest, SignRequest, Signature,
    UnixTime,
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
    pub(super) clock: Arc<dyn Clock>,
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

    async fn now(&self, _ctx: &Context) -> Result<UnixTime, PluginError> {
        Ok(UnixTime { unix_ms: self.clock.now().0 })
    }
}
