//! Takes the lines of an archive one by one, checks each, and writes them to a tree.

use super::{
    ArchiveError, Completeness, Imported,
    line::{Counts, FORMAT, Head, KeyLine, LaneLine, Line},
};
use crate::{
    order::{Order, OrderId},
    store::{
        StoreError,
        disk::DiskTree,
        ledger,
        records::{self, Encoder, LIVE, OVER, Owner},
        tree::{Batch, Edit, Tree},
    },
};
use sled::IVec;
use std::collections::HashSet;

/// Records that are written at once.
const BATCH: usize = 256;

/// An archive that is being read, and the tree that is made of it.
pub(super) struct Importer<'a> {
    tree: DiskTree,
    encoder: Encoder,
    batch: Batch,
    /// The keys in the batch.
    keys: HashSet<IVec>,
    head: Option<Head>,
    /// What was read.
    counts: Counts,
    end: Option<Counts>,
    left_out: HashSet<OrderId>,
    imported: Imported,
    tell: &'a mut dyn FnMut(&str),
}

/// Why a line cannot be taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("{0}")]
    Wrong(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn wrong<R>(reason: impl Into<String>) -> Result<R, Refusal> {
    Err(Refusal::Wrong(reason.into()))
}

impl<'a> Importer<'a> {
    pub(super) fn new(tree: DiskTree, tell: &'a mut dyn FnMut(&str)) -> Self {
        Self {
            tree,
            encoder: Encoder::default(),
            batch: Batch::new(),
            keys: HashSet::new(),
            head: None,
            counts: Counts::default(),
            end: None,
            left_out: HashSet::new(),
            imported: Imported::default(),
            tell,
        }
    }

    /// Takes one line.
    ///
    /// # Errors
    /// When it makes no sense after those before it.
    pub(super) fn take(&mut self, line: Line) -> Result<(), Refusal> {
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
                let (cursor, damaged_parts) = (head.cursor, head.damaged_parts);
                check_events(&order, cursor)?;
                self.counts.orders += 1;
                match damaged_parts > 0 && !order.state.is_over() {
                    true => self.leave_out(&order),
                    false => self.order(&order)?,
                }
                Ok(())
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
        self.imported.lanes += 1;
        let record = self.encoder.number(line.next)?;
        match self.put(Edit::put_timeless(records::lane_key(&line.lane)?, record))? {
            Put::Done => Ok(()),
            Put::Twice => wrong(format!("lane {}/{} again", line.lane.chain, line.lane.account)),
        }
    }

    fn order(&mut self, order: &Order) -> Result<(), Refusal> {
        let id = order.id;
        let (place, other) = if order.is_at_rest() { (OVER, LIVE) } else { (LIVE, OVER) };
        let record = self.encoder.order(order)?;
        self.imported.orders += 1;
        let has_other = self.has(&records::order_key(other, id))?;
        match self.put(Edit::put(records::order_key(place, id), record, records::time_of(order)))? {
            Put::Done if !has_other => Ok(()),
            Put::Done | Put::Twice => wrong(format!("order {id} again")),
        }
    }

    fn leave_out(&mut self, order: &Order) {
        let (id, status) = (order.id, order.state.status());
        self.imported.left_out += 1;
        self.left_out.insert(id);
        (self.tell)(&format!("order {id} is left out: {status} is the last that is known of it"));
    }

    fn idempotency_key(&mut self, line: KeyLine) -> Result<(), Refusal> {
        let KeyLine { key, order, fingerprint, accepted } = line;
        let Ok(fingerprint) = fingerprint.0.try_into() else {
            return wrong(format!("the fingerprint of idempotency key {key:?} has not 32 bytes"));
        };
        self.counts.idempotency_keys += 1;
        if self.left_out.contains(&order) {
            return Ok(());
        }
        if !self.has(&records::order_key(LIVE, order))? && !self.has(&records::order_key(OVER, order))? {
            return wrong(format!("idempotency key {key:?} belongs to order {order}, which is not there"));
        }
        self.imported.idempotency_keys += 1;
        let record = self.encoder.owner(&Owner { order, fingerprint, accepted })?;
        match self.put(Edit::put(records::claim_key(&key), record, accepted))? {
            Put::Done => Ok(()),
            Put::Twice => wrong(format!("idempotency key {key:?} again")),
        }
    }

    fn has(&self, key: &IVec) -> Result<bool, StoreError> {
        Ok(self.keys.contains(key) || self.tree.get(key)?.is_some())
    }

    fn put(&mut self, edit: Edit) -> Result<Put, StoreError> {
        if self.has(&edit.key)? {
            return Ok(Put::Twice);
        }
        self.keys.insert(edit.key.clone());
        self.batch.push(edit);
        if self.batch.len() >= BATCH {
            self.write()?;
        }
        Ok(Put::Done)
    }

    fn write(&mut self) -> Result<(), StoreError> {
        self.keys.clear();
        self.tree.apply(std::mem::take(&mut self.batch))
    }

    /// The archive has ended before this line: makes the store one that can be opened.
    ///
    /// # Errors
    /// When something is missing.
    pub(super) fn finish(mut self, line: u64, completeness: Completeness) -> Result<Imported, ArchiveError> {
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
        let epoch = ledger::new_epoch()?;
        let cursor = self.encoder.number(head.cursor)?;
        self.batch.push(Edit::put_timeless(records::cursor_key(), cursor));
        let epoch = self.encoder.epoch(epoch)?;
        self.batch.push(Edit::put_timeless(records::epoch_key(), epoch));
        self.write()?;
        Ok(self.imported)
    }
}

fn check_events(order: &Order, last_cursor: u64) -> Result<(), Refusal> {
    let id = order.id;
    let is_dense = order.events.iter().zip(1..).all(|(event, seq)| event.seq == seq);
    if order.events.is_empty() || !is_dense {
        return wrong(format!("the events of order {id} are not numbered 1, 2, 3, …"));
    }
    match order.events.iter().all(|event| (1..=last_cursor).contains(&event.cursor.get())) {
        true => Ok(()),
        false => wrong(format!("order {id} has an event that is not within the store's cursor")),
    }
}

/// Whether a record was new.
enum Put {
    Done,
    Twice,
}
