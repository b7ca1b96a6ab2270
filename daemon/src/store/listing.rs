//! Lists orders newest first: the live ones from the board and those that are over from the tree, as one list.

use super::{
    ListQuery, Page, StoreError,
    board::Known,
    ledger::Ledger,
    records::{self, OVER},
    tree::{self, Direction, KeyRange, Tree},
};
use crate::order::{Order, OrderId};
use orderd_sdk::wire::OrderStatus;
use std::{
    ops::{Bound, ControlFlow},
    sync::Arc,
};

/// Orders looked at for one page. A rare status gives short pages then, not long waits.
pub(super) const SCAN_LIMIT: usize = 10_000;

impl ListQuery {
    /// Whether orders that are over can be asked for: only then the disk is read.
    pub(super) fn wants_over(&self) -> bool {
        self.statuses.is_empty() || self.statuses.iter().copied().any(is_over)
    }

    fn wants_live(&self) -> bool {
        self.statuses.is_empty() || !self.statuses.iter().copied().all(is_over)
    }

    fn admits(&self, status: OrderStatus) -> bool {
        self.statuses.is_empty() || self.statuses.contains(&status)
    }

    fn wants(&self, order: &Order) -> bool {
        self.admits(order.state.status())
            && self.changed_since.is_none_or(|since| records::time_of(order) >= since)
    }

    /// How many orders may have to be looked at: all of them count when all are wanted.
    fn reach(&self) -> usize {
        match self.statuses.is_empty() && self.changed_since.is_none() {
            true => self.limit.min(SCAN_LIMIT).saturating_add(1),
            false => SCAN_LIMIT + 1,
        }
    }
}

fn is_over(status: OrderStatus) -> bool {
    match status {
        OrderStatus::Finalized | OrderStatus::Failed | OrderStatus::Cancelled | OrderStatus::Expired => true,
        OrderStatus::Pending
        | OrderStatus::Routing
        | OrderStatus::Building
        | OrderStatus::Submitted
        | OrderStatus::ExecutionFailed
        | OrderStatus::RetryPending
        | OrderStatus::Unknown
        | OrderStatus::Confirmed
        | OrderStatus::Reorged => false,
    }
}

impl<T: Tree> Ledger<T> {
    /// A page of orders. An order that moves between live and over while the page is made shows as it stood
    /// before or after; one that comes back to life meanwhile may be missed.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub(super) fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        let mut lister = Lister::new(query, self.known_orders(query));
        let range = over_before(query.before);
        match query.changed_since {
            _ if !query.wants_over() => {}
            None => self.tree().scan(&range, Direction::Down, &mut |key, record| {
                lister.pass_to(self, records::order_of_key(key)?, record)
            })?,
            Some(since) => self.tree().times(&range, Direction::Down, &mut |key, at| {
                let id = records::order_of_key(key)?;
                let is_old = at < since;
                match if is_old { None } else { self.tree().get(key)? } {
                    Some(record) => lister.pass_to(self, id, &record),
                    None => lister.pass_by(id),
                }
            })?,
        }
        Ok(lister.finish())
    }

    /// The orders that the board has to add, newest first.
    fn known_orders(&self, query: &ListQuery) -> Vec<Arc<Order>> {
        let board = self.board();
        let mut known = match query.wants_live() {
            true => board.live_before(query.before, query.reach()),
            false => Vec::new(),
        };
        let is_older = |order: &&Arc<Order>| query.before.is_none_or(|before| order.id < before);
        known.extend(board.held().filter(is_older).cloned());
        drop(board);
        known.sort_unstable_by_key(|order| std::cmp::Reverse(order.id));
        known
    }
}

/// The keys of the orders that are over and older than this one.
fn over_before(before: Option<OrderId>) -> KeyRange {
    let (first, mut last) = tree::all_of(OVER);
    if let Some(before) = before {
        last = Bound::Excluded(records::order_key(OVER, before));
    }
    (first, last)
}

/// Makes a page out of two lists that are both sorted newest first.
struct Lister<'a> {
    query: &'a ListQuery,
    known: std::iter::Peekable<std::vec::IntoIter<Arc<Order>>>,
    looked_at: usize,
    last: Option<OrderId>,
    page: Page,
}

impl<'a> Lister<'a> {
    fn new(query: &'a ListQuery, known: Vec<Arc<Order>>) -> Self {
        Self { query, known: known.into_iter().peekable(), looked_at: 0, last: None, page: Page::default() }
    }

    /// Lists the known orders that are newer than this record, then the record.
    fn pass_to<T: Tree>(
        &mut self,
        ledger: &Ledger<T>,
        id: OrderId,
        record: &[u8],
    ) -> Result<ControlFlow<()>, StoreError> {
        if let Some(passed) = self.pass_known(id)? {
            return Ok(passed);
        }
        let status = records::read_status(id, record)?;
        match ledger.find(id) {
            Known::InTree => {
                let read = || records::read_order(id, record).map(Arc::new);
                self.look_at(id, self.query.admits(status), read)
            }
            Known::Durable(Some(order)) => self.look_at_known(order),
            Known::Durable(None) => Ok(ControlFlow::Continue(())),
        }
    }

    /// Lists the known orders that are newer than this one, which is not wanted.
    fn pass_by(&mut self, id: OrderId) -> Result<ControlFlow<()>, StoreError> {
        match self.pass_known(id)? {
            Some(passed) => Ok(passed),
            None => self.look_at(id, false, || unreachable!("it is not wanted")),
        }
    }

    /// Lists the known orders that are newer than this one. None when there is still room for it, and it is not known.
    fn pass_known(&mut self, id: OrderId) -> Result<Option<ControlFlow<()>>, StoreError> {
        while let Some(order) = self.known.next_if(|order| order.id > id) {
            if let ControlFlow::Break(()) = self.look_at_known(order)? {
                return Ok(Some(ControlFlow::Break(())));
            }
        }
        let is_known = self.known.peek().is_some_and(|order| order.id == id);
        Ok(is_known.then_some(ControlFlow::Continue(())))
    }

    fn look_at_known(&mut self, order: Arc<Order>) -> Result<ControlFlow<()>, StoreError> {
        self.look_at(order.id, self.query.wants(&order), || Ok(order))
    }

    fn look_at(
        &mut self,
        id: OrderId,
        is_wanted: bool,
        order: impl FnOnce() -> Result<Arc<Order>, StoreError>,
    ) -> Result<ControlFlow<()>, StoreError> {
        if self.page.orders.len() >= self.query.limit || self.looked_at >= SCAN_LIMIT {
            self.page.next = self.last;
            return Ok(ControlFlow::Break(()));
        }
        self.looked_at += 1;
        self.last = Some(id);
        if is_wanted {
            self.page.orders.push(order()?);
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Lists what is left of the known orders.
    fn finish(mut self) -> Page {
        while self.page.next.is_none()
            && let Some(order) = self.known.next()
        {
            let _ = self.look_at_known(order);
        }
        self.page
    }
}
