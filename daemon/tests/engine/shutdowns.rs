//! The end in good order: in time, whatever hangs, and without a loss.

use crate::{
    ledger::Mining,
    machine::{End, Machine},
    script::{Script, later, never, quote},
    world::{Life, SMOOTH, World, sell, submit, submit_many},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::Instant,
};

const GRACE_MS: u64 = 50;
/// What the end may take beyond the grace on a busy machine; the calls that hang would take ten seconds.
const SLACK: Duration = Duration::from_secs(3);

/// What does not answer, and how to see that it was asked.
struct Hang {
    name: &'static str,
    begin: fn(&Script),
    end: fn(&Script),
}

const HANGS: [Hang; 6] = [
    Hang { name: "lane", begin: |on| on.lane.answers(|_, _| never()), end: |on| on.lane.as_usual() },
    Hang { name: "quote", begin: |on| on.quote.answers(|_, _| never()), end: |on| on.quote.as_usual() },
    Hang { name: "build", begin: |on| on.build.answers(|_, _| never()), end: |on| on.build.as_usual() },
    Hang { name: "prepare", begin: |on| on.prepare.answers(|_, _| never()), end: |on| on.prepare.as_usual() },
    Hang { name: "send", begin: |on| on.send.answers(|_, _| never()), end: |on| on.send.as_usual() },
    Hang { name: "status", begin: |on| on.status.answers(|_, _| never()), end: |on| on.status.as_usual() },
];

async fn asked(script: &Script, hang: &Hang) {
    match hang.name {
        "lane" => script.lane.reached(1).await,
        "quote" => script.quote.reached(1).await,
        "build" => script.build.reached(1).await,
        "prepare" => script.prepare.reached(1).await,
        "send" => script.send.reached(1).await,
        _ => script.status.reached(1).await,
    }
}

#[test]
fn the_end_comes_in_time_whatever_hangs_and_every_order_is_executed_afterwards() {
    for hang in HANGS {
        let world = World::on_disk().drain(GRACE_MS);
        let script = world.script();
        (hang.begin)(&script);
        let machine = Machine::boot(&world);
        let ids = machine.run(async |daemon| {
            let lives = submit_many(daemon, 5).await;
            asked(&script, &hang).await;
            lives.into_iter().map(|life| life.id).collect::<Vec<_>>()
        });
        let begin = Instant::now();
        machine.end(End::ShutDown);
        assert!(begin.elapsed() < Duration::from_millis(GRACE_MS) + SLACK, "{}", hang.name);

        (hang.end)(&script);
        let machine = Machine::boot(&world);
        machine.run(async |daemon| {
            for id in ids {
                assert!(
                    Life::of(daemon, id).await.end().await.ends_with("confirmed finalized"),
                    "{}",
                    hang.name
                );
            }
        });
        assert_eq!(script.swaps(), [1, 2, 3, 4, 5], "{}", hang.name);
        machine.end(End::ShutDown);
    }
}

#[tokio::test]
async fn a_daemon_that_has_ended_lets_the_next_one_have_its_folder_whatever_hangs() {
    for hang in HANGS {
        let world = World::on_disk().drain(GRACE_MS);
        let script = world.script();
        (hang.begin)(&script);
        let daemon = world.start().await;
        let first = submit(&daemon, sell(1)).await.id;
        asked(&script, &hang).await;
        daemon.shut_down().await.unwrap();

        (hang.end)(&script);
        let daemon = world.start().await;
        assert!(Life::of(&daemon, first).await.end().await.ends_with("confirmed finalized"), "{}", hang.name);
        daemon.shut_down().await.unwrap();
    }
}

/// A daemon with one worker, whose first order waits for its quote, and the switch that lets it go on.
async fn with_one_order_in_hand(
    world: &World,
) -> (orderd::app::Daemon, Arc<Script>, Life, watch::Sender<bool>) {
    let (daemon, script) = (world.start().await, world.script());
    let (open, gate) = watch::channel(false);
    script.quote.answers(move |_, _| {
        let mut gate = gate.clone();
        later(async move {
            gate.wait_for(|open| *open).await.unwrap();
            Ok(quote(1_000_u64.into()))
        })
    });
    let life = submit(&daemon, sell(1)).await;
    script.quote.reached(1).await;
    (daemon, script, life, open)
}

#[tokio::test]
async fn an_attempt_in_hand_comes_to_a_rest_and_no_other_begins() {
    let world = World::new().engine("workers", 1);
    let (daemon, script, mut first, open) = with_one_order_in_hand(&world).await;
    script.ledger().mining = Mining::Pool;
    let mut second = submit(&daemon, sell(2)).await;
    let shutdown = daemon.shutdown();
    let begin = Instant::now();
    let (ended, ()) = tokio::join!(daemon.shut_down(), async {
        shutdown.requested().await;
        open.send_replace(true);
    });
    ended.unwrap();
    assert!(begin.elapsed() < SLACK, "nothing is left to wait for");
    first.until("submitted").await;
    second.until("pending").await;
    assert_eq!((script.quote.count(), script.send.count(), shutdown.fault()), (1, 1, None));
}

#[tokio::test]
async fn an_idle_daemon_ends_at_once() {
    let world = World::new();
    let daemon = world.start().await;
    assert_eq!(submit(&daemon, sell(7)).await.end().await, SMOOTH);
    let (shutdown, begin) = (daemon.shutdown(), Instant::now());
    daemon.shut_down().await.unwrap();
    assert!(begin.elapsed() < SLACK);
    assert_eq!(shutdown.fault(), None);
}

#[tokio::test]
async fn orders_that_come_during_the_end_are_refused() {
    let world = World::new().engine("workers", 1);
    let (mut daemon, script, _life, open) = with_one_order_in_hand(&world).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    daemon.serve(listener);
    let post = async |amount: u64| {
        let body = serde_json::to_string(&sell(amount)).unwrap();
        let length = body.len();
        let request = format!(
            "POST /api/orders/execute HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.unwrap();
        reply
    };
    assert!(post(2).await.starts_with("HTTP/1.1 202"));
    let shutdown = daemon.shutdown();
    let (ended, refused) = tokio::join!(daemon.shut_down(), async {
        shutdown.requested().await;
        let refused = post(3).await;
        open.send_replace(true);
        refused
    });
    ended.unwrap();
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("shutting down"), "{refused}");
    assert_eq!(script.quote.count(), 1);
}
