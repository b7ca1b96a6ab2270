//! Writes windows: claims, cursors, one batch, and once that is durable the board. The sink and the receipts are told then.

use super::{
    Applied, Change, CommitSink, Committed, StoreError,
    board::Held,
    expiry::{Expiry, LOOKS_PER_CLAIM, MOST_PER_CLAIM},
    ledger::Ledger,
    records::{self, Encoder, LIVE, OVER},
    tree::{Batch, Edit, Tree},
    window::{Merged, Window},
};
use crate::order::Order;
use std::sync::Arc;
use tokio::sync::oneshot;

/// The only one who changes a ledger.
pub(super) struct Writer<T> {
    pub(super) ledger: Arc<Ledger<T>>,
    encoder: Encoder,
    pub(super) expiry: Expiry,
}

/// A change that waits to be written, and whom to tell.
#[derive(Debug)]
pub(super) struct Pending {
    /// The change.
    pub(super) change: Change,
    /// The other end of its receipt.
    pub(super) receipt: Answer,
}

/// Resolves a receipt.
pub(super) type Answer = oneshot::Sender<Result<Applied, StoreError>>;

/// What became of a window.
#[must_use]
pub(super) struct Written {
    /// When it could not be written, nothing may be written any more.
    pub(super) result: Result<(), StoreError>,
    /// Orders with new events, in the order of the log.
    committed: Vec<Committed>,
    answers: Vec<(Answer, Result<Applied, StoreError>)>,
}

impl Written {
    /// How many changes there were.
    pub(super) fn len(&self) -> usize {
        self.answers.len()
    }

    /// Tells the sink, and then everyone who waits.
    pub(super) fn tell(self, sink: &CommitSink) {
        if !self.committed.is_empty() {
            sink(&self.committed);
        }
        for (receipt, applied) in self.answers {
            // Nobody may be waiting any more; the change is kept all the same.
            let _ = receipt.send(self.result.clone().and(applied));
        }
    }
}

impl<T: Tree> Writer<T> {
    /// The writer of this ledger; there must be one only.
    pub(super) fn new(ledger: Arc<Ledger<T>>, expiry: Expiry) -> Self {
        Self { ledger, encoder: Encoder::default(), expiry }
    }

    /// Writes all of these at once. The caller has to [tell](Written::tell) what became of them.
    pub(super) fn write(&mut self, pending: impl Iterator<Item = Pending>) -> Written {
        let mut window = Window::default();
        let mut answers = Vec::with_capacity(pending.size_hint().0);
        for Pending { change, receipt } in pending {
            let now = change.order.events.last().map(|event| event.at).unwrap_or_default();
            self.expiry.tick(now);
            let applied = window.take(change, |key| self.expiry.find_owner(&self.ledger, key));
            answers.push((receipt, applied));
        }
        let (result, committed) = match self.commit(window.close()) {
            Ok(committed) => (Ok(()), committed),
            Err(error) => (Err(error), Vec::new()),
        };
        Written { result, committed, answers }
    }

    /// Makes a window durable; returns the orders that have new events now.
    fn commit(&mut self, window: Merged) -> Result<Vec<Committed>, StoreError> {
        if window.is_empty() {
            return Ok(Vec::new());
        }
        let last_cursor = self.ledger.board().cursor();
        let cursor = window.place_events(last_cursor);
        let (mut batch, held) = self.write_orders(&window.orders)?;
        self.write_rest(&window, &mut batch)?;
        if cursor != last_cursor {
            batch.push(Edit::put_timeless(records::cursor_key(), self.encoder.number(cursor)?));
        }
        self.ledger.board_mut().hold(held);
        self.ledger.apply(batch)?;

        let Merged { orders: mut committed, lanes, .. } = window;
        self.ledger.board_mut().settle(&committed, lanes);
        committed.retain(|order| !order.new_events().is_empty());
        Ok(committed)
    }

    /// The records of the orders, and how those that are not live stood before.
    fn write_orders(&mut self, orders: &[Committed]) -> Result<(Batch, Held), StoreError> {
        let mut batch = Batch::with_capacity(orders.len() + 1);
        let mut held = Held::new();
        for change in orders {
            let (order, id) = (&change.order, change.order.id);
            let before = self.find_before(change)?;
            let place = if order.is_at_rest() { OVER } else { LIVE };
            if let Some(left) = before.place().filter(|before| *before != place) {
                batch.push(Edit::remove(records::order_key(left, id)));
            }
            batch.push(Edit::put(
                records::order_key(place, id),
                self.encoder.order(order)?,
                records::time_of(order),
            ));
            match before {
                Before::Live => None,
                Before::Nowhere => held.insert(id, None),
                Before::Over(order) => held.insert(id, Some(order)),
            };
        }
        Ok((batch, held))
    }

    fn find_before(&self, change: &Committed) -> Result<Before, StoreError> {
        let id = change.order.id;
        if self.ledger.board().is_live(id) {
            return Ok(Before::Live);
        }
        // Whoever brings an order's first event brings a new order: the disk need not be asked.
        let is_new = change.first_new == 0;
        let over = if is_new { None } else { self.ledger.read_over(id)? };
        Ok(over.map_or(Before::Nowhere, Before::Over))
    }

    fn write_rest(&mut self, window: &Merged, batch: &mut Batch) -> Result<(), StoreError> {
        for to in &window.lanes {
            batch.push(Edit::put_timeless(records::lane_key(&to.lane)?, self.encoder.number(to.next)?));
        }
        for (key, owner) in &window.claims {
            batch.push(Edit::put(records::claim_key(key), self.encoder.owner(owner)?, owner.accepted));
        }
        let looks = window.claims.len() * LOOKS_PER_CLAIM;
        let (expired, _) = self.expiry.expired(&self.ledger, looks, MOST_PER_CLAIM);
        for key in expired {
            if !window.claims.contains_key(&key) {
                batch.push(Edit::remove(records::claim_key(&key)));
            }
        }
        Ok(())
    }
}

/// Where an order was before a window.
enum Before {
    Nowhere,
    Live,
    Over(Arc<Order>),
}

impl Before {
    /// The prefix of its record's key.
    fn place(&self) -> Option<u8> {
        match self {
            Self::Nowhere => None,
            Self::Live => Some(LIVE),
            Self::Over(_) => Some(OVER),
        }
    }
}
