//! What a client asked for.

use super::{
    log::Target,
    truth::{Truth, is_over, matches},
    violation::Wrong,
};
use orderd_sdk::wire::{Delivery, OrderDto, OrderFilter, OrderMessage, Since, SnapshotOf, Subscribe};
use std::{collections::BTreeMap, rc::Rc};

/// A subscription of orders, and what the history has for it.
#[derive(Debug)]
pub(super) struct Wish<'t> {
    pub(super) truth: &'t Truth,
    pub(super) id: String,
    pub(super) filter: OrderFilter,
    pub(super) delivery: Delivery,
    pub(super) since: Option<Since>,
    pub(super) snapshot: SnapshotOf,
    /// Whether it is the path of one order.
    pub(super) is_path: bool,
    /// Every event that is asked for, in the order of cursors.
    pub(super) line: Rc<Vec<&'t OrderMessage>>,
}

/// What the history has for each filter: a client asks for the same again and again.
#[derive(Debug, Default)]
pub(super) struct Lines<'t>(Vec<(OrderFilter, Rc<Vec<&'t OrderMessage>>)>);

impl<'t> Lines<'t> {
    fn of(&mut self, truth: &'t Truth, filter: &OrderFilter) -> Rc<Vec<&'t OrderMessage>> {
        if let Some((_, line)) = self.0.iter().find(|(known, _)| known == filter) {
            return line.clone();
        }
        let events = truth.line.iter().map(|event| &**event);
        let line = Rc::new(events.filter(|event| truth.is_asked_for(filter, event)).collect::<Vec<_>>());
        self.0.push((filter.clone(), line.clone()));
        line
    }
}

impl<'t> Wish<'t> {
    pub(super) fn of(truth: &'t Truth, lines: &mut Lines<'t>, subscribe: Subscribe) -> Result<Self, Wrong> {
        let Subscribe { id, filter, delivery, since, snapshot, .. } = subscribe;
        let filter: OrderFilter =
            filter
                .map_or_else(|| Ok(OrderFilter::default()), serde_json::from_value)
                .map_err(|error| Wrong::Unreadable(format!("the client's own filter: {error}")))?;
        let line = lines.of(truth, &filter);
        let (delivery, snapshot) = (delivery.unwrap_or_default(), snapshot.unwrap_or_default());
        Ok(Self { truth, id, filter, delivery, since, snapshot, is_path: false, line })
    }

    /// What a connection asks for by its target alone.
    pub(super) fn of_target(truth: &'t Truth, lines: &mut Lines<'t>, target: &Target) -> Option<Self> {
        let Target::Order { id, since } = target else {
            return None;
        };
        let filter = OrderFilter { ids: vec![id.clone()], ..OrderFilter::default() };
        let since = since.map(|since| Since::Seq { seq: BTreeMap::from([(id.clone(), since)]) });
        let line = lines.of(truth, &filter);
        let (delivery, snapshot) = (Delivery::All, SnapshotOf::None);
        Some(Self { truth, id: id.clone(), filter, delivery, since, snapshot, is_path: true, line })
    }

    /// How many of its events lie at or before this cursor.
    pub(super) fn until(&self, cursor: u64) -> usize {
        self.line.partition_point(|event| event.cursor <= cursor)
    }

    /// Holds a snapshot against the history. `known` are orders that it has to leave out.
    pub(super) fn check(
        &self,
        cursor: u64,
        shown: &BTreeMap<String, OrderDto>,
        known: &BTreeMap<String, u64>,
    ) -> Result<(), Wrong> {
        for order in shown.values() {
            let why = |why| Wrong::Shown { cursor, order: order.id.clone(), seq: order.seq, why };
            self.check_order(cursor, order).map_err(why)?;
        }
        let is_due = |id: &&String| !shown.contains_key(*id) && !known.contains_key(*id);
        let mut due = self.truth.ids().filter(is_due);
        let lacking =
            due.find(|id| self.truth.as_of(id, cursor).is_some_and(|order| self.has_to_show(order)));
        lacking.map_or(Ok(()), |order| Err(Wrong::Lacking { cursor, order: order.clone() }))
    }

    fn has_to_show(&self, order: &OrderDto) -> bool {
        let is_wanted = matches(&self.filter, order);
        match self.filter.ids.is_empty() {
            true => is_wanted && !is_over(order.status),
            // Named orders are shown as of a later moment, by which they may match no longer.
            false => is_wanted && self.filter.status.is_empty() && self.filter.dex.is_empty(),
        }
    }

    fn check_order(&self, cursor: u64, order: &OrderDto) -> Result<(), &'static str> {
        let then = self.truth.as_of(&order.id, cursor).map(|order| order.seq);
        let is_named = !self.filter.ids.is_empty();
        match self.truth.event(&order.id, order.seq) {
            Some(event) if event.order == *order => {}
            Some(_) => return Err("the history has it otherwise"),
            None => return Err("the history has no such event"),
        }
        if !matches(&self.filter, order) {
            return Err("nobody asks for it");
        }
        if !is_named && is_over(order.status) {
            return Err("it is over");
        }
        match then {
            Some(then) if then == order.seq || (is_named && then < order.seq) => Ok(()),
            None if is_named => Ok(()),
            Some(_) | None => Err("it stood at another event then"),
        }
    }
}
