//! The table: its rows, and how they follow the cache.

use super::{
    Behind, Direction, Marks, Mode, Pick, Sort, row::Placed, rows::Rows, schedule::Schedule, touched::Touched,
};
use orderd_sdk::{
    client::{Cache, Changed, Packed},
    filter::Filter,
    timestamp::Timestamp,
};
use std::{mem, sync::Arc};

/// The orders that match a filter, sorted, with a cursor, a window on them, and marks.
#[derive(Debug)]
pub struct Listing {
    pub(super) pick: Box<dyn Pick>,
    pub(super) rows: Rows,
    /// Orders in the cache.
    total: usize,
    schedule: Schedule,
    pub(super) marks: Marks,
    pub(super) mode: Mode,
    /// The row under the cursor; none only when there are no rows.
    pub(super) cursor: Option<Placed>,
    pub(super) ghost: Ghost,
    /// The number of the row on the first line.
    pub(super) top: usize,
    /// Lines of the window.
    pub(super) height: usize,
}

/// Whether the row under the cursor is there only because the cursor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ghost {
    None,
    UnderCursor,
}

/// What becomes of the row under the cursor when its order has none among the new ones.
enum Lost {
    /// It stays as a ghost: nobody asked for other rows.
    Stays,
    /// The cursor goes to the row that has its place: the operator asked for other rows.
    Yields,
}

impl Listing {
    /// No rows yet: every order matches, the newest is first, and the cursor follows it.
    #[must_use]
    pub fn new() -> Self {
        Self {
            pick: Box::new(Filter::default()),
            rows: Rows::new(Sort::default()),
            total: 0,
            schedule: Schedule::default(),
            marks: Marks::default(),
            mode: Mode::default(),
            cursor: None,
            ghost: Ghost::None,
            top: 0,
            height: 1,
        }
    }

    /// The cache has changed.
    pub fn refresh(&mut self, changed: &Changed, cache: &Cache, now: Timestamp) {
        match (&mut self.mode, changed) {
            (Mode::Frozen(behind), changed) => behind.add(changed),
            (Mode::Follow | Mode::Stay, Changed::Ids(ids)) => self.change(ids.iter().cloned(), cache, now),
            (Mode::Follow | Mode::Stay, Changed::All) => self.read(cache, now, Lost::Stays),
        }
    }

    /// The moment from which on [`advance`](Self::advance) has something to do, unless the cache changes before.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        match self.mode {
            Mode::Frozen(_) => None,
            Mode::Follow | Mode::Stay => self.schedule.next(),
        }
    }

    /// Time has passed: orders that match by now, or do not any more, come and go. Tells whether it had to look.
    pub fn advance(&mut self, cache: &Cache, now: Timestamp) -> bool {
        let is_due = self.next_due().is_some_and(|due| due <= now);
        if is_due {
            let ids = self.schedule.take_due(now);
            self.change(ids, cache, now);
        }
        is_due
    }

    /// Shows the orders that match this and no others. The cursor stays on its order where that matches, else it goes
    /// to the row that has its place. The orders are those that [`refresh`](Self::refresh) was told of last; a frozen table
    /// shows them as they stand now, and stays so.
    pub fn pick(&mut self, pick: Box<dyn Pick>, cache: &Cache, now: Timestamp) {
        self.pick = pick;
        let behind = match &mut self.mode {
            Mode::Frozen(behind) => mem::take(behind),
            Mode::Follow | Mode::Stay => Behind::Nothing,
        };
        match behind {
            Behind::Nothing => self.judge(now),
            Behind::Orders(_) | Behind::Many => self.read(cache, now, Lost::Yields),
        }
    }

    /// Sorts the rows otherwise. The cursor stays on its order, and that on its line.
    pub fn sort_by(&mut self, sort: Sort) {
        self.held(|table| {
            table.rows.sort_by(sort);
            let cursor = table.cursor.take();
            table.cursor = cursor.map(|row| table.rows.place(row.order));
        });
    }

    /// What the rows are sorted by.
    #[must_use]
    pub fn sort(&self) -> Sort {
        self.rows.sort()
    }

    /// No row comes, goes or changes until the table is thawed.
    pub fn freeze(&mut self) {
        if !matches!(self.mode, Mode::Frozen(_)) {
            self.mode = Mode::Frozen(Behind::Nothing);
        }
    }

    /// Catches up with what has changed while the table was frozen.
    pub fn thaw(&mut self, cache: &Cache, now: Timestamp) {
        match mem::replace(&mut self.mode, Mode::Stay) {
            Mode::Frozen(Behind::Orders(mut ids)) => {
                ids.extend(self.schedule.take_due(now));
                self.change(ids, cache, now);
            }
            Mode::Frozen(Behind::Nothing) => {
                self.advance(cache, now);
            }
            Mode::Frozen(Behind::Many) => self.read(cache, now, Lost::Stays),
            mode @ (Mode::Follow | Mode::Stay) => self.mode = mode,
        }
    }

    /// How the table goes along with changes.
    #[must_use]
    pub fn mode(&self) -> &Mode {
        &self.mode
    }

    /// How many orders match.
    #[must_use]
    pub fn matched(&self) -> usize {
        self.rows.len() - usize::from(self.ghost == Ghost::UnderCursor)
    }

    /// How many orders there were when the rows last changed.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// Judges these orders again and puts them in their place.
    fn change(&mut self, ids: impl IntoIterator<Item = Arc<str>>, cache: &Cache, now: Timestamp) {
        if self.schedule.is_stale(cache.len()) {
            return self.read(cache, now, Lost::Stays);
        }
        let touched = Touched::new(ids);
        self.held(|table| {
            let cursor = table.lift_cursor();
            let mut latest = None;
            let mut there = Vec::new();
            for order in touched.ids().filter_map(|id| cache.packed(id)) {
                latest = latest.or_else(|| is_under(&cursor, &order).then(|| order.clone()));
                let row = table.judged(order, now);
                if row.is_shown() {
                    table.marks.row_added(row.order.id());
                }
                there.push(row);
            }
            let Self { rows, marks, .. } = table;
            rows.change(&touched, there, |row| marks.row_taken(row.order.id()));
            table.total = cache.len();
            table.put_back(cursor, latest, Lost::Stays);
        });
    }

    /// Reads all orders anew.
    fn read(&mut self, cache: &Cache, now: Timestamp, lost: Lost) {
        self.held(|table| {
            let cursor = table.lift_cursor();
            let mut latest = None;
            let mut there = table.rows.take();
            table.schedule.clear();
            table.total = 0;
            cache.scan(|order| {
                table.total += 1;
                if is_under(&cursor, order) {
                    latest = Some(order.clone());
                }
                there.push(table.judged(order.clone(), now));
            });
            table.rows.replace(there);
            table.marks.rows_replaced(table.rows.from(0).map(|row| row.order.id()));
            table.put_back(cursor, latest, lost);
        });
    }

    /// Judges all orders again, as they were read.
    fn judge(&mut self, now: Timestamp) {
        self.held(|table| {
            let cursor = table.lift_cursor();
            table.schedule.clear();
            let Self { pick, rows, schedule, .. } = table;
            rows.judge(pick.reads(), |order| judge(&**pick, order, now, schedule));
            table.marks.rows_replaced(table.rows.from(0).map(|row| row.order.id()));
            table.put_back(cursor, None, Lost::Yields);
        });
    }

    /// The row of an order that was judged just now.
    fn judged(&mut self, order: Arc<Packed>, now: Timestamp) -> Placed {
        let is_shown = judge(&*self.pick, &order, now, &mut self.schedule);
        let mut row = self.rows.place(order);
        row.show(is_shown);
        row
    }

    /// Takes the cursor off the table, and with it a ghost.
    fn lift_cursor(&mut self) -> Option<Placed> {
        let cursor = self.cursor.take()?;
        if mem::replace(&mut self.ghost, Ghost::None) == Ghost::UnderCursor {
            self.rows.hide(&cursor);
        }
        Some(cursor)
    }

    /// Puts the cursor on the order that it was on, as that stands at the latest, or decides what becomes of its row.
    fn put_back(&mut self, cursor: Option<Placed>, latest: Option<Arc<Packed>>, lost: Lost) {
        let Some(cursor) = cursor else { return };
        let row = match latest {
            Some(order) => self.rows.place(order),
            None => cursor,
        };
        self.cursor = match (self.rows.number(&row), &lost, &self.mode) {
            (Some(_), _, _) => Some(row),
            (None, Lost::Stays, Mode::Stay) => {
                self.rows.show(&row);
                self.ghost = Ghost::UnderCursor;
                Some(row)
            }
            (None, _, _) => self.rows.nearest(&row).and_then(|number| self.rows.get(number)).cloned(),
        };
    }

    /// Whether the newest row comes last.
    pub(super) fn newest_is_last(&self) -> bool {
        use super::Column::{Created, Updated};
        let Sort { column, direction } = self.sort();
        matches!(column, Created | Updated) && direction == Direction::Ascending
    }
}

/// Whether an order matches now; notes when it has to be judged again.
fn judge(pick: &dyn Pick, order: &Packed, now: Timestamp, schedule: &mut Schedule) -> bool {
    if pick.depends_on_time()
        && let Some(due) = pick.turns_at(order, now)
    {
        schedule.add(due, order.id().clone());
    }
    pick.matches(order, now)
}

fn is_under(cursor: &Option<Placed>, order: &Packed) -> bool {
    let is_same = |row: &Placed| row.front == order.id_front && row.order.id() == order.id();
    cursor.as_ref().is_some_and(is_same)
}

impl Default for Listing {
    fn default() -> Self {
        Self::new()
    }
}
