//! Writes a store that nobody uses as text. It reads around damage and says what it could not read.

use super::{
    ArchiveError,
    line::{Counts, FORMAT, Head, KeyLine, LaneLine, Line},
};
use crate::{
    order::OrderId,
    store::{
        StoreError,
        disk::DataDir,
        reading::Reading,
        records::{self, CLAIM, LANE, LIVE, OVER, Subject},
        tree,
    },
};
use orderd_sdk::plugin::HexBytes;
use std::{
    io::{self, Write},
    path::Path,
};

/// What was exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Orders with their events.
    pub orders: u64,
    /// Lanes.
    pub lanes: u64,
    /// Idempotency keys.
    pub idempotency_keys: u64,
    /// What could not be read, each of which was told.
    pub unreadable: u64,
}

/// Writes the store in this directory, and tells of each thing that cannot be read. An order or lane that changed in
/// a damaged part of the log last is written as it was before.
///
/// # Errors
/// When there is no store, when it is in use, or when `out` fails.
pub fn export(dir: &Path, out: &mut dyn Write, tell: &mut dyn FnMut(&str)) -> Result<Exported, ArchiveError> {
    let Some(lock) = DataDir::lock_to_read(dir)? else {
        return Err(ArchiveError::Missing(dir.to_owned()));
    };
    let mut counts = Counts::default();
    let mut note = |problem: String| {
        counts.unreadable += 1;
        tell(&problem);
    };
    let reading = lock.read_what_can_be_read(&mut |damage| note(StoreError::from(damage).to_string()))?;
    let reading_is_whole = counts.unreadable == 0;
    let mut exporter = Exporter { reading: &reading, reading_is_whole, out, tell, counts };
    exporter.write_all()?;
    let Counts { lanes, orders, idempotency_keys, unreadable } = exporter.counts;
    Ok(Exported { orders, lanes, idempotency_keys, unreadable })
}

struct Exporter<'a> {
    reading: &'a Reading,
    /// Whether the log has no damage: what it lacks is not there.
    reading_is_whole: bool,
    out: &'a mut dyn Write,
    tell: &'a mut dyn FnMut(&str),
    counts: Counts,
}

impl Exporter<'_> {
    fn write_all(&mut self) -> Result<(), ArchiveError> {
        let head = self.head();
        self.write(&Line::Store(head))?;
        self.write_each(LANE, Self::lane)?;
        self.write_each(LIVE, |this, key, record| this.order(key, record))?;
        self.write_each(OVER, Self::order_that_is_over)?;
        self.write_each(CLAIM, Self::idempotency_key)?;
        self.write(&Line::End(self.counts))?;
        Ok(self.out.flush()?)
    }

    fn head(&mut self) -> Head {
        let damaged_parts = self.counts.unreadable;
        let epoch = self.fact(&records::epoch_key(), Subject::Epoch, |record| {
            records::read_epoch(record).map(|epoch| epoch.to_string())
        });
        let cursor = self.fact(&records::cursor_key(), Subject::Cursor, |record| {
            records::read_number(Subject::Cursor, record)
        });
        Head { format: FORMAT, epoch, cursor: cursor.unwrap_or_default(), damaged_parts }
    }

    fn fact<R>(
        &mut self,
        key: &[u8],
        subject: Subject<'_>,
        read: impl FnOnce(&[u8]) -> Result<R, StoreError>,
    ) -> Option<R> {
        let found = self.reading.get(key).and_then(|record| match record {
            Some(record) => read(&record),
            None => Err(subject.corrupt("it is not there")),
        });
        found.map_err(|error| self.miss(&error)).ok()
    }

    fn lane(&mut self, key: &[u8], record: &[u8]) -> Result<Option<Line>, StoreError> {
        let next = records::read_number(Subject::Key(key), record)?;
        let lane = records::lane_of_key(key)?;
        self.counts.lanes += 1;
        Ok(Some(Line::Lane(LaneLine { lane, next })))
    }

    fn order(&mut self, key: &[u8], record: &[u8]) -> Result<Option<Line>, StoreError> {
        let order = records::read_order(records::order_of_key(key)?, record)?;
        self.counts.orders += 1;
        Ok(Some(Line::Order(Box::new(order))))
    }

    /// One that is among the live ones too came back to life, and the damage took what said so.
    fn order_that_is_over(&mut self, key: &[u8], record: &[u8]) -> Result<Option<Line>, StoreError> {
        let id = records::order_of_key(key)?;
        match self.reading.get(&records::order_key(LIVE, id)) {
            Ok(None) => self.order(key, record),
            Ok(Some(_)) | Err(_) => Ok(None),
        }
    }

    fn idempotency_key(&mut self, key: &[u8], record: &[u8]) -> Result<Option<Line>, StoreError> {
        let text = std::str::from_utf8(&key[1..]).map_err(|error| Subject::Key(key).corrupt(error))?;
        let owner = records::read_owner(text, record)?;
        if self.reading_is_whole && self.lacks_order(owner.order)? {
            return Ok(None);
        }
        if !self.has_order(owner.order) {
            return Err(Subject::Claim(text).corrupt(format!("order {} cannot be read", owner.order)));
        }
        self.counts.idempotency_keys += 1;
        Ok(Some(Line::IdempotencyKey(KeyLine {
            key: text.to_owned(),
            order: owner.order,
            fingerprint: HexBytes(owner.fingerprint.to_vec()),
            accepted: owner.accepted,
        })))
    }

    /// Whether there is no record of the order: it was removed when its time was over, and its key will be.
    fn lacks_order(&self, id: OrderId) -> Result<bool, StoreError> {
        for prefix in [LIVE, OVER] {
            if self.reading.get(&records::order_key(prefix, id))?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn has_order(&self, id: OrderId) -> bool {
        [LIVE, OVER].into_iter().any(|prefix| {
            let record = self.reading.get(&records::order_key(prefix, id)).ok().flatten();
            record.is_some_and(|record| records::read_order(id, &record).is_ok())
        })
    }

    /// Writes a line of every record with this prefix that can be read.
    fn write_each(
        &mut self,
        prefix: u8,
        line: impl Fn(&mut Self, &[u8], &[u8]) -> Result<Option<Line>, StoreError>,
    ) -> Result<(), ArchiveError> {
        let reading = self.reading;
        for key in reading.keys(&tree::all_of(prefix)) {
            let key = key?;
            let read = match reading.get(&key) {
                Ok(Some(record)) => line(self, &key, &record),
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            };
            match read {
                Ok(Some(line)) => self.write(&line)?,
                Ok(None) => {}
                Err(error) => self.miss(&error),
            }
        }
        Ok(())
    }

    fn write(&mut self, line: &Line) -> io::Result<()> {
        serde_json::to_writer(&mut *self.out, line)?;
        self.out.write_all(b"\n")
    }

    fn miss(&mut self, error: &StoreError) {
        self.counts.unreadable += 1;
        (self.tell)(&error.to_string());
    }
}
