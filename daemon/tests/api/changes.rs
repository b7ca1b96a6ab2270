//! `GET /api/orders?since=`: what has changed after a cursor, without a hole.

use crate::{desk::EPOCH, world::World};
use orderd::{engine::Desk, order::OrderId, store::StoreError};
use orderd_sdk::{
    client::{Client, ClientError},
    wire::{OrderChanges, OrderStatus, Position},
};
use std::collections::BTreeMap;

async fn changes(world: &World, query: &str) -> OrderChanges {
    let reply = world.get(&format!("/api/orders?{query}")).await;
    assert_eq!(reply.status, 200, "{query}");
    serde_json::from_slice(&reply.body).unwrap()
}

fn ids(changes: &OrderChanges) -> Vec<String> {
    changes.orders.iter().map(|order| order.id.clone()).collect()
}

fn named(ids: &[OrderId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

fn client(world: &World) -> Client {
    Client::new(&format!("http://{}", world.address)).unwrap()
}

#[tokio::test]
async fn each_order_comes_once_where_its_last_event_is_and_as_it_stands() {
    let world = World::start().await;
    let [first, second, third] = [(); 3].map(|()| world.desk.accept());
    world.desk.grow(first);
    world.desk.expire(third);
    world.desk.grow(first);

    let all = changes(&world, "since=0").await;
    assert_eq!(ids(&all), named(&[second, third, first]));
    assert_eq!(
        (all.success, all.epoch.as_str(), all.cursor, all.more),
        (true, &*EPOCH.to_string(), 6, false)
    );
    let seqs: Vec<_> = all.orders.iter().map(|order| (order.seq, order.status)).collect();
    assert_eq!(seqs, [(1, OrderStatus::Pending), (2, OrderStatus::Expired), (3, OrderStatus::Routing)]);

    let later = changes(&world, &format!("since=4&epoch={EPOCH}")).await;
    assert_eq!((ids(&later), later.cursor), (named(&[third, first]), 6));
    let none = changes(&world, "since=6").await;
    assert_eq!((ids(&none), none.cursor, none.more), (vec![], 6, false));

    world.desk.grow(second);
    let news = changes(&world, "since=6").await;
    assert_eq!((ids(&news), news.cursor, news.orders[0].seq), (named(&[second]), 7, 2));
}

/// Orders go on between the pages.
#[tokio::test]
async fn whoever_asks_again_and_again_misses_nothing() {
    let world = World::start().await;
    let client = client(&world);
    for limit in 1..=5 {
        let (epoch, mut cursor) = (EPOCH.to_string(), world.desk.position().1);
        let orders = [(); 7].map(|()| world.desk.accept());
        let mut seen = BTreeMap::new();
        let mut left = orders.iter().cycle().step_by(3).take(25);
        loop {
            let page = client.changes(cursor, Some(&epoch), Some(limit)).await.unwrap();
            assert!(page.orders.len() <= limit as usize && page.cursor >= cursor);
            assert_eq!(page.more, page.cursor < world.desk.position().1);
            seen.extend(page.orders.into_iter().map(|order| (order.id, order.seq)));
            cursor = page.cursor;
            match left.next() {
                Some(order) => {
                    world.desk.grow(*order);
                }
                None if page.more => {}
                None => break,
            }
        }
        let now = client.orders(&Default::default()).await.unwrap().orders;
        let now: BTreeMap<_, _> = now.into_iter().map(|order| (order.id, order.seq)).collect();
        assert_eq!(seen.len(), 7);
        assert!(seen.iter().all(|(id, seq)| now[id] == *seq), "{seen:?} {now:?}");
    }
}

#[tokio::test]
async fn one_answer_looks_at_so_many_events_at_the_most() {
    let world = World::start().await;
    let orders: Vec<OrderId> = (0..100).map(|_| world.desk.accept()).collect();
    for _ in 0..100 {
        for order in &orders {
            world.desk.grow(*order);
        }
    }
    let page = changes(&world, "since=0").await;
    assert_eq!((page.orders.len(), page.cursor, page.more), (100, 10_000, true));
    let rest = changes(&world, "since=10000").await;
    assert_eq!((rest.orders.len(), rest.cursor, rest.more), (100, 10_100, false));
    let exactly = changes(&world, "since=100").await;
    assert_eq!((exactly.cursor, exactly.more), (10_100, false));
}

#[tokio::test]
async fn only_orders_that_stand_in_the_wanted_statuses_are_shown() {
    let world = World::start().await;
    let [first, second, third] = [(); 3].map(|()| world.desk.accept());
    world.desk.expire(second);
    world.desk.grow(third);
    for (status, expected) in
        [("expired", &[second][..]), ("pending,routing", &[first, third]), ("failed", &[])]
    {
        let page = changes(&world, &format!("since=0&status={status}")).await;
        assert_eq!((ids(&page), page.cursor, page.more), (named(expected), 5, false), "{status}");
    }
    let page = changes(&world, "since=0&limit=1&status=expired").await;
    assert_eq!(
        (ids(&page), page.cursor, page.more),
        (vec![], 1, true),
        "a page may be empty and not the last"
    );
}

#[tokio::test]
async fn a_cursor_whose_sequel_is_not_known_is_gone() {
    let world = World::start().await;
    let order = world.desk.accept();
    world.desk.grow(order);
    world.desk.forget_history();
    world.desk.grow(order);
    let top = Position { epoch: EPOCH.to_string(), cursor: 3 };
    let client = client(&world);
    for (since, epoch) in [(1, None), (1, Some(&*top.epoch)), (4, None), (u64::MAX, None), (2, Some("other"))]
    {
        let error = client.changes(since, epoch, None).await.unwrap_err();
        assert_eq!(error.cursor_gone(), Some(&top), "{since} of {epoch:?}");
        let ClientError::Problem(problem) = error else {
            panic!("{error}");
        };
        assert_eq!(problem.status, 410);
    }
    assert_eq!(client.changes(2, Some(&top.epoch), None).await.unwrap().cursor, 3);
    let other = client.order("x").await.unwrap_err();
    assert_eq!(other.cursor_gone(), None);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let world = World::start().await;
    for query in [
        "since=0&cursor=01a0c1e2-8a10-7c31-9d2c-4f6f0d6f7a01",
        "since=",
        "since=-1",
        "since=18446744073709551616",
        "since=0&limit=0",
        "since=0&limit=501",
        "since=0&status=lost",
        "epoch=7",
    ] {
        let reply = world.get(&format!("/api/orders?{query}")).await;
        assert_eq!(reply.problem(), (400, "invalid-parameter".into()), "{query}");
    }
}

#[tokio::test]
async fn an_order_that_cannot_be_read_is_not_passed_over() {
    let world = World::start().await;
    world.desk.accept();
    let what = "order 7 at /var/lib".to_owned();
    world.desk.fail_to_read(StoreError::Corrupt { what, reason: "bad byte".into() });
    let reply = world.get("/api/orders?since=0").await;
    assert_eq!(reply.problem(), (500, "order-unreadable".into()));
}
