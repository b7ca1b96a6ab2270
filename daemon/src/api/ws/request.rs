//! A wish to follow something, checked.

use super::inbound::Refusal;
use crate::{stream::Filter, telemetry::LogTailFilter};
use orderd_sdk::wire::{Delivery, LogFilter, OrderFilter, Since, SnapshotOf, Subscribe, Topic};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// The longest name of a subscription.
const MAX_ID: usize = 64;
/// How long events may wait in order to go out together.
const MAX_BATCH_MS: u64 = 250;
/// Lines of the log to begin with.
const MAX_LINES: u64 = 1_000;
const DEFAULT_LINES: u64 = 100;

/// A wish to follow something that makes sense.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) id: String,
    pub(super) topic: Topic,
    pub(super) batch: Duration,
    pub(super) what: What,
}

/// What to follow.
#[derive(Debug)]
pub(super) enum What {
    Orders(OrdersRequest),
    Logs {
        filter: LogTailFilter,
        lines: usize,
    },
    /// A topic that is told whole.
    Whole,
}

/// Which orders to follow, and how.
#[derive(Debug)]
pub(super) struct OrdersRequest {
    pub(super) filter: Filter,
    pub(super) delivery: Delivery,
    pub(super) since: Option<Since>,
    pub(super) snapshot: SnapshotOf,
}

impl Request {
    /// Checks a client's wish.
    ///
    /// # Errors
    /// When it makes no sense.
    pub(super) fn check(subscribe: Subscribe) -> Result<Self, Refusal> {
        let id = subscribe.id.clone();
        Self::read(subscribe).map_err(|refusal| refusal.about(&id))
    }

    fn read(subscribe: Subscribe) -> Result<Self, Refusal> {
        let Subscribe { id, topic, filter, delivery, batch_ms, since, snapshot, lines } = subscribe;
        let is_name = |id: &str| id.bytes().all(|byte| byte.is_ascii_graphic());
        if id.is_empty() || id.len() > MAX_ID || !is_name(&id) {
            return Err(invalid("id must be 1 to 64 visible ASCII characters"));
        }
        let batch_ms = batch_ms.unwrap_or_default();
        if batch_ms > MAX_BATCH_MS {
            return Err(invalid("batchMs must be 0 to 250"));
        }
        let is_orders = topic == Topic::Orders;
        if !is_orders && (delivery.is_some() || since.is_some() || snapshot.is_some()) {
            return Err(invalid("delivery, since and snapshot are for orders"));
        }
        if topic != Topic::Logs && lines.is_some() {
            return Err(invalid("lines is for logs"));
        }
        let what = match topic {
            Topic::Orders => {
                let filter = Filter::read(read_filter::<OrderFilter>(filter)?)
                    .map_err(|error| Refusal::of("invalid-filter", error.to_string()))?;
                check_since(since.as_ref(), &filter)?;
                let (delivery, snapshot) = (delivery.unwrap_or_default(), snapshot.unwrap_or_default());
                What::Orders(OrdersRequest { filter, delivery, since, snapshot })
            }
            Topic::Logs => {
                let filter = LogTailFilter::try_from(&read_filter::<LogFilter>(filter)?)
                    .map_err(|error| Refusal::of("invalid-filter", error.to_string()))?;
                What::Logs { filter, lines: read_lines(lines)? }
            }
            Topic::Queue | Topic::Venues | Topic::Clients | Topic::Status | Topic::Actions => match filter {
                Some(_) => return Err(invalid("filter is for orders and logs")),
                None => What::Whole,
            },
        };
        Ok(Self { id, topic, batch: Duration::from_millis(batch_ms), what })
    }
}

fn read_filter<F: DeserializeOwned + Default>(filter: Option<serde_json::Value>) -> Result<F, Refusal> {
    let read = |filter| {
        serde_json::from_value(filter).map_err(|error| Refusal::of("invalid-filter", error.to_string()))
    };
    filter.map_or_else(|| Ok(F::default()), read)
}

fn read_lines(lines: Option<u64>) -> Result<usize, Refusal> {
    let lines = lines.unwrap_or(DEFAULT_LINES);
    match usize::try_from(lines) {
        Ok(count) if lines <= MAX_LINES => Ok(count),
        Ok(_) | Err(_) => Err(invalid("lines must be 0 to 1000")),
    }
}

/// Positions by `seq` are for orders that the filter names.
fn check_since(since: Option<&Since>, filter: &Filter) -> Result<(), Refusal> {
    let Some(Since::Seq { seq }) = since else {
        return Ok(());
    };
    let is_named = |id: &String| id.parse().is_ok_and(|id| filter.ids().contains(&id));
    match seq.keys().all(is_named) {
        true => Ok(()),
        false => Err(invalid("since.seq must name orders of filter.ids")),
    }
}

fn invalid(detail: &str) -> Refusal {
    Refusal::of("invalid-subscription", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn code(mut subscribe: Value) -> &'static str {
        for (member, value) in [("id", "a"), ("topic", "orders")] {
            let members = subscribe.as_object_mut().unwrap();
            members.entry(member).or_insert(value.into());
        }
        match Request::check(serde_json::from_value(subscribe).unwrap()) {
            Ok(_) => "fine",
            Err(refusal) => refusal.code,
        }
    }

    #[test]
    fn members_have_to_fit_the_topic_and_their_bounds() {
        let id = "01a0c1e2-8a10-7c31-9d2c-4f6f0d6f7a01";
        for fine in [
            json!({}),
            json!({ "delivery": "latest", "batchMs": 250, "snapshot": "none" }),
            json!({ "topic": "logs", "filter": { "level": "warn" }, "lines": 1000 }),
            json!({ "topic": "queue", "batchMs": 10 }),
            json!({ "filter": { "ids": id }, "since": { "seq": { id: 3 } } }),
            json!({ "id": "x".repeat(64) }),
        ] {
            assert_eq!(code(fine.clone()), "fine", "{fine}");
        }
        for invalid in [
            json!({ "id": "" }),
            json!({ "id": "x".repeat(65) }),
            json!({ "id": "a b" }),
            json!({ "batchMs": 251 }),
            json!({ "lines": 1 }),
            json!({ "topic": "logs", "lines": 1001 }),
            json!({ "topic": "queue", "filter": {} }),
            json!({ "topic": "status", "delivery": "all" }),
            json!({ "topic": "logs", "snapshot": "none" }),
            json!({ "since": { "seq": { id: 3 } } }),
            json!({ "filter": { "ids": id }, "since": { "seq": { "x": 3 } } }),
        ] {
            assert_eq!(code(invalid.clone()), "invalid-subscription", "{invalid}");
        }
        let loud = json!({ "topic": "logs", "filter": { "level": "loud" } });
        assert_eq!(code(loud), "invalid-filter");
        for filter in [json!({ "state": "failed" }), json!({ "ids": "x" }), json!(7)] {
            assert_eq!(code(json!({ "filter": filter })), "invalid-filter", "{filter}");
        }
    }
}
