//! What the coordinator has done beside the socket: calls over HTTP, each a job whose outcome comes back to it. There is
//! a bound to each kind of them.

use super::{
    backoff::{Backoff, chance},
    ledger::is_over,
    mending::Lookup,
    socket::{DialError, Socket},
    submission::is_open,
    task::{RecallReply, Reply},
};
use crate::{
    client::{Client, ClientError, OrdersQuery},
    wire::{
        ExecuteRequest, ExecuteResponse, LogFilter, LogLine, OrderChanges, OrderDto, OrderPage, OrderStatus,
        Position, SnapshotOf, Status, Topic,
    },
};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Orders on one page of changes, and of a listing.
const CHANGES_PAGE: u32 = 100;
const LISTING_PAGE: u32 = 500;

/// The outcome of a job.
pub(super) enum Done {
    Dialed(Result<Box<Socket>, DialError>),
    /// What has changed, asked for because the socket is down.
    Polled(Result<OrderChanges, ClientError>),
    /// What has changed, asked for after a gap.
    Mended(Result<OrderChanges, ClientError>),
    Listed(Result<Listing, ClientError>),
    LookedUp(Lookup, Result<Box<OrderDto>, ClientError>),
    /// A page of a listing that somebody wants in the cache, asked for in this round.
    Recalled {
        round: u32,
        reply: RecallReply,
        outcome: Result<OrderPage, ClientError>,
    },
    Reports(Vec<Report>),
    Submitted {
        key: Arc<str>,
        reply: Reply,
        outcome: Result<ExecuteResponse, (Arc<ClientError>, u32)>,
    },
}

/// The orders that are not over, and the place in the log of all events from which on there may be others.
pub(super) struct Listing {
    pub(super) epoch: String,
    pub(super) cursor: u64,
    pub(super) orders: Vec<OrderDto>,
}

/// What was polled for a reader.
pub(super) enum Report {
    Topic(Topic, Box<RawValue>),
    Log(String, Vec<LogLine>),
}

/// Whether the same call may have another outcome in a while.
pub(super) fn may_pass(error: &ClientError) -> bool {
    match error {
        ClientError::Unreachable { .. } | ClientError::Unanswered(_) => true,
        ClientError::Problem(problem) => problem.status == 503,
        ClientError::InvalidIdempotencyKey | ClientError::Protocol(_) => false,
    }
}

/// The orders that have changed after a cursor.
pub(super) async fn changes(
    client: Client,
    epoch: Arc<str>,
    cursor: u64,
) -> Result<OrderChanges, ClientError> {
    client.changes(cursor, Some(&epoch), Some(CHANGES_PAGE)).await
}

/// Lists afresh. The place is read first, where the daemon has not told it: what changes meanwhile comes again after it.
pub(super) async fn list(
    client: Client,
    place: Option<Position>,
    snapshot: SnapshotOf,
    most: usize,
) -> Result<Listing, ClientError> {
    let Position { epoch, cursor } = match place {
        Some(place) => place,
        None => {
            let Status { epoch, cursor, .. } = client.status().await?;
            Position { epoch, cursor }
        }
    };
    let mut orders = Vec::new();
    if snapshot == SnapshotOf::Live {
        let statuses = OrderStatus::ALL.into_iter().filter(|status| !is_over(*status)).collect();
        let mut query = OrdersQuery { statuses, limit: Some(LISTING_PAGE), ..OrdersQuery::default() };
        loop {
            let page = client.orders(&query).await?;
            orders.extend(page.orders);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() || orders.len() >= most {
                break;
            }
        }
    }
    Ok(Listing { epoch, cursor, orders })
}

/// What readers would be told over the socket. What cannot be had is left out: they are told when it can.
pub(super) async fn reports(
    client: Client,
    topics: Vec<Topic>,
    logs: Vec<(String, u32, LogFilter)>,
) -> Vec<Report> {
    let mut reports = Vec::new();
    for topic in topics {
        if let Some(path) = path(topic)
            && let Ok(object) = client.get(path).await
        {
            reports.push(Report::Topic(topic, object));
        }
    }
    for (name, lines, filter) in logs {
        if let Ok(logs) = client.logs(lines, &filter).await {
            reports.push(Report::Log(name, logs.lines));
        }
    }
    reports
}

fn path(topic: Topic) -> Option<&'static str> {
    match topic {
        Topic::Queue => Some("/api/queue"),
        Topic::Venues => Some("/api/venues"),
        Topic::Clients => Some("/api/clients"),
        Topic::Status => Some("/api/status"),
        Topic::Actions => Some("/api/actions"),
        Topic::Orders | Topic::Logs => None,
    }
}

/// Hands an order in until it is known what became of it, or so often.
pub(super) async fn submit(
    client: Client,
    request: Arc<ExecuteRequest>,
    key: Arc<str>,
    backoff: Backoff,
    most: u32,
) -> Result<ExecuteResponse, (Arc<ClientError>, u32)> {
    let mut tries = 1;
    loop {
        match client.submit(&request, Some(&key)).await {
            Ok(accepted) => return Ok(accepted),
            Err(error) if tries >= most || !is_open(&error) => return Err((Arc::new(error), tries)),
            Err(_) => tokio::time::sleep(backoff.delay(tries - 1, chance())).await,
        }
        tries += 1;
    }
}
