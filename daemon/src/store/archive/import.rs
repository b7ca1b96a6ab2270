//! Makes a new store of text. It is made under another name and gets its own when all of it is right and durable:
//! there is a whole store or none.

use super::{
    ArchiveError,
    line::{Counts, FORMAT, Head, KeyLine, LaneLine, Line},
};
use crate::{
    order::Order,
    store::{
        Epoch, StoreError,
        disk::{DataDir, DiskTree, make_dir},
        ledger,
        records::{self, Encoder, LIVE, OVER, Owner},
        tree::{Batch, Tree},
    },
};
use sled::IVec;
use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, BufRead},
    path::{Path, PathBuf},
};

/// Records that are written at once.
const BATCH: usize = 256;
/// A longer line is no line of an archive.
const MAX_LINE: u64 = 256 << 20;
const CACHE_BYTES: u64 = 64 << 20;
const FILE_BYTES: u64 = 64 << 20;

/// Whether an archive of a damaged store will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It must have all that was in the store.
    Whole,
    /// It may lack what could not be read.
    Partial,
}

/// What was imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Orders with their events.
    pub orders: u64,
    /// Lanes.
    pub lanes: u64,
    /// Idempotency keys.
    pub idempotency_keys: u64,
}

/// Makes a store in this directory, which must not be there yet or be empty. Its log gets a new epoch, so that
/// nobody takes it for the one whose events they have seen.
///
/// # Errors
/// When the directory is not empty, or a line makes no sense; then nothing is there.
pub fn import(
    dir: &Path,
    archive: &mut dyn BufRead,
    completeness: Completeness,
) -> Result<Imported, ArchiveError> {
    if fs::exists(dir)? && fs::read_dir(dir)?.next().is_some() {
        return Err(ArchiveError::Occupied(dir.to_owned()));
    }
    let place = staging(dir);
    remove(&place)?;
    let made = fill(&place, archive, completeness);
    if made.is_err() {
        remove(&place)?;
    }
    let counts = made?;
    fs::rename(&place, dir)?;
    File::open(parent(dir))?.sync_all()?;
    Ok(Imported { orders: counts.orders, lanes: counts.lanes, idempotency_keys: counts.idempotency_keys })
}

/// Where the store is made.
fn staging(dir: &Path) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(".importing");
    parent(dir).join(name)
}

fn parent(dir: &Path) -> &Path {
    dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn remove(place: &Path) -> io::Result<()> {
    match fs::remove_dir_all(place) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn fill(place: &Path, archive: &mut dyn BufRead, completeness: Completeness) -> Result<Counts, ArchiveError> {
    make_dir(place)?;
    let tree = DataDir::lock(place.to_owned())?.open_tree(CACHE_BYTES, FILE_BYTES)?;
    let mut importer = Importer {
        tree,
        encoder: Encoder::default(),
        batch: Batch::new(),
        keys: HashSet::new(),
        head: None,
        counts: Counts::default(),
        end: None,
    };
    let mut text = Vec::new();
    for number in 1.. {
        text.clear();
        if io::Read::take(&mut *archive, MAX_LINE).read_until(b'\n', &mut text)? == 0 {
            return importer.finish(number, completeness);
        }
        let line = serde_json::from_slice(&text).map_err(|error| error.to_string());
        let taken = line.and_then(|line| importer.take(line).map_err(|error| error.to_string()));
        taken.map_err(|reason| ArchiveError::Line { line: number, reason })?;
    }
    unreachable!("an archive ends")
}

struct Importer {
    tree: DiskTree,
    encoder: Encoder,
    batch: Batch,
    /// The keys in the batch.
    keys: HashSet<IVec>,
    head: Option<Head>,
    counts: Counts,
    end: Option<Counts>,
}

/// Why a line cannot be taken.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("{0}")]
    Wrong(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn wrong<R>(reason: impl Into<String>) -> Result<R, Refusal> {
    Err(Refusal::Wrong(reason.into()))
}

impl Importer {
    fn take(&mut self, line: Line) -> Result<(), Refusal> {
        match (&self.head, &self.end, line) {
            (_, Some(_), _) => wrong("something follows the end"),
            (None, None, Line::Store(head)) if head.format == FORMAT => {
                self.head = Some(head);
                Ok(())
            }
            (None, None, Line::Store(head)) => wrong(format!("format {} is not known", head.format)),
            (None, None, _) => wrong("the first line must be that of the store"),
            (Some(_), None, Line::Store(_)) => wrong("a second store"),
            (Some(_), None, Line::Lane(line)) => self.lane(&line),
            (Some(head), None, Line::Order(order)) => {
                let cursor = head.cursor;
                self.order(&order, cursor)
            }
            (Some(_), None, Line::IdempotencyKey(line)) => self.idempotency_key(line),
            (Some(_), None, Line::End(counts)) => {
                self.end = Some(counts);
                Ok(())
            }
        }
    }

    fn lane(&mut self, line: &LaneLine) -> Result<(), Refusal> {
        self.counts.lanes += 1;
        let record = self.encoder.number(line.next)?;
        match self.put(records::lane_key(&line.lane)?, record)? {
            Put::Done => Ok(()),
            Put::Twice => wrong(format!("lane {}/{} again", line.lane.chain, line.lane.account)),
        }
    }

    fn order(&mut self, order: &Order, last_cursor: u64) -> Result<(), Refusal> {
        let id = order.id;
        let is_dense = order.events.iter().zip(1..).all(|(event, seq)| event.seq == seq);
        if order.events.is_empty() || !is_dense {
            return wrong(format!("the events of order {id} are not numbered 1, 2, 3, …"));
        }
        if !order.events.iter().all(|event| (1..=last_cursor).contains(&event.cursor.get())) {
            return wrong(format!("order {id} has an event that is not within the store's cursor"));
        }
        let (place, other) = if order.state.is_over() { (OVER, LIVE) } else { (LIVE, OVER) };
        let record = self.encoder.order(order)?;
        self.counts.orders += 1;
        let has_other = self.has(&records::order_key(other, id))?;
        match self.put(records::order_key(place, id), record)? {
            Put::Done if !has_other => Ok(()),
            Put::Done | Put::Twice => wrong(format!("order {id} again")),
        }
    }

    fn idempotency_key(&mut self, line: KeyLine) -> Result<(), Refusal> {
        let KeyLine { key, order, fingerprint, accepted } = line;
        let Ok(fingerprint) = fingerprint.0.try_into() else {
            return wrong(format!("the fingerprint of idempotency key {key:?} has not 32 bytes"));
        };
        if !self.has(&records::order_key(LIVE, order))? && !self.has(&records::order_key(OVER, order))? {
            return wrong(format!("idempotency key {key:?} belongs to order {order}, which is not there"));
        }
        self.counts.idempotency_keys += 1;
        let record = self.encoder.owner(&Owner { order, fingerprint, accepted })?;
        match self.put(records::claim_key(&key), record)? {
            Put::Done => Ok(()),
            Put::Twice => wrong(format!("idempotency key {key:?} again")),
        }
    }

    fn has(&self, key: &IVec) -> Result<bool, StoreError> {
        Ok(self.keys.contains(key) || self.tree.get(key)?.is_some())
    }

    fn put(&mut self, key: IVec, record: IVec) -> Result<Put, StoreError> {
        if self.has(&key)? {
            return Ok(Put::Twice);
        }
        self.keys.insert(key.clone());
        self.batch.push((key, Some(record)));
        if self.batch.len() >= BATCH {
            self.write()?;
        }
        Ok(Put::Done)
    }

    fn write(&mut self) -> Result<(), StoreError> {
        self.keys.clear();
        self.tree.apply(std::mem::take(&mut self.batch))
    }

    /// The archive has ended before this line.
    fn finish(mut self, line: u64, completeness: Completeness) -> Result<Counts, ArchiveError> {
        let (Some(head), Some(end)) = (self.head.take(), self.end) else {
            return Err(ArchiveError::Line { line, reason: "the end is missing".to_owned() });
        };
        if (Counts { unreadable: end.unreadable, ..self.counts }) != end {
            let reason = format!("{:?} were counted, {end:?} are promised", self.counts);
            return Err(ArchiveError::Line { line: line - 1, reason });
        }
        if end.unreadable > 0 && completeness == Completeness::Whole {
            return Err(ArchiveError::Incomplete(end.unreadable));
        }
        let epoch: Epoch = ledger::new_epoch()?;
        let cursor = self.encoder.number(head.cursor)?;
        self.batch.push((records::cursor_key(), Some(cursor)));
        self.batch.push((records::epoch_key(), Some(self.encoder.epoch(epoch)?)));
        self.write()?;
        Ok(self.counts)
    }
}

/// Whether a record was new.
enum Put {
    Done,
    Twice,
}
