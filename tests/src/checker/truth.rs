//! The daemon's own history, which everything that clients heard is held against.

use crate::http::Http;
use anyhow::{Context as _, Result, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use hyper::StatusCode;
use orderd_sdk::wire::{OrderDto, OrderEvents, OrderFilter, OrderMessage, OrderStatus, Status};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// Orders that are asked for at once.
const AT_ONCE: usize = 8;

/// Every event of every order.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    pub(super) epoch: String,
    /// In the order of cursors.
    pub(super) line: Vec<Arc<OrderMessage>>,
    /// By order, in the order of `seq`.
    lives: BTreeMap<String, Vec<Arc<OrderMessage>>>,
}

impl Truth {
    /// What a daemon says over HTTP of all its orders. Nothing may happen to them meanwhile.
    ///
    /// # Errors
    /// When it cannot be asked, or contradicts itself.
    pub async fn ask(http: &Http) -> Result<Self> {
        let status: Status = serde_json::from_value(http.get("/api/status").await?.body)?;
        let orders = http.orders().await?;
        let lives = stream::iter(orders).map(|order| life(http, order.id)).buffer_unordered(AT_ONCE);
        let truth = Self::of(&status.epoch, lives.try_collect::<Vec<_>>().await?)?;
        ensure!(
            truth.top() == status.cursor,
            "the last event is at {}, the status says {}",
            truth.top(),
            status.cursor
        );
        Ok(truth)
    }

    /// These lives.
    ///
    /// # Errors
    /// When a life has a hole, or two events have the same cursor.
    pub fn of(epoch: &str, lives: impl IntoIterator<Item = Vec<OrderMessage>>) -> Result<Self> {
        let mut truth = Self { epoch: epoch.to_owned(), ..Self::default() };
        for life in lives {
            let life: Vec<_> = life.into_iter().map(Arc::new).collect();
            ensure_whole(&life)?;
            truth.line.extend(life.iter().cloned());
            let id = life[0].order_id.clone();
            ensure!(truth.lives.insert(id, life).is_none(), "an order is listed twice");
        }
        truth.line.sort_by_key(|event| event.cursor);
        let is_dense = truth.line.windows(2).all(|two| two[0].cursor < two[1].cursor);
        ensure!(is_dense, "two events have the same cursor");
        Ok(truth)
    }

    /// The cursor of the last event.
    #[must_use]
    pub fn top(&self) -> u64 {
        self.line.last().map_or(0, |event| event.cursor)
    }

    /// How many orders there are.
    #[must_use]
    pub fn orders(&self) -> usize {
        self.lives.len()
    }

    /// How many events there are.
    #[must_use]
    pub fn events(&self) -> usize {
        self.line.len()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        self.lives.keys()
    }

    /// How many events lie at or before this cursor.
    pub(super) fn until(&self, cursor: u64) -> usize {
        self.line.partition_point(|event| event.cursor <= cursor)
    }

    pub(super) fn life(&self, id: &str) -> &[Arc<OrderMessage>] {
        self.lives.get(id).map_or(&[], Vec::as_slice)
    }

    pub(super) fn event(&self, id: &str, seq: u64) -> Option<&Arc<OrderMessage>> {
        self.life(id).get(usize::try_from(seq.checked_sub(1)?).ok()?)
    }

    /// The order as it stood after the event at this cursor, if it was there.
    pub(super) fn as_of(&self, id: &str, cursor: u64) -> Option<&OrderDto> {
        let life = self.life(id);
        let count = life.partition_point(|event| event.cursor <= cursor);
        Some(&life.get(count.checked_sub(1)?)?.order)
    }

    /// Whether a filter asks for this event: the order matches after it, or did before.
    pub(super) fn is_asked_for(&self, filter: &OrderFilter, event: &OrderMessage) -> bool {
        let before = self.event(&event.order_id, event.seq - 1);
        matches(filter, &event.order) || before.is_some_and(|before| matches(filter, &before.order))
    }
}

/// An order's events, which end in the order as the status call shows it.
async fn life(http: &Http, id: String) -> Result<Vec<OrderMessage>> {
    let reply = http.get(&format!("/api/orders/{id}/events")).await?;
    ensure!(reply.status == StatusCode::OK, "{}: {}", reply.status, reply.body);
    let events: OrderEvents = serde_json::from_value(reply.body)?;
    let mut shown = http.get(&format!("/api/orders/status/{id}")).await?.body;
    let success = shown.as_object_mut().and_then(|order| order.remove("success"));
    ensure!(success == Some(Value::Bool(true)), "{id} is not shown: {shown}");
    let last = &events.events.last().with_context(|| format!("{id} has no events"))?.order;
    ensure!(serde_json::to_value(last)? == shown, "{id} is shown as {shown}, its last event tells {last:?}");
    Ok(events.events)
}

fn ensure_whole(life: &[Arc<OrderMessage>]) -> Result<()> {
    let first = life.first().context("an order without events")?;
    for (event, seq) in life.iter().zip(1..) {
        let id = &first.order_id;
        ensure!(event.order_id == *id && event.order.id == *id, "{id} has an event of {}", event.order_id);
        ensure!(event.seq == seq, "{id} has event {} in place of {seq}", event.seq);
        ensure!(event.order.seq == seq, "{id} stands at {} after event {seq}", event.order.seq);
        ensure!(event.order.status == event.kind, "{id}: {} carries {}", event.kind, event.order.status);
    }
    let is_ordered = life.windows(2).all(|two| two[0].cursor < two[1].cursor);
    ensure!(is_ordered, "the events of {} are not in the order of their cursors", first.order_id);
    Ok(())
}

/// Whether an order that stands so is asked for.
pub(super) fn matches(filter: &OrderFilter, order: &OrderDto) -> bool {
    fn one_of<T: PartialEq>(values: &[T], value: &T) -> bool {
        values.is_empty() || values.contains(value)
    }
    let is_pair = |pair: &String| {
        pair.split_once('/').is_some_and(|pair| pair == (order.token_in.as_str(), order.token_out.as_str()))
    };
    let has_label = |(name, values): (&String, &Vec<String>)| {
        order.labels.get(name).is_some_and(|value| values.contains(value))
    };
    one_of(&filter.ids, &order.id)
        && one_of(&filter.status, &order.status)
        && one_of(&filter.chain, &order.chain)
        && one_of(&filter.account, &order.account)
        && (filter.pair.is_empty() || filter.pair.iter().any(is_pair))
        && (filter.dex.is_empty() || order.dex.as_ref().is_some_and(|dex| filter.dex.contains(dex)))
        && filter.label.iter().all(has_label)
}

/// Whether a snapshot of what is not over leaves the order out.
pub(super) fn is_over(status: OrderStatus) -> bool {
    use OrderStatus::{Cancelled, Expired, Failed, Finalized};
    [Finalized, Failed, Cancelled, Expired].contains(&status)
}
