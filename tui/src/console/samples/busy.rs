//! A busy daemon: how it is, what waits, and which orders have changed.

use super::{START, order, told};
use crate::console::model::Told;
use orderd_sdk::{
    client::{Changed, CoordinatorOptions, Feed, Link, Phase},
    timestamp::Timestamp,
    wire::{
        DelayedRetry, DepthHistory, ErrorCode, ErrorCount, LaneReport, OldestOrder, OrderDto, OrderStatus,
        Pause, Queue, Rate, RecoveryReport, StageLatency, Status, Throughput, WaitBucket, WebsocketLoad,
        Workers,
    },
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::time::Instant;

/// When all of this is told.
pub(crate) const NOW: Timestamp = Timestamp(START.0 + 4_000);

/// What venues, clients and operators do, how the daemon is, what waits, and orders that have changed of late.
pub(crate) fn busy() -> Told {
    filled().0
}

/// The same, and what fills its cache.
pub(crate) fn filled() -> (Told, Feed) {
    let (mut feed, cache) = Feed::new(&CoordinatorOptions::default());
    let Told { venues, clients, actions, .. } = told();
    let (status, queue) = (Some(Arc::new(status())), Some(Arc::new(queue())));
    let mut told = Told { status, queue, venues, clients, actions, ..Told::new(cache) };
    told.link(link(Phase::Live), NOW);
    told.orders(&Changed::All, Timestamp(NOW.0 - 100_000));
    for order in history() {
        let at = order.updated_at;
        change(&mut told, &mut feed, order, at);
    }
    (told, feed)
}

/// An order changes.
pub(crate) fn change(told: &mut Told, feed: &mut Feed, order: OrderDto, at: Timestamp) {
    let id = order.id.as_str().into();
    feed.put(order);
    feed.flush();
    told.orders(&Changed::Ids(vec![id]), at);
}

/// The same, with a text that would do harm on a terminal wherever one can be.
pub(crate) fn hostile(text: &str) -> Told {
    let hurt = || text.to_owned();
    let (mut told, mut feed) = filled();
    change(&mut told, &mut feed, hostile_order(text), NOW);
    told.status = told.status.map(|status| Arc::new(hostile_status((*status).clone(), text)));
    told.queue = told.queue.map(|queue| Arc::new(hostile_queue((*queue).clone(), text)));
    told.venues = told.venues.map(|venues| {
        let mut venues = (*venues).clone();
        for venue in &mut venues.venues {
            (venue.name, venue.last_error) = (hurt(), Some(hurt()));
            let guard = venue.guard.as_mut().expect("it has one");
            (guard.breaker.state, guard.breaker.reason) = (hurt(), Some(hurt()));
        }
        Arc::new(venues)
    });
    told.clients = told.clients.map(|clients| {
        let mut clients = (*clients).clone();
        for client in &mut clients.clients {
            (client.id, client.name, client.lag) = (hurt(), Some(hurt()), 9_000);
        }
        Arc::new(clients)
    });
    told
}

fn hostile_order(text: &str) -> OrderDto {
    let hurt = || text.to_owned();
    let (status, updated_at) = (OrderStatus::Unknown, NOW);
    let (dex, last_error) = (Some(hurt()), Some(hurt()));
    OrderDto {
        id: hurt(),
        token_in: hurt(),
        token_out: hurt(),
        dex,
        status,
        last_error,
        updated_at,
        ..order(1)
    }
}

fn hostile_status(mut status: Status, text: &str) -> Status {
    let hurt = || text.to_owned();
    (status.phase, status.version) = (hurt(), hurt());
    (status.recovery.complete, status.recovery.waits_for) = (false, vec![hurt()]);
    for lane in &mut status.lanes {
        (lane.chain, lane.account, lane.standing, lane.detail) = (hurt(), hurt(), hurt(), Some(hurt()));
    }
    status
}

fn hostile_queue(mut queue: Queue, text: &str) -> Queue {
    let hurt = || text.to_owned();
    queue.paused = Some(Pause { since: NOW, by: hurt(), reason: Some(hurt()) });
    if let Some(oldest) = &mut queue.oldest {
        oldest.order_id = hurt();
    }
    for retry in &mut queue.delayed {
        (retry.order_id, retry.dex) = (hurt(), Some(hurt()));
    }
    for error in &mut queue.errors {
        error.by_dex = [(hurt(), 9)].into();
    }
    queue
}

/// A link in this phase.
pub(crate) fn link(phase: Phase) -> Link {
    Link {
        phase,
        since: Instant::now(),
        why: None,
        next_attempt: None,
        epoch: Some("e".into()),
        cursor: Some(1_204_331),
        lag: 0,
    }
}

/// Orders that change within the seconds before [`NOW`].
fn history() -> Vec<OrderDto> {
    use OrderStatus::{Building, Confirmed, Failed, Pending, RetryPending, Routing, Submitted, Unknown};
    let step = |number: usize, seq, status, ago: u64| {
        let at = Timestamp(NOW.0 - ago);
        let created_at = Timestamp(NOW.0 - [98_000, 4_900, 4_000, 3_100][number - 1]);
        OrderDto { status, seq, created_at, updated_at: at, ..order(number as u64) }
    };
    let mut steps = vec![
        step(1, 1, Pending, 98_000),
        step(1, 7, Unknown, 92_000),
        step(2, 1, Pending, 4_900),
        step(2, 2, Routing, 4_892),
        step(2, 4, Building, 4_830),
        step(3, 1, Pending, 4_000),
        step(2, 5, Submitted, 3_800),
        step(3, 5, Submitted, 2_900),
        step(3, 7, RetryPending, 1_200),
        step(2, 6, Confirmed, 900),
        step(4, 9, Failed, 400),
    ];
    for order in &mut steps {
        order.dex = (order.seq >= 4).then(|| "paper-alpha".to_owned());
        order.attempts = u32::from(order.seq >= 5);
        if matches!(order.status, RetryPending | Failed | Unknown) {
            order.last_error = Some("received 1178.3, less than the minimum of 1188.0".into());
            order.last_error_code = Some(ErrorCode::Reverted);
        }
    }
    steps
}

fn status() -> Status {
    let lane = |account: &str, standing: &str| LaneReport {
        chain: "paper".into(),
        account: account.into(),
        standing: standing.into(),
        detail: (standing != "open").then(|| "a transaction of another program took sequence 41".into()),
    };
    Status {
        phase: "running".into(),
        version: "0.1.0".into(),
        started_at: Timestamp(NOW.0 - 525_660_000),
        uptime_ms: 525_660_000,
        epoch: "e".into(),
        cursor: 1_204_331,
        orders: depth(),
        websocket: WebsocketLoad { connected_orders: 12, total_clients: 37 },
        recovery: RecoveryReport {
            complete: true,
            orders: 12,
            signed: 3,
            waits_for: Vec::new(),
            took_ms: 210,
        },
        lanes: vec![lane("main", "open"), lane("desk-7", "held"), lane("desk-8", "open")],
        paused: None,
        store_bytes: Some(19_084_083),
    }
}

fn depth() -> BTreeMap<OrderStatus, u64> {
    use OrderStatus::{Building, Confirmed, Pending, RetryPending, Routing, Submitted, Unknown};
    let waiting = [(Pending, 1_204), (RetryPending, 57)];
    let others = [(Routing, 31), (Building, 12), (Submitted, 88), (Confirmed, 7), (Unknown, 1)];
    waiting.into_iter().chain(others).collect()
}

fn queue() -> Queue {
    let rate = |seconds, accepted, confirmed, failed, retried| Rate {
        seconds,
        accepted,
        confirmed,
        failed,
        retried,
    };
    Queue {
        depth: depth(),
        oldest: Some(OldestOrder {
            order_id: order(5).id,
            status: OrderStatus::Pending,
            since: Timestamp(NOW.0 - 3_400),
            age_ms: 3_400,
        }),
        rates: vec![
            rate(10, 412, 391, 31, 20),
            rate(60, 2_460, 2_340, 181, 122),
            rate(900, 36_220, 34_100, 2_190, 1_804),
        ],
        throughput: throughput(),
        stages: stages(),
        workers: Workers { busy: 6, max: 8 },
        delayed: (0..9).map(delayed).collect(),
        delayed_total: 57,
        depth_history: DepthHistory { step_seconds: 15, open: wave(400, 1_400), waiting: wave(300, 1_261) },
        waits: waits(),
        errors: errors(),
        ..Queue::default()
    }
}

/// Sixty numbers that rise and fall between these and end with the higher one.
fn wave(least: u64, most: u64) -> Vec<u64> {
    let share = |step: u64| match step % 20 {
        rising @ 0..10 => rising,
        falling => 19 - falling,
    };
    (11..71).map(|step| least + (most - least) * share(step) / 9).collect()
}

fn throughput() -> Throughput {
    Throughput {
        step_seconds: 15,
        accepted: wave(300, 640),
        confirmed: wave(280, 600),
        failed: wave(0, 47),
        retried: wave(0, 31),
    }
}

fn stages() -> Vec<StageLatency> {
    use OrderStatus::{Building, Pending, RetryPending, Routing, Submitted};
    [
        (Pending, 8, 210),
        (Routing, 64, 480),
        (Building, 22, 90),
        (Submitted, 640, 4_200),
        (RetryPending, 900, 9_000),
    ]
    .into_iter()
    .map(|(status, p50_ms, p99_ms)| StageLatency { status, count: 1_000, p50_ms, p99_ms })
    .collect()
}

fn delayed(at: u64) -> DelayedRetry {
    DelayedRetry {
        order_id: order(100 + at).id,
        due_at: Timestamp(NOW.0 + 1_400 * at),
        attempt: 2,
        max_attempts: 3,
        dex: (at != 3).then(|| "paper-alpha".into()),
        last_error_code: Some(if at.is_multiple_of(2) {
            ErrorCode::Reverted
        } else {
            ErrorCode::Unavailable
        }),
    }
}

fn waits() -> Vec<WaitBucket> {
    let ends = [Some(10), Some(30), Some(100), Some(300), Some(1_000), Some(3_000), Some(10_000), None];
    let counts = [11_200, 9_100, 6_300, 4_000, 1_100, 210, 12, 0];
    ends.into_iter().zip(counts).map(|(up_to_ms, count)| WaitBucket { up_to_ms, count }).collect()
}

fn errors() -> Vec<ErrorCount> {
    let error = |code, by: &[(&str, u64)]| ErrorCount {
        code,
        count: by.iter().map(|(_, count)| count).sum(),
        by_dex: by.iter().map(|(dex, count)| ((*dex).to_owned(), *count)).collect(),
    };
    vec![
        error(ErrorCode::Reverted, &[("paper-alpha", 41), ("paper-beta", 20)]),
        error(ErrorCode::NotIncluded, &[("paper-alpha", 22)]),
        error(ErrorCode::Unavailable, &[("paper-gamma", 11)]),
        error(ErrorCode::InsufficientFunds, &[("paper-beta", 3)]),
    ]
}
