//! Orders in the order of rows, and which of them have a row. One sorted vector of all: a batch of changes is one pass over
//! it, whatever the number of changes, and so is another filter, which neither sorts nor counts references. A second
//! vector has the ranks of those that are shown: every row is found by its number at once.

use super::{Column, Direction, Reads, Sort, row::Placed, touched::Touched};
use orderd_sdk::client::Packed;
use std::sync::Arc;

/// The rows of a table. Row 0 is the one that is shown first.
#[derive(Debug)]
pub(super) struct Rows {
    sort: Sort,
    /// All orders, ascending; the direction is only how they are counted.
    all: Vec<Placed>,
    /// The ranks in there of those that are shown, ascending.
    shown: Vec<u32>,
}

impl Rows {
    pub(super) fn new(sort: Sort) -> Self {
        Self { sort, all: Vec::new(), shown: Vec::new() }
    }

    pub(super) fn sort(&self) -> Sort {
        self.sort
    }

    pub(super) fn len(&self) -> usize {
        self.shown.len()
    }

    pub(super) fn place(&self, order: Arc<Packed>) -> Placed {
        Placed::new(order, self.sort.column)
    }

    /// Sorts by something else.
    pub(super) fn sort_by(&mut self, sort: Sort) {
        let before = std::mem::replace(&mut self.sort, sort);
        if before.column != sort.column {
            let reads = match sort.column {
                Column::Amount | Column::Error => Reads::OwnTexts,
                _ => Reads::Head,
            };
            ahead(&mut self.all, reads, |row| row.rekey(sort.column));
            self.settle();
        }
    }

    /// Shows the orders that fit and no others.
    pub(super) fn judge(&mut self, reads: Reads, mut fits: impl FnMut(&Packed) -> bool) {
        ahead(&mut self.all, reads, |row| row.show(fits(&row.order)));
        self.count();
    }

    /// No orders any more; gives room for others.
    pub(super) fn take(&mut self) -> Vec<Placed> {
        self.shown.clear();
        self.all.clear();
        std::mem::take(&mut self.all)
    }

    /// These orders and no others.
    pub(super) fn replace(&mut self, orders: Vec<Placed>) {
        self.all = orders;
        self.settle();
    }

    /// Takes out all orders that were touched and puts in those that are there now. Shows to `taken` the rows that it takes
    /// out.
    pub(super) fn change(
        &mut self,
        touched: &Touched,
        mut there: Vec<Placed>,
        mut taken: impl FnMut(&Placed),
    ) {
        self.all.retain(|row| {
            let is_touched = touched.has(row);
            if is_touched && row.is_shown() {
                taken(row);
            }
            !is_touched
        });
        let column = self.sort.column;
        there.sort_unstable_by(|one, other| one.compare(other, column));
        self.all.append(&mut there);
        // Two runs, each in order: the stable sort finds and merges them in one pass.
        self.all.sort_by(|one, other| one.compare(other, column));
        self.count();
    }

    /// Shows this order, whether it fits or not, and even if it is gone.
    pub(super) fn show(&mut self, row: &Placed) {
        let rank = self.search(row).unwrap_or_else(|rank| {
            self.all.insert(rank, row.clone().gone());
            rank
        });
        self.all[rank].show(true);
        self.count();
    }

    /// Takes back what [`Self::show`] has done.
    pub(super) fn hide(&mut self, row: &Placed) {
        let Ok(rank) = self.search(row) else { return };
        match self.all[rank].is_gone() {
            true => drop(self.all.remove(rank)),
            false => self.all[rank].show(false),
        }
        self.count();
    }

    /// The number of a row that is shown.
    pub(super) fn number(&self, row: &Placed) -> Option<usize> {
        let rank = self.search(row).ok()?;
        self.place_of(rank).ok().map(|place| self.counted(place))
    }

    /// The number of this row, or of the one that has its place without it; none when there are no rows.
    pub(super) fn nearest(&self, row: &Placed) -> Option<usize> {
        let last = self.len().checked_sub(1)?;
        let place = match self.search(row) {
            Ok(rank) => self.place_of(rank),
            Err(rank) => Err(self.place_of(rank).unwrap_or_else(|place| place)),
        };
        Some(match (place, self.sort.direction) {
            (Ok(place), _) => self.counted(place),
            (Err(place), Direction::Ascending) => place.min(last),
            // Counted backwards, the one after it is the one before.
            (Err(place), Direction::Descending) => self.counted(place.saturating_sub(1)),
        })
    }

    pub(super) fn get(&self, number: usize) -> Option<&Placed> {
        (number < self.len()).then(|| self.shown_at(self.counted(number)))
    }

    /// From this row on, as many as there are.
    pub(super) fn from(&self, first: usize) -> impl Iterator<Item = &Placed> {
        (first..self.len()).map(|number| self.shown_at(self.counted(number)))
    }

    /// The row of an order, looked for one by one.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        let front = Packed::front_of(id);
        let is_it = |row: &Placed| row.front == front && &**row.order.id() == id;
        let place = (0..self.len()).find(|place| is_it(self.shown_at(*place)))?;
        Some(self.counted(place))
    }

    fn search(&self, row: &Placed) -> Result<usize, usize> {
        self.all.binary_search_by(|other| other.compare(row, self.sort.column))
    }

    /// Where a rank is among those that are shown, or would be.
    fn place_of(&self, rank: usize) -> Result<usize, usize> {
        self.shown.binary_search_by(|shown| (*shown as usize).cmp(&rank))
    }

    fn shown_at(&self, place: usize) -> &Placed {
        &self.all[self.shown[place] as usize]
    }

    /// From the place among those that are shown to the row's number, and back.
    fn counted(&self, place: usize) -> usize {
        match self.sort.direction {
            Direction::Ascending => place,
            Direction::Descending => self.len() - 1 - place,
        }
    }

    fn settle(&mut self) {
        let column = self.sort.column;
        self.all.sort_unstable_by(|one, other| one.compare(other, column));
        self.count();
    }

    /// Notes again which are shown.
    fn count(&mut self) {
        let ranks = (0..).zip(&self.all).filter(|(_, row)| row.is_shown());
        self.shown.clear();
        self.shown.reserve_exact(self.all.len());
        self.shown.extend(ranks.map(|(rank, _)| rank));
    }
}

/// Rows whose orders are read ahead together.
const AHEAD: usize = 32;

/// Does something with every row. Orders lie anywhere in memory, and one waits for each that is not at hand: those of a few rows
/// are asked for at once, so that one waits for all of them together.
fn ahead(rows: &mut [Placed], reads: Reads, mut each: impl FnMut(&mut Placed)) {
    for rows in rows.chunks_mut(AHEAD) {
        let asked = rows.iter().map(|row| match reads {
            Reads::Head => u64::from(row.order.progress) ^ row.order.created_at.0,
            Reads::OwnTexts => row.order.seq(),
        });
        std::hint::black_box(asked.fold(0, |all, one| all ^ one));
        rows.iter_mut().for_each(&mut each);
    }
}
