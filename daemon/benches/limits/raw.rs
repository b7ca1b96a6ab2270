//! The disk's own limits: records that become durable in groups, by a loop that does nothing else.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

/// Records per second, each an entry of sled: a batch, its flush, and the `fdatasync` that the flush leaves out.
pub(crate) fn sled_groups(path: &Path, group: u64, bytes: usize, span: Duration) -> anyhow::Result<f64> {
    let db = sled::Config::new().path(path).open()?;
    let log = OpenOptions::new().write(true).open(path.join("db"))?;
    let record = vec![7; bytes];
    let (start, mut written) = (Instant::now(), 0_u64);
    while start.elapsed() < span {
        let mut batch = sled::Batch::default();
        for key in written..written + group {
            batch.insert(&key.to_be_bytes(), record.as_slice());
        }
        db.apply_batch(batch)?;
        db.flush()?;
        log.sync_data()?;
        written += group;
    }
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
