//! One row's place in the order of rows.

use super::{Column, decimal};
use orderd_sdk::client::Packed;
use std::{cmp::Ordering, sync::Arc};

/// An order and what it is sorted by. Nearly all that is compared is in here: sorting does not follow the pointer.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// Less where the order comes before. When the last byte is not zero, equal keys say nothing: the texts have to.
    key: u128,
    /// The front of the id.
    pub(super) front: u64,
    pub(super) order: Arc<Packed>,
}

impl Placed {
    pub(super) fn new(order: Arc<Packed>, column: Column) -> Self {
        Self { key: key(&order, column), front: order.id_front, order }
    }

    /// The same order, to be sorted by something else.
    pub(super) fn rekey(&mut self, column: Column) {
        self.key = key(&self.order, column);
    }

    /// The order of the rows: by the column, then by id.
    pub(super) fn compare(&self, other: &Self, column: Column) -> Ordering {
        let exactly = || match self.key & 0xff {
            0 => Ordering::Equal,
            _ => compare_texts(&self.order, &other.order, column),
        };
        (self.key.cmp(&other.key))
            .then_with(exactly)
            .then(self.front.cmp(&other.front))
            .then_with(|| self.order.id().cmp(other.order.id()))
    }
}

fn key(order: &Packed, column: Column) -> u128 {
    match column {
        Column::Created => number(order.created_at.0),
        Column::Updated => number(order.updated_at.0),
        Column::State => number(order.status as u64),
        Column::Pair => front(pair(order)),
        Column::Venue => front(order.dex().unwrap_or_default().bytes()),
        Column::Amount => decimal::key(order.amount()),
        Column::Attempts => number(u64::from(order.attempts)),
        Column::Error => front([code(order)].into_iter().chain(error(order).bytes())),
    }
}

/// A number that says all.
fn number(number: u64) -> u128 {
    u128::from(number) << 8
}

/// The first sixteen bytes of a text. One that is longer has no zero at its end; a zero within a text is of no harm.
fn front(text: impl Iterator<Item = u8>) -> u128 {
    let bytes = text.chain(std::iter::repeat(0)).take(16);
    bytes.fold(0, |front, byte| front << 8 | u128::from(byte))
}

fn compare_texts(one: &Packed, other: &Packed, column: Column) -> Ordering {
    match column {
        Column::Created | Column::Updated | Column::State | Column::Attempts => Ordering::Equal,
        Column::Pair => pair(one).cmp(pair(other)),
        Column::Venue => one.dex().cmp(&other.dex()),
        Column::Amount => decimal::compare(one.amount(), other.amount()),
        Column::Error => error(one).cmp(error(other)),
    }
}

fn pair(order: &Packed) -> impl Iterator<Item = u8> {
    order.token_in().bytes().chain([b'/']).chain(order.token_out().bytes())
}

fn code(order: &Packed) -> u8 {
    order.last_error_code.map_or(0, |code| code as u8 + 1)
}

fn error(order: &Packed) -> &str {
    order.last_error().unwrap_or_default()
}
