//! One row's place in the order of rows.

use super::{Column, decimal};
use orderd_sdk::client::Packed;
use std::{cmp::Ordering, sync::Arc};

/// An order and what it is sorted by. Nearly all that is compared is in here: sorting does not follow the pointer.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// Fifteen bytes that are less where the order comes before, and a byte of flags. So four rows fill two cache lines.
    key: u128,
    /// The front of the id.
    pub(super) front: u64,
    pub(super) order: Arc<Packed>,
}

/// The flags of a key.
const FLAGS: u128 = 0xff;
/// Equal keys say nothing: the texts have to.
pub(super) const IS_CUT: u128 = 1;
/// It is among the rows that are shown.
const IS_SHOWN: u128 = 2;
/// The cache has no such order any more.
const IS_GONE: u128 = 4;

impl Placed {
    pub(super) fn new(order: Arc<Packed>, column: Column) -> Self {
        Self { key: key(&order, column), front: order.id_front, order }
    }

    /// The same order, to be sorted by something else.
    pub(super) fn rekey(&mut self, column: Column) {
        self.key = key(&self.order, column) | (self.key & (IS_SHOWN | IS_GONE));
    }

    pub(super) fn is_shown(&self) -> bool {
        self.key & IS_SHOWN != 0
    }

    pub(super) fn show(&mut self, is_shown: bool) {
        match is_shown {
            true => self.key |= IS_SHOWN,
            false => self.key &= !IS_SHOWN,
        }
    }

    pub(super) fn is_gone(&self) -> bool {
        self.key & IS_GONE != 0
    }

    /// The same, as the row of an order that is gone.
    pub(super) fn gone(self) -> Self {
        Self { key: self.key | IS_GONE, ..self }
    }

    /// The order of the rows: by the column, then by id.
    pub(super) fn compare(&self, other: &Self, column: Column) -> Ordering {
        let exactly = || match self.key & IS_CUT {
            0 => Ordering::Equal,
            _ => compare_texts(&self.order, &other.order, column),
        };
        ((self.key & !FLAGS).cmp(&(other.key & !FLAGS)))
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
        Column::Pair => front([order.token_in(), "/", order.token_out()].map(str::as_bytes)),
        Column::Venue => front([order.dex().unwrap_or_default().as_bytes()]),
        Column::Amount => decimal::key(order.amount()),
        Column::Attempts => number(u64::from(order.attempts)),
        Column::Error => front([&[code(order)], error(order).as_bytes()]),
    }
}

/// A number that says all.
fn number(number: u64) -> u128 {
    u128::from(number) << 8
}

/// The first fifteen bytes of a text that is in parts, and whether there are more.
fn front<const PARTS: usize>(parts: [&[u8]; PARTS]) -> u128 {
    let mut front = [0; 16];
    let mut left = &mut front[..15];
    let mut flags = 0;
    for part in parts {
        let (fits, rest) = part.split_at(part.len().min(left.len()));
        let (filled, free) = left.split_at_mut(fits.len());
        filled.copy_from_slice(fits);
        left = free;
        if !rest.is_empty() {
            flags = IS_CUT;
        }
    }
    u128::from_be_bytes(front) | flags
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
