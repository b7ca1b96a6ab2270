//! Where the operator is: the cursor, and the part of the rows that is on the screen.

use super::{Listing, Marking, Marks, Mode, listing::Ghost, row::Placed};
use orderd_sdk::client::Packed;
use std::sync::Arc;

/// A row as it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The order.
    pub order: &'a Arc<Packed>,
    /// Whether the cursor is on it.
    pub under_cursor: bool,
    /// Whether it is marked.
    pub marked: bool,
    /// Whether it is there only because the cursor is on it: its order does not match any more, or is gone.
    pub ghost: bool,
}

impl Listing {
    /// Rows of the table. There is one more than [`matched`](Listing::matched) while the cursor is on a ghost.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows from this number on, as many as fit into these lines.
    pub fn visible(&self, first: usize, height: usize) -> impl Iterator<Item = Row<'_>> {
        self.rows.from(first).take(height).map(|row| self.shown(row))
    }

    /// The rows on the screen.
    pub fn window(&self) -> impl Iterator<Item = Row<'_>> {
        self.visible(self.top, self.height)
    }

    /// The number of the row on the first line of the screen.
    #[must_use]
    pub fn top(&self) -> usize {
        self.top
    }

    /// The row under the cursor.
    #[must_use]
    pub fn cursor(&self) -> Option<Row<'_>> {
        self.cursor.as_ref().map(|row| self.shown(row))
    }

    /// The number of the row under the cursor.
    #[must_use]
    pub fn position(&self) -> Option<usize> {
        self.rows.number(self.cursor.as_ref()?)
    }

    /// The screen has so many lines for rows.
    pub fn resize(&mut self, height: usize) {
        self.height = height.max(1);
        self.scroll();
    }

    /// Moves the cursor by this many rows, up where it is negative. That ends following.
    pub fn step(&mut self, rows: isize) {
        if let Some(number) = self.position() {
            self.go_to(number.saturating_add_signed(rows));
        }
    }

    /// Moves the cursor to a row by its number, or to the last one. That ends following.
    pub fn go_to(&mut self, number: usize) {
        if matches!(self.mode, Mode::Follow) {
            self.mode = Mode::Stay;
        }
        self.put_cursor(number);
    }

    /// Moves the cursor to this order, if it has a row. That ends following.
    pub fn go_to_order(&mut self, id: &str) -> bool {
        let number = self.rows.find(id);
        if let Some(number) = number {
            self.go_to(number);
        }
        number.is_some()
    }

    /// From now on the cursor is on the newest row. A frozen table has to be thawed before.
    pub fn follow(&mut self) {
        if !matches!(self.mode, Mode::Frozen(_)) {
            self.mode = Mode::Follow;
            self.follow_newest();
        }
    }

    /// What is marked.
    #[must_use]
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Marks the order under the cursor, or takes its mark off.
    pub fn toggle_mark(&mut self) -> Marking {
        let Some(row) = &self.cursor else { return Marking::Done };
        let id = row.order.id();
        let is_counted = self.ghost == Ghost::None;
        if self.marks.has(id) {
            if is_counted {
                self.marks.row_taken(id);
            }
            self.marks.remove(id);
            return Marking::Done;
        }
        let marking = self.marks.add(id);
        if is_counted {
            self.marks.row_added(id);
        }
        marking
    }

    /// Marks all orders that match, in the order of the rows, as long as there is room.
    pub fn mark_all(&mut self) -> Marking {
        let ghost = match self.ghost {
            Ghost::UnderCursor => self.position(),
            Ghost::None => None,
        };
        let Self { rows, marks, .. } = self;
        let matching = rows.from(0).enumerate().filter(|(number, _)| Some(*number) != ghost);
        for id in matching.map(|(_, row)| row.order.id()) {
            if marks.has(id) {
                continue;
            }
            if marks.add(id) == Marking::Full {
                return Marking::Full;
            }
            marks.row_added(id);
        }
        Marking::Done
    }

    /// Nothing is marked any more.
    pub fn clear_marks(&mut self) {
        self.marks.clear();
    }

    /// Makes a change of rows that leaves the cursor's row on its line, unless there are too few rows above it; below
    /// it there may then be lines without a row.
    pub(super) fn held(&mut self, change: impl FnOnce(&mut Self)) {
        let line = self.position().map(|number| number.saturating_sub(self.top));
        change(self);
        match (&self.mode, self.position().zip(line)) {
            (Mode::Follow, _) => self.follow_newest(),
            (Mode::Stay | Mode::Frozen(_), Some((number, line))) => self.top = number.saturating_sub(line),
            (Mode::Stay | Mode::Frozen(_), None) => self.put_cursor(self.top),
        }
    }

    fn follow_newest(&mut self) {
        let newest = match self.newest_is_last() {
            true => self.len().saturating_sub(1),
            false => 0,
        };
        self.put_cursor(newest);
    }

    fn put_cursor(&mut self, number: usize) {
        let Some(last) = self.len().checked_sub(1) else {
            (self.cursor, self.top) = (None, 0);
            return;
        };
        let row = self.rows.get(number.min(last)).cloned();
        let stays = row.as_ref().map(|row| row.order.id()) == self.cursor.as_ref().map(|row| row.order.id());
        let left = std::mem::replace(&mut self.cursor, row);
        if !stays {
            self.leave(left);
        }
        self.scroll();
    }

    /// The cursor was on this row before.
    fn leave(&mut self, left: Option<Placed>) {
        if self.ghost == Ghost::UnderCursor
            && let Some(ghost) = left
        {
            self.rows.hide(&ghost);
            self.ghost = Ghost::None;
        }
    }

    /// Scrolls no further than the cursor needs to be on the screen, and so that no line is without a row.
    fn scroll(&mut self) {
        let Some(number) = self.position() else { return };
        let (first, last) = ((number + 1).saturating_sub(self.height), number);
        let full = self.len().saturating_sub(self.height);
        self.top = self.top.min(full).clamp(first, last);
    }

    fn shown<'a>(&'a self, row: &'a Placed) -> Row<'a> {
        let cursor = self.cursor.as_ref();
        let under_cursor = cursor.is_some_and(|cursor| cursor.order.id() == row.order.id());
        Row {
            order: &row.order,
            under_cursor,
            marked: self.marks.has(row.order.id()),
            ghost: under_cursor && self.ghost == Ghost::UnderCursor,
        }
    }
}
