//! What clients want to follow.

use crate::{
    order::{Intent, Order, View, message_of, samples},
    stream::{Filter, Published},
};
use orderd_sdk::wire::{LogFilter, OrderDto, OrderFilter};
use std::sync::{Arc, LazyLock};

static ORDERS: LazyLock<Vec<Arc<Order>>> = LazyLock::new(|| {
    let labels = [("desk".to_owned(), "7".to_owned()), ("team".to_owned(), "a".to_owned())].into();
    let labelled = samples::accepted(Intent { labels, account: "other".into(), ..samples::intent() });
    labelled.events[0].cursor.set(1);
    vec![Arc::new(samples::eventful()), Arc::new(labelled)]
});

/// Any filter is read or refused; one that is read is the same when it is written and read again, and admits exactly
/// what it says, going by what the client is shown of an order.
pub fn filter(bytes: &[u8]) {
    if let Ok(filter) = serde_json::from_slice::<LogFilter>(bytes) {
        assert_eq!(again(&filter), filter);
    }
    let Ok(filter) = serde_json::from_slice::<OrderFilter>(bytes) else {
        return;
    };
    assert_eq!(again(&filter), filter);
    if let Ok(compiled) = Filter::read(filter.clone()) {
        ORDERS.iter().for_each(|order| compare(&filter, &compiled, order));
    }
}

fn again<T: serde::Serialize + serde::de::DeserializeOwned>(filter: &T) -> T {
    let written = serde_json::to_string(filter).expect("what was read can be written");
    serde_json::from_str(&written).expect("what was written can be read")
}

fn compare(filter: &OrderFilter, compiled: &Filter, order: &Arc<Order>) {
    assert_eq!(compiled.admits(order), says(filter, &View::latest(order)), "{filter:?}");
    let mut before = false;
    for seq in 1..=order.seq() {
        let shown = message_of(order, seq).expect("an event of the order").order;
        let after = says(filter, &shown);
        let event = Published::of(order, seq).expect("an event of the order");
        assert_eq!(compiled.admits_event(&event), before || after, "event {seq}, {filter:?}");
        before = after;
    }
}

/// What the protocol says of filters, word for word.
fn says(filter: &OrderFilter, order: &OrderDto) -> bool {
    let pair = format!("{}/{}", order.token_in, order.token_out);
    let dex = order.dex.as_deref();
    any(&filter.ids, |id| same_id(id, &order.id))
        && any(&filter.status, |status| *status == order.status)
        && any(&filter.chain, |chain| *chain == order.chain)
        && any(&filter.account, |account| *account == order.account)
        && any(&filter.dex, |wanted| Some(wanted.as_str()) == dex)
        && any(&filter.pair, |wanted| *wanted == pair)
        && filter
            .label
            .iter()
            .all(|(name, values)| any(values, |value| order.labels.get(name) == Some(value)))
}

/// A member without a value says nothing.
fn any<T>(values: &[T], matches: impl FnMut(&T) -> bool) -> bool {
    values.is_empty() || values.iter().any(matches)
}

/// Ids are UUIDs, which may be written in several ways.
fn same_id(one: &str, other: &str) -> bool {
    one.parse::<crate::order::OrderId>().ok() == other.parse().ok()
}
