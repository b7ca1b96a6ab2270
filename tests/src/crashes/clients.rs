//! Clients of a daemon that dies: each order has a key of its own, and whoever got no answer asks again under it.

use super::Violation;
use crate::{Daemon, http::Http};
use anyhow::{Result, anyhow, ensure};
use hyper::StatusCode;
use orderd_sdk::wire::{ExecuteRequest, ExecuteResponse};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};
use tokio::task::JoinSet;

/// Orders that are posted at once.
const AT_ONCE: usize = 64;

/// Answers that are still to come, each with its key.
pub type Posts = JoinSet<(u64, Result<ExecuteResponse>)>;

/// What clients know: every key they used, and the order they were told for it.
pub struct Clients {
    orders: Box<dyn Fn(u64) -> ExecuteRequest + Send + Sync>,
    keys: u64,
    unanswered: BTreeSet<u64>,
    accepted: BTreeMap<u64, String>,
    violations: Vec<Violation>,
}

impl Clients {
    /// Clients that post under each key the order that is made of it, always the same.
    pub fn new(orders: impl Fn(u64) -> ExecuteRequest + Send + Sync + 'static) -> Self {
        Self {
            orders: Box::new(orders),
            keys: 0,
            unanswered: BTreeSet::new(),
            accepted: BTreeMap::new(),
            violations: Vec::new(),
        }
    }

    /// The order of every key that has one.
    #[must_use]
    pub fn accepted(&self) -> &BTreeMap<u64, String> {
        &self.accepted
    }

    /// Keys that gave two orders.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Posts so many new orders, and again those that got no answer.
    pub fn post(&mut self, daemon: &Daemon, new: u64) -> Posts {
        let new = self.take_keys(new);
        self.unanswered.extend(new);
        let keys = self.unanswered.clone();
        keys.into_iter().map(|key| self.ask(daemon.http(), key)).collect()
    }

    /// Takes note of all answers; those of a daemon that died do not come.
    ///
    /// # Errors
    /// When a client panicked.
    pub async fn hear(&mut self, mut posts: Posts) -> Result<()> {
        while let Some(answer) = posts.join_next().await {
            let (key, answer) = answer?;
            if let Ok(accepted) = answer {
                self.note(key, accepted.order_id);
            }
        }
        Ok(())
    }

    /// Posts one new order and waits for its answer.
    ///
    /// # Errors
    /// When it was not accepted.
    pub async fn submit(&mut self, http: &Http) -> Result<String> {
        let key = self.take_keys(1).start;
        self.unanswered.insert(key);
        let accepted = self.ask(http.clone(), key).await.1?;
        self.note(key, accepted.order_id.clone());
        Ok(accepted.order_id)
    }

    /// Posts every order again, answered before or not, until at least so many keys have one.
    ///
    /// # Errors
    /// When one was not accepted.
    pub async fn insist(&mut self, http: &Http, at_least: u64) -> Result<()> {
        self.keys = self.keys.max(at_least);
        self.unanswered.extend(0..self.keys);
        let keys: Vec<_> = (0..self.keys).collect();
        for some in keys.chunks(AT_ONCE) {
            let posts: Posts = some.iter().map(|key| self.ask(http.clone(), *key)).collect();
            self.hear(posts).await?;
        }
        ensure!(self.unanswered.is_empty(), "no order was accepted for keys {:?}", self.unanswered);
        Ok(())
    }

    fn take_keys(&mut self, count: u64) -> Range<u64> {
        let first = self.keys;
        self.keys += count;
        first..self.keys
    }

    fn note(&mut self, key: u64, order: String) {
        self.unanswered.remove(&key);
        match self.accepted.insert(key, order.clone()) {
            Some(known) if known != order => {
                self.violations.push(Violation::Duplicate(format!("key {key} gave {known} and {order}")));
            }
            Some(_) | None => {}
        }
    }

    fn ask(
        &self,
        http: Http,
        key: u64,
    ) -> impl Future<Output = (u64, Result<ExecuteResponse>)> + Send + 'static {
        let order = (self.orders)(key);
        async move { (key, post(&http, key, &order).await) }
    }
}

/// Posts an order under its key, as a client does that does not know whether an earlier try went through.
async fn post(http: &Http, key: u64, order: &ExecuteRequest) -> Result<ExecuteResponse> {
    let body = serde_json::to_string(order)?;
    let name = format!("crash-{key}");
    let headers = [("content-type", "application/json"), ("idempotency-key", name.as_str())];
    let reply = http.request("POST", "/api/orders/execute", &headers, body.as_bytes()).await?;
    match reply.status {
        StatusCode::ACCEPTED => Ok(serde_json::from_value(reply.body)?),
        status => Err(anyhow!("{status}: {}", reply.body)),
    }
}
