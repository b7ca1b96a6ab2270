//! Rows in their order. One sorted vector: a batch of changes is one pass over it, whatever the number of changes, and
//! every row is found by its number at once.

use super::{Direction, Sort, row::Placed, touched::Touched};
use orderd_sdk::client::Packed;
use std::sync::Arc;

/// The rows of a table. Row 0 is the one that is shown first.
#[derive(Debug)]
pub(super) struct Rows {
    sort: Sort,
    /// Ascending; the direction is only how they are counted.
    placed: Vec<Placed>,
}

impl Rows {
    pub(super) fn new(sort: Sort) -> Self {
        Self { sort, placed: Vec::new() }
    }

    pub(super) fn sort(&self) -> Sort {
        self.sort
    }

    pub(super) fn len(&self) -> usize {
        self.placed.len()
    }

    pub(super) fn place(&self, order: Arc<Packed>) -> Placed {
        Placed::new(order, self.sort.column)
    }

    /// Sorts by something else.
    pub(super) fn sort_by(&mut self, sort: Sort) {
        let before = std::mem::replace(&mut self.sort, sort);
        if before.column != sort.column {
            self.placed.iter_mut().for_each(|row| row.rekey(sort.column));
            self.settle();
        }
    }

    /// No rows any more; gives room for others.
    pub(super) fn take(&mut self) -> Vec<Placed> {
        self.placed.clear();
        std::mem::take(&mut self.placed)
    }

    /// These orders and no others.
    pub(super) fn replace(&mut self, orders: Vec<Placed>) {
        self.placed = orders;
        self.settle();
    }

    /// Takes out the rows of all orders that were touched and puts in those that are to be there now. Shows what it
    /// takes out to `taken`.
    pub(super) fn change(
        &mut self,
        touched: &Touched,
        mut there: Vec<Placed>,
        mut taken: impl FnMut(&Placed),
    ) {
        self.placed.retain(|row| {
            let is_touched = touched.has(row);
            if is_touched {
                taken(row);
            }
            !is_touched
        });
        let column = self.sort.column;
        there.sort_unstable_by(|one, other| one.compare(other, column));
        self.placed.append(&mut there);
        // Two runs, each in order: the stable sort finds and merges them in one pass.
        self.placed.sort_by(|one, other| one.compare(other, column));
    }

    pub(super) fn insert(&mut self, row: Placed) {
        if let Err(rank) = self.search(&row) {
            self.placed.insert(rank, row);
        }
    }

    pub(super) fn remove(&mut self, row: &Placed) {
        if let Ok(rank) = self.search(row) {
            self.placed.remove(rank);
        }
    }

    /// The number of a row that is there.
    pub(super) fn number(&self, row: &Placed) -> Option<usize> {
        self.search(row).ok().map(|rank| self.counted(rank))
    }

    /// The number of this row, or of the one that has its place without it; none when there are no rows.
    pub(super) fn nearest(&self, row: &Placed) -> Option<usize> {
        let last = self.len().checked_sub(1)?;
        Some(match (self.search(row), self.sort.direction) {
            (Ok(rank), _) => self.counted(rank),
            (Err(rank), Direction::Ascending) => rank.min(last),
            // Counted backwards, the one after it is the one before.
            (Err(rank), Direction::Descending) => self.counted(rank.saturating_sub(1)),
        })
    }

    pub(super) fn get(&self, number: usize) -> Option<&Placed> {
        (number < self.len()).then(|| &self.placed[self.counted(number)])
    }

    /// From this row on, as many as there are.
    pub(super) fn from(&self, first: usize) -> impl Iterator<Item = &Placed> {
        (first..self.len()).map(|number| &self.placed[self.counted(number)])
    }

    /// The row of an order, looked for one by one.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        let rank = self.placed.iter().position(|row| &**row.order.id() == id)?;
        Some(self.counted(rank))
    }

    fn search(&self, row: &Placed) -> Result<usize, usize> {
        self.placed.binary_search_by(|other| other.compare(row, self.sort.column))
    }

    /// From a rank to the row's number, and back.
    fn counted(&self, place: usize) -> usize {
        match self.sort.direction {
            Direction::Ascending => place,
            Direction::Descending => self.len() - 1 - place,
        }
    }

    fn settle(&mut self) {
        let column = self.sort.column;
        self.placed.sort_unstable_by(|one, other| one.compare(other, column));
    }
}
