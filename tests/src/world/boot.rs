//! A world on a node of its own: deployed the first time, loaded from the cache ever after.

use anyhow::{Context, Result};

use super::{World, cache::Entry};
use crate::{
    anvil::{Anvil, AnvilOptions},
    rpc::Rpc,
};

/// When worlds are deployed, in seconds of the Unix epoch: long before anything happens on them. A pool that was
/// touched in the second of its first trade would make that trade cheaper than it is when it comes to the next block.
const LONG_AGO: u64 = 1_700_000_000;

/// A running node with the market on it.
///
/// Dropping [`Chain::anvil`] ends the node. Who takes a chain apart must keep that field too: in
/// `let Chain { rpc, .. } = …` the node is gone at the end of the line.
#[derive(Debug)]
pub struct Chain {
    /// The node.
    pub anvil: Anvil,
    /// A client of it.
    pub rpc: Rpc,
    /// What is deployed on it.
    pub world: World,
}

impl World {
    /// A world on a new node with instant mining.
    ///
    /// # Errors
    /// When anvil or the npm packages are missing, or the deployment fails.
    pub async fn boot() -> Result<Chain> {
        Self::boot_with(AnvilOptions::default()).await
    }

    /// A world on a new node with these options, whose `load_state` is replaced by the world's. Any other state, such
    /// as one that a test dumped, is loaded by [`Anvil::start`].
    ///
    /// # Errors
    /// As for [`World::boot`].
    pub async fn boot_with(options: AnvilOptions) -> Result<Chain> {
        let entry = Entry::of(options.chain_id)?;
        let world = match entry.read()? {
            Some(world) => world,
            None => deploy_once(&entry, options.chain_id).await?,
        };
        let options = AnvilOptions { load_state: Some(entry.state()), ..options };
        let anvil = Anvil::start(&options).await?;
        Ok(Chain { rpc: anvil.rpc(), anvil, world })
    }
}

async fn deploy_once(entry: &Entry, chain_id: u64) -> Result<World> {
    let waiting = entry.clone();
    let _lock = tokio::task::spawn_blocking(move || waiting.lock()).await??;
    if let Some(world) = entry.read()? {
        return Ok(world);
    }
    let draft = entry.draft()?;
    let options = AnvilOptions {
        chain_id,
        dump_state: Some(draft.state()),
        extra: vec![format!("--timestamp={LONG_AGO}")],
        ..AnvilOptions::default()
    };
    let anvil = Anvil::start(&options).await?;
    let world = World::deploy(&anvil.rpc()).await.context("cannot deploy the test contracts")?;
    anvil.stop().await?;
    draft.publish(entry, &world)?;
    Ok(world)
}
