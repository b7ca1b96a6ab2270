//! The disk's own limits: records that become durable in groups, with nothing else done.

use anyhow::Context as _;
use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    thread,
    time::{Duration, Instant},
};
use tokio::{
    runtime::Runtime,
    sync::{mpsc, oneshot},
    task::JoinSet,
};

/// sled, and its file, for the `fdatasync` that its flush leaves out.
struct Sled {
    db: sled::Db,
    log: File,
}

impl Sled {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let db = sled::Config::new().path(path).open()?;
        Ok(Self { db, log: OpenOptions::new().write(true).open(path.join("db"))? })
    }

    /// One batch, durable.
    fn write<'a>(&self, first: u64, records: impl Iterator<Item = &'a [u8]>) -> anyhow::Result<()> {
        let mut batch = sled::Batch::default();
        for (key, record) in (first..).zip(records) {
            batch.insert(&key.to_be_bytes(), record);
        }
        self.db.apply_batch(batch)?;
        self.db.flush()?;
        Ok(self.log.sync_data()?)
    }
}

/// Records per second that a loop writes in groups of this size, each an entry of sled. Nobody waits for them.
pub(crate) fn sled_groups(path: &Path, group: u64, bytes: usize, span: Duration) -> anyhow::Result<f64> {
    let sled = Sled::open(path)?;
    let record = vec![7; bytes];
    let (start, mut written) = (Instant::now(), 0_u64);
    while start.elapsed() < span {
        sled.write(written, (0..group).map(|_| record.as_slice()))?;
        written += group;
    }
    Ok(written as f64 / start.elapsed().as_secs_f64())
}

/// A record that somebody waits for.
struct Waiting {
    record: Vec<u8>,
    durable: oneshot::Sender<()>,
}

/// Records per second, when so many tasks wait each for its own to be durable before the next: group commit, by a thread that
/// writes all that wait.
pub(crate) fn sled_waiters(path: &Path, waiters: usize, bytes: usize, span: Duration) -> anyhow::Result<f64> {
    let sled = Sled::open(path)?;
    let (sender, mut queue) = mpsc::channel::<Waiting>(waiters);
    let committer = thread::spawn(move || -> anyhow::Result<u64> {
        let (mut group, mut written) = (Vec::with_capacity(waiters), 0);
        while queue.blocking_recv_many(&mut group, waiters) > 0 {
            sled.write(written, group.iter().map(|waiting| waiting.record.as_slice()))?;
            written += group.len() as u64;
            for Waiting { durable, .. } in group.drain(..) {
                // Nobody waits any more when the run has failed.
                let _ = durable.send(());
            }
        }
        Ok(written)
    });
    let start = Instant::now();
    Runtime::new()?.block_on(async {
        let mut tasks = JoinSet::new();
        for _ in 0..waiters {
            let sender = sender.clone();
            tasks.spawn(async move {
                while start.elapsed() < span {
                    let (durable, receipt) = oneshot::channel();
                    sender.send(Waiting { record: vec![7; bytes], durable }).await?;
                    receipt.await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended?.context("a waiter whose record was not written")?;
        }
        anyhow::Ok(())
    })?;
    drop(sender);
    let written = committer.join().map_err(|_| anyhow::anyhow!("the committer has panicked"))??;
    Ok(written as f64 / start.elapsed().as_secs_f64())
}

/// Records per second at the end of a file.
pub(crate) fn file_groups(path: &Path, group: u64, bytes: usize, span: Duration) -> anyhow::Result<f64> {
    let mut file = File::create(path)?;
    let records = vec![7; bytes * usize::try_from(group)?];
    let (start, mut written) = (Instant::now(), 0_u64);
    while start.elapsed() < span {
        file.write_all(&records)?;
        file.sync_data()?;
        written += group;
    }
    Ok(written as f64 / start.elapsed().as_secs_f64())
}
