//! The deployed state kept on disk, so that a world is deployed once and loaded ever after.
//!
//! An entry is a folder named after everything it depends on. It appears by a rename, so whoever sees it sees it
//! whole; a file lock keeps concurrent test processes from deploying twice.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
};

use alloy_primitives::Keccak256;
use anyhow::{Context, Result};

use super::World;
use crate::{anvil, artifacts::chain_folder};

/// The sources that decide what is deployed.
const SOURCES: [&str; 10] = [
    include_str!("account.rs"),
    include_str!("boot.rs"),
    include_str!("deploy.rs"),
    include_str!("deployer.rs"),
    include_str!("market.rs"),
    include_str!("plan.rs"),
    include_str!("pools.rs"),
    include_str!("v4.rs"),
    include_str!("../artifacts.rs"),
    include_str!("../anvil/options.rs"),
];
const STATE: &str = "state.json";
const WORLD: &str = "world.json";

/// A world on disk, or the place for it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    folder: PathBuf,
}

impl Entry {
    /// The entry of a chain id, for the packages and sources of now.
    pub(super) fn of(chain_id: u64) -> Result<Self> {
        Ok(Self { folder: root().join(key(chain_id)?) })
    }

    /// The state to load into a node.
    pub(super) fn state(&self) -> PathBuf {
        self.folder.join(STATE)
    }

    /// The world in it; none when it is not there yet.
    pub(super) fn read(&self) -> Result<Option<World>> {
        let file = self.folder.join(WORLD);
        if !file.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&file)?;
        let world = serde_json::from_str(&text)
            .with_context(|| format!("{} is damaged: delete its folder", file.display()))?;
        Ok(Some(world))
    }

    /// Waits until no other process deploys, and keeps them from it until the file is dropped. Blocks the thread.
    pub(super) fn lock(&self) -> Result<File> {
        fs::create_dir_all(self.parent()).context("cannot create the cache of deployed worlds")?;
        let lock = File::create(self.folder.with_extension("lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    /// A place to prepare the entry in, beside its own; it vanishes unless it is published.
    pub(super) fn draft(&self) -> Result<Draft> {
        Ok(Draft(tempfile::Builder::new().prefix("draft-").tempdir_in(self.parent())?))
    }

    fn parent(&self) -> &Path {
        self.folder.parent().expect("an entry is in the cache's folder")
    }
}

/// An entry in preparation.
#[derive(Debug)]
pub(super) struct Draft(tempfile::TempDir);

impl Draft {
    /// Where the node is to write its state.
    pub(super) fn state(&self) -> PathBuf {
        self.0.path().join(STATE)
    }

    /// Makes this the entry, in one step. Its state must have been written.
    pub(super) fn publish(self, entry: &Entry, world: &World) -> Result<()> {
        fs::write(self.0.path().join(WORLD), serde_json::to_vec_pretty(world)?)?;
        anyhow::ensure!(self.state().is_file(), "the node wrote no state");
        fs::rename(self.0.keep(), &entry.folder).context("cannot publish the deployed world")
    }
}

/// Cargo's target folder when the program is in one, so that `cargo clean` clears it; else the temporary folder.
fn root() -> PathBuf {
    let target = env::current_exe().ok().and_then(|exe| {
        exe.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file()).map(Path::to_owned)
    });
    target.unwrap_or_else(env::temp_dir).join("orderd-worlds")
}

fn key(chain_id: u64) -> Result<String> {
    let lock = fs::read(chain_folder().join("package-lock.json")).context("cannot read package-lock.json")?;
    let binary = anvil::binary()?;
    let size = fs::metadata(&binary)?.len();
    let mut hash = Keccak256::new();
    hash.update(lock);
    hash.update(format!("{} {size} {chain_id}", binary.display()));
    for source in SOURCES {
        hash.update(source);
    }
    Ok(hex::encode(&hash.finalize()[..8]))
}
