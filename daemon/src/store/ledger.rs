//! A tree and its board: everything that can be asked of a store, and the one way to change it.

use super::{
    Epoch, Seen, StoreError,
    board::{Board, Known},
    ended::Ask,
    history::History,
    recent::Recent,
    records::{self, Encoder, LANE, LIVE, OVER, Owner, Subject},
    tree::{self, Batch, Direction, Edit, Tree},
};
use crate::order::{Lane, Order, OrderId};
use orderd_sdk::wire::OrderStatus;
use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

/// What readers and the one writer share. Only durable state can be seen, whatever the tree holds meanwhile.
pub(super) struct Ledger<T> {
    tree: T,
    board: RwLock<Board>,
    epoch: Epoch,
}

impl<T: Tree> Ledger<T> {
    /// Reads the live orders and the lanes; of those that are over no more than it takes to remember the last events.
    /// An empty tree gets its epoch.
    ///
    /// # Errors
    /// When a record cannot be read, or the first one not written.
    pub(super) fn open(tree: T, recent: Recent, history_events: usize) -> Result<Self, StoreError> {
        let epoch = match tree.get(&records::epoch_key())? {
            Some(record) => records::read_epoch(&record)?,
            None => found(&tree)?,
        };
        let cursor = match tree.get(&records::cursor_key())? {
            Some(record) => records::read_number(Subject::Cursor, &record)?,
            None => 0,
        };
        let live = read_live(&tree)?;
        // What cannot be read leaves a hole. It is not refused before somebody asks for it.
        let find = |id| live.get(&id).cloned().or_else(|| read_over(&tree, id).ok().flatten());
        let history = History::of(cursor, history_events, recent.newest_first().filter_map(find));
        let board = RwLock::new(Board::new(live, read_lanes(&tree)?, history));
        Ok(Self { tree, board, epoch })
    }

    /// The same, with so many bytes, about, for what was asked for of orders that are over.
    pub(super) fn keeping(self, bytes: usize) -> Self {
        self.board_mut().keep_ended(bytes);
        self
    }

    /// The board, to be read and let go of at once.
    pub(super) fn board(&self) -> RwLockReadGuard<'_, Board> {
        self.board.read().expect("nothing panics while it has the board")
    }

    /// The board, for the writer.
    pub(super) fn board_mut(&self) -> RwLockWriteGuard<'_, Board> {
        self.board.write().expect("nothing panics while it has the board")
    }

    /// The tree, for readers that ask the board about everything they find.
    pub(super) fn tree(&self) -> &T {
        &self.tree
    }

    /// Changes the tree. Only the writer does this.
    ///
    /// # Errors
    /// Those of [`Tree::apply`].
    pub(super) fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        self.tree.apply(batch)
    }

    /// How an order stands, as far as that is known without reading.
    pub(super) fn find(&self, id: OrderId) -> Known {
        self.board().find(id)
    }

    /// The same for whoever only shows it, in the form that is asked for if the order is over.
    pub(super) fn look_up(&self, id: OrderId, ask: Ask) -> Known<Seen> {
        self.board().look_up(id, ask.form())
    }

    /// An order that the board does not know, read from the tree.
    ///
    /// # Errors
    /// When its record cannot be read.
    pub(super) fn load_over(&self, id: OrderId) -> Result<Option<Arc<Order>>, StoreError> {
        Ok(self.see_over(id, Ask::Order)?.map(order_of))
    }

    /// The same in the form that is asked for.
    ///
    /// # Errors
    /// When its record cannot be read.
    pub(super) fn see_over(&self, id: OrderId, ask: Ask) -> Result<Option<Seen>, StoreError> {
        let window = {
            let board = self.board();
            match board.look_up(id, ask.form()) {
                Known::Durable(seen) => return Ok(seen),
                Known::InTree => board.window(),
            }
        };
        let Some(record) = self.tree.get(&records::order_key(OVER, id))? else {
            return Ok(self.look_up(id, ask).or(None));
        };
        let read = ask.of(Arc::new(records::read_order(id, &record)?));
        // Only now is it certain whether what was read is durable, and whether the order has moved meanwhile.
        let known = self.look_up(id, ask);
        if matches!(known, Known::InTree) {
            self.board_mut().note_read(id, read.clone(), record.len(), window);
        }
        Ok(known.or(Some(read)))
    }

    /// The record of an order that is over, be it durable or not.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn read_over(&self, id: OrderId) -> Result<Option<Arc<Order>>, StoreError> {
        read_over(&self.tree, id)
    }

    /// Whether there is such an order, as far as the writer knows.
    ///
    /// # Errors
    /// When that cannot be read.
    pub(super) fn exists(&self, id: OrderId) -> Result<bool, StoreError> {
        Ok(self.board().is_live(id) || self.tree.time(&records::order_key(OVER, id))?.is_some())
    }

    /// Who owns an idempotency key.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub(super) fn find_owner(&self, key: &str) -> Result<Option<Owner>, StoreError> {
        let record = self.tree.get(&records::claim_key(key))?;
        record.map(|record| records::read_owner(key, &record)).transpose()
    }

    /// Every live order, oldest first.
    pub(super) fn live(&self) -> Vec<Arc<Order>> {
        self.board().live().cloned().collect()
    }

    /// Every live order, oldest first, and the cursor of the last durable event, as of one moment.
    pub(super) fn live_at(&self) -> (Vec<Arc<Order>>, u64) {
        let board = self.board();
        (board.live().cloned().collect(), board.cursor())
    }

    /// To which orders the events after this cursor belong, at most so many; none when that is too long ago.
    pub(super) fn history(&self, after: u64, limit: usize) -> Option<Vec<OrderId>> {
        self.board().history().read(after, limit)
    }

    /// How many live orders stand in each status.
    pub(super) fn live_counts(&self) -> BTreeMap<OrderStatus, u64> {
        self.board().counts().clone()
    }

    /// The next free sequence of every lane.
    pub(super) fn lanes(&self) -> BTreeMap<Lane, u64> {
        self.board().lanes().clone()
    }

    /// The name of the log.
    pub(super) fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The cursor of the last durable event.
    pub(super) fn cursor(&self) -> u64 {
        self.board().cursor()
    }
}

/// What was asked for, which was the order.
pub(super) fn order_of(seen: Seen) -> Arc<Order> {
    match seen {
        Seen::Order(order) => order,
        Seen::Shown(_) => unreachable!("the order was asked for"),
    }
}

/// Names a new log.
fn found<T: Tree>(tree: &T) -> Result<Epoch, StoreError> {
    let epoch = new_epoch()?;
    let record = Encoder::default().epoch(epoch)?;
    tree.apply(vec![Edit::put_timeless(records::epoch_key(), record)])?;
    Ok(epoch)
}

/// A name that no log has.
///
/// # Errors
/// When the system gives no random bytes.
pub(super) fn new_epoch() -> Result<Epoch, StoreError> {
    let mut name = [0; 16];
    getrandom::fill(&mut name)
        .map_err(|error| StoreError::Write(format!("the system has no random bytes: {error}")))?;
    Ok(Epoch(u128::from_be_bytes(name)))
}

fn read_live<T: Tree>(tree: &T) -> Result<BTreeMap<OrderId, Arc<Order>>, StoreError> {
    let mut live = BTreeMap::new();
    tree.scan(&tree::all_of(LIVE), Direction::Up, &mut |key, record| {
        let id = records::order_of_key(key)?;
        live.insert(id, Arc::new(records::read_order(id, record)?));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(live)
}

fn read_over<T: Tree>(tree: &T, id: OrderId) -> Result<Option<Arc<Order>>, StoreError> {
    let record = tree.get(&records::order_key(OVER, id))?;
    let order = record.map(|record| records::read_order(id, &record)).transpose()?;
    Ok(order.map(Arc::new))
}

fn read_lanes<T: Tree>(tree: &T) -> Result<BTreeMap<Lane, u64>, StoreError> {
    let mut lanes = BTreeMap::new();
    tree.scan(&tree::all_of(LANE), Direction::Up, &mut |key, record| {
        let next = records::read_number(Subject::Key(key), record)?;
        lanes.insert(records::lane_of_key(key)?, next);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(lanes)
}
