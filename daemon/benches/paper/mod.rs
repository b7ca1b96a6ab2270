//! The paper plugin as the daemon loads it, for benches.

use anyhow::{Context as _, ensure};
use orderd::plugin::{Isolation, Loaded, PluginSpec, load};
use orderd_sdk::{
    amount::Amount,
    plugin::{
        ChainConfig, ChainRead, Context, Host, HostServices, Payload, PluginConfig, PluginError,
        QuoteRequest, SignRequest, Signature, Token, Venue, VenueConfig, async_trait,
    },
};
use serde_json::{Value, json};
use std::{
    env,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);

/// The paper plugin, with one venue.
pub(crate) struct PaperPlugin {
    pub(crate) loaded: Loaded,
    venue: Arc<dyn Venue>,
    _folder: TempDir,
}

impl PaperPlugin {
    /// Whose quotes take so long.
    pub(crate) async fn load(isolation: Isolation, latency_ms: u64) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let copies = folder.path().join("copies");
        let config = config(folder.path(), latency_ms);
        let spec = PluginSpec { isolation, ..PluginSpec::new("paper", library()?, copies, config) };
        let loaded = load(spec, Host::new(Nobody)).await?;
        let venue = loaded.exports.venues["pool"].clone();
        Ok(Self { loaded, venue, _folder: folder })
    }

    /// One quote.
    pub(crate) async fn quote(&self) -> Result<(), PluginError> {
        let request = QuoteRequest {
            trader: "paper:desk".into(),
            token_in: token("SOL"),
            token_out: token("USDC"),
            amount_in: Amount::from(1_000_000_u64),
        };
        self.venue.quote(&Context::within(PATIENCE), request).await.map(drop)
    }

    /// Ends it.
    pub(crate) async fn end(&self) -> anyhow::Result<()> {
        ensure!(self.loaded.shutdown(PATIENCE).await, "the plugin does not end");
        Ok(())
    }
}

fn config(folder: &Path, latency_ms: u64) -> PluginConfig {
    let tokens = vec![token("SOL"), token("USDC")];
    let settings = json!({
        "pools": [{"tokens": ["SOL", "USDC"], "reserves": ["500000", "75000000"]}],
        "latencyMs": latency_ms,
    });
    let chain = ChainConfig { tokens: tokens.clone(), settings: Value::Null };
    let venue = VenueConfig { chain: "main".to_owned(), tokens, settings };
    PluginConfig {
        chains: [("main".to_owned(), chain)].into(),
        venues: [("pool".to_owned(), venue)].into(),
        data_dir: folder.to_owned(),
    }
}

fn token(symbol: &str) -> Token {
    Token { symbol: symbol.into(), address: format!("0x{symbol}"), decimals: 6 }
}

/// Cargo builds it with the benches, as a dependency of theirs.
fn library() -> anyhow::Result<PathBuf> {
    let name = format!("{}orderd_plugin_paper{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let own = env::current_exe()?;
    let deps = own.parent().context("a bench lies in a folder")?;
    Ok(deps.join(name))
}

/// No services: the paper plugin asks for none.
struct Nobody;

#[async_trait]
impl HostServices for Nobody {
    async fn sign(&self, _: &Context, _: SignRequest) -> Result<Signature, PluginError> {
        Err(PluginError::permanent("nobody signs here"))
    }

    async fn read_chain(&self, _: &Context, _: ChainRead) -> Result<Payload, PluginError> {
        Err(PluginError::permanent("nobody reads here"))
    }
}
