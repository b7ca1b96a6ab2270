//! A folder in which a daemon finds orders that are over.

use super::Lives;
use orderd::{
    store::{Applied, Change, SledSettings, SledStore, Store, Urgency},
    telemetry::{Clock, SystemClock, spawn},
};
use orderd_sdk::timestamp::Timestamp;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::runtime::Builder;

/// Whoever fills a store at once, so that its writer is never idle.
const FILLERS: u64 = 4;
/// Orders that a filler hands in before it waits.
const CHUNK: u64 = 1_000;
/// Where a daemon with this folder has its store.
const STORE: &str = "data/store";
/// When the last order was accepted, in milliseconds: with the count it tells every id.
const UNTIL: &str = "until";

/// A folder with a data directory, and what is in it.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    pub(crate) folder: PathBuf,
    pub(crate) lives: Lives,
}

impl Past {
    /// The folder with so many orders below this one. It is made unless an earlier run has left it.
    pub(crate) fn of(count: u64, below: &Path) -> anyhow::Result<Self> {
        let folder = below.join(count.to_string());
        if let Ok(until) = fs::read_to_string(folder.join(UNTIL)) {
            let until = Timestamp(until.trim().parse()?);
            return Ok(Self { folder, lives: Lives { count, until } });
        }
        eprintln!("making a store of {count} orders …");
        let lives = Lives { count, until: SystemClock.now() };
        // It has its name only when all of it is there.
        let making = below.join(format!("{count}.making"));
        if making.exists() {
            fs::remove_dir_all(&making)?;
        }
        fs::create_dir_all(&making)?;
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(fill(&making.join(STORE), lives))?;
        fs::write(making.join(UNTIL), lives.until.0.to_string())?;
        fs::rename(&making, &folder)?;
        Ok(Self { folder, lives })
    }

    /// How many bytes of the disk the log has, and everything else of the store.
    pub(crate) fn bytes(&self) -> anyhow::Result<(u64, u64)> {
        let store = self.folder.join(STORE);
        let log = bytes_below(&store.join("log"))?;
        Ok((log, bytes_below(&store)? - log))
    }
}

/// Puts every order into a new store, by one commit each.
async fn fill(dir: &Path, lives: Lives) -> anyhow::Result<()> {
    let store = Arc::new(SledStore::open(SledSettings::at(dir), Box::new(|_| ()))?);
    let fillers: Vec<_> =
        (0..FILLERS).map(|filler| spawn("filler", put_every(store.clone(), lives, filler))).collect();
    for filler in fillers {
        filler.await??;
    }
    Ok(store.close().await?)
}

/// Puts the chunks that are this filler's.
async fn put_every(store: Arc<SledStore>, lives: Lives, filler: u64) -> anyhow::Result<()> {
    let mut first = filler * CHUNK;
    while first < lives.count {
        let mut receipts = Vec::new();
        for number in first..lives.count.min(first + CHUNK) {
            let order = Arc::new(lives.order(number)?);
            let change =
                Change { order, first_new: 0, lane: None, claim: lives.claim(number), urgency: Urgency::Now };
            receipts.push(store.commit(change).await?);
        }
        for receipt in receipts {
            anyhow::ensure!(receipt.durable().await? == Applied::Kept, "a new order was not kept");
        }
        first += FILLERS * CHUNK;
    }
    Ok(())
}

/// What the files below this directory have of the disk.
fn bytes_below(dir: &Path) -> anyhow::Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    const BLOCK: u64 = 512;
    let mut bytes = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        bytes += match entry.file_type()?.is_dir() {
            true => bytes_below(&entry.path())?,
            false => entry.metadata()?.blocks() * BLOCK,
        };
    }
    Ok(bytes)
}
