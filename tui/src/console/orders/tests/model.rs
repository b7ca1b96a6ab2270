//! A table without any cleverness: all orders in a map, filtered and sorted from scratch whenever somebody looks.

use super::*;
use crate::console::orders::{Column, Direction, Sort};
use orderd_sdk::amount::Amount;
use std::{cmp::Ordering, collections::BTreeSet};

/// What a table has to show.
pub(super) struct Model {
    pub(super) orders: BTreeMap<String, OrderDto>,
    pub(super) picked: Picked,
    pub(super) sort: Sort,
    pub(super) now: Timestamp,
    /// What is shown while nothing may change.
    pub(super) frozen: Option<Vec<OrderDto>>,
    pub(super) marks: BTreeSet<String>,
}

impl Model {
    /// The orders with rows, in their order.
    pub(super) fn rows(&self) -> Vec<OrderDto> {
        let mut rows = self.frozen.clone().unwrap_or_else(|| self.matching());
        rows.sort_by(|one, other| compare(one, other, self.sort));
        rows
    }

    pub(super) fn matching(&self) -> Vec<OrderDto> {
        let fits = |order: &&OrderDto| self.picked.fits(order.status, order.updated_at, self.now);
        self.orders.values().filter(fits).cloned().collect()
    }
}

pub(super) fn compare(one: &OrderDto, other: &OrderDto, sort: Sort) -> Ordering {
    let units = |order: &OrderDto| Amount::parse_units(&order.amount, 18).unwrap();
    let pair = |order: &OrderDto| format!("{}/{}", order.token_in, order.token_out);
    let error = |order: &OrderDto| (order.last_error_code, order.last_error.clone().unwrap_or_default());
    let ascending = match sort.column {
        Column::Created => one.created_at.cmp(&other.created_at),
        Column::Updated => one.updated_at.cmp(&other.updated_at),
        Column::State => one.status.cmp(&other.status),
        Column::Pair => pair(one).cmp(&pair(other)),
        Column::Venue => one.dex.cmp(&other.dex),
        Column::Amount => units(one).cmp(&units(other)),
        Column::Attempts => one.attempts.cmp(&other.attempts),
        Column::Error => error(one).cmp(&error(other)),
    };
    let ascending = ascending.then_with(|| one.id.cmp(&other.id));
    match sort.direction {
        Direction::Ascending => ascending,
        Direction::Descending => ascending.reverse(),
    }
}
