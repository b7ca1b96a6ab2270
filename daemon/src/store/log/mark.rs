//! How far the log was acknowledged, noted apart from it: a log that ends before its mark has lost something.
//!
//! Two slots are written in turn, so that one is always whole. The mark is written after each sync of the log and
//! not synced itself, which would cost as much again: after a loss of power it may be behind, and never ahead. It is
//! synced at each start, each new file of the log and each close.

use super::{Damage, frame::LogId};
use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::Path,
};

pub(super) const MARK_FILE: &str = "mark";
const MAGIC: &[u8; 8] = b"ordermrk";
/// Apart, so that no write touches both.
const SLOT: usize = 4096;
const USED: usize = 36;

/// The mark of one log.
#[derive(Debug)]
pub(super) struct Mark {
    file: File,
    pub(super) id: LogId,
    /// The last frame that was acknowledged.
    pub(super) acknowledged: u64,
}

impl Mark {
    /// Makes the mark of a new log, durably.
    pub(super) fn create(dir: &Path, id: LogId) -> io::Result<Self> {
        let (new, path) = (dir.join("mark.new"), dir.join(MARK_FILE));
        let mut slots = vec![0; 2 * SLOT];
        slots[..USED].copy_from_slice(&encode(&id, 0));
        let file = OpenOptions::new().create(true).truncate(true).read(true).write(true).open(&new)?;
        file.write_all_at(&slots, 0)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        File::open(dir)?.sync_all()?;
        Ok(Self { file, id, acknowledged: 0 })
    }

    /// Opens the mark to be moved on; none when there is none.
    pub(super) fn open(dir: &Path) -> io::Result<Option<Result<Self, Damage>>> {
        let path = dir.join(MARK_FILE);
        let file = match OpenOptions::new().read(true).write(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        Ok(Some(read(&path)?.map(|(id, acknowledged)| Self { file, id, acknowledged })))
    }

    /// Notes that everything up to this frame is acknowledged.
    pub(super) fn set(&mut self, acknowledged: u64) -> io::Result<()> {
        let slot = (acknowledged % 2) * SLOT as u64;
        self.file.write_all_at(&encode(&self.id, acknowledged), slot)?;
        self.acknowledged = acknowledged;
        Ok(())
    }

    /// Makes the mark durable as it is.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// What the mark in this file says: which log, and how far it was acknowledged.
pub(super) fn read(path: &Path) -> io::Result<Result<(LogId, u64), Damage>> {
    let bytes = fs::read(path)?;
    let slots = bytes.chunks(SLOT).take(2).filter_map(decode);
    let newest = slots.max_by_key(|(_, acknowledged)| *acknowledged);
    Ok(newest.ok_or_else(|| Damage::at(path, "it is not the mark of a log")))
}

fn encode(id: &LogId, acknowledged: u64) -> [u8; USED] {
    let mut slot = [0; USED];
    slot[..8].copy_from_slice(MAGIC);
    slot[8..24].copy_from_slice(id);
    slot[24..32].copy_from_slice(&acknowledged.to_le_bytes());
    let crc = crc32fast::hash(&slot[..32]);
    slot[32..USED].copy_from_slice(&crc.to_le_bytes());
    slot
}

fn decode(slot: &[u8]) -> Option<(LogId, u64)> {
    let id = slot.get(8..24)?.try_into().ok()?;
    let acknowledged = u64::from_le_bytes(slot.get(24..32)?.try_into().ok()?);
    (slot.get(..USED)? == encode(&id, acknowledged)).then_some((id, acknowledged))
}
