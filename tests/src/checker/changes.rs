//! Answers of `GET /api/orders?since=`, held against the history.

use super::{truth::Truth, violation::Wrong};
use orderd_sdk::wire::OrderChanges;
use std::collections::BTreeSet;

/// Every order with an event between the question's cursor and the answer's is there, as it stood then or later; or it
/// has a later event, where it will come.
pub(super) fn check(truth: &Truth, since: u64, page: &OrderChanges) -> Result<(), Wrong> {
    let cursor = page.cursor;
    let wrong = |why: String| Wrong::Changes { since, cursor, why };
    if page.epoch != truth.epoch {
        return Err(Wrong::Epoch(page.epoch.clone()));
    }
    if cursor < since {
        return Err(wrong("it leads back".to_owned()));
    }
    let mut shown = BTreeSet::new();
    for order in &page.orders {
        let told = truth.event(&order.id, order.seq);
        if told.is_none_or(|told| told.order != *order) {
            return Err(wrong(format!("{} is not as the history has it at {}", order.id, order.seq)));
        }
        if truth.as_of(&order.id, cursor).is_some_and(|then| then.seq > order.seq) {
            return Err(wrong(format!("{} is shown as of {}, before the cursor", order.id, order.seq)));
        }
        if !shown.insert(&order.id) {
            return Err(wrong(format!("{} is there twice", order.id)));
        }
    }
    let (from, to) = (truth.until(since), truth.until(cursor));
    let is_lacking = |id: &&String| {
        let goes_on = truth.life(id).last().is_some_and(|last| last.cursor > cursor);
        !shown.contains(id) && !goes_on
    };
    let mut changed = truth.line[from..to].iter().map(|event| &event.order_id);
    changed.find(is_lacking).map_or(Ok(()), |id| Err(wrong(format!("{id} is not there"))))
}
