//! `GET /api/orders?filter=`: the orders that a filter means, in pages.

use crate::{
    verbs::{failed, signed},
    world::World,
};
use orderd::{engine::Desk, order::OrderId};
use orderd_sdk::{
    client::{Client, OrdersQuery},
    filter::Filter,
    wire::{OrderPage, OrderStatus},
};

fn filtered(filter: &str) -> OrdersQuery {
    OrdersQuery { filter: Some(Filter::parse(filter).unwrap()), ..OrdersQuery::default() }
}

async fn page(world: &World, query: &OrdersQuery) -> OrderPage {
    let client = Client::new(&format!("http://{}", world.address)).unwrap();
    client.orders(query).await.unwrap()
}

fn ids(page: &OrderPage) -> Vec<String> {
    page.orders.iter().map(|order| order.id.clone()).collect()
}

fn named(ids: &[OrderId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_filter_and_a_status_both_have_to_fit() {
    let world = World::start().await;
    let (waiting, live, over) = (world.desk.accept(), signed(&world), failed(&world));
    for (filter, expected) in [
        ("", vec![over, live, waiting]),
        ("state:open", vec![live, waiting]),
        ("state:stuck err:insufficient-funds \"no sol\"", vec![over]),
        ("-state:pending venue:alpha", vec![live]),
        ("state:over state:open", vec![]),
    ] {
        let page = page(&world, &filtered(filter)).await;
        assert_eq!((ids(&page), page.next_cursor), (named(&expected), None), "{filter}");
    }
    let statuses = vec![OrderStatus::Failed, OrderStatus::Pending];
    let both = page(&world, &OrdersQuery { statuses, ..filtered("state:open") }).await;
    assert_eq!(ids(&both), named(&[waiting]));
}

#[tokio::test]
async fn pages_lead_through_all_that_match_once() {
    let world = World::start().await;
    let mut expected = Vec::new();
    for _ in 0..7 {
        expected.insert(0, failed(&world));
        world.desk.accept();
    }
    let (mut query, mut seen) = (OrdersQuery { limit: Some(3), ..filtered("state:failed sol") }, Vec::new());
    loop {
        let page = page(&world, &query).await;
        assert!(page.orders.len() <= 3);
        seen.extend(ids(&page));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, named(&expected));
}

#[tokio::test]
async fn whatever_is_looked_for_a_page_looks_at_so_many_orders_only() {
    let world = World::start().await;
    let oldest = world.desk.accept();
    for _ in 0..5_000 {
        world.desk.accept();
    }
    let mut query = filtered(&format!("id:{oldest}"));
    let first = page(&world, &query).await;
    assert_eq!(ids(&first), Vec::<String>::new());
    query.cursor = first.next_cursor;
    assert!(query.cursor.is_some(), "it is not the last page");
    let second = page(&world, &query).await;
    assert_eq!((ids(&second), second.next_cursor), (named(&[oldest]), None));
}

#[tokio::test]
async fn changes_can_be_filtered_as_well() {
    let world = World::start().await;
    let (over, _waiting) = (failed(&world), world.desk.accept());
    let reply = world.get("/api/orders?since=0&filter=state%3Afailed").await.json();
    assert_eq!(reply["orders"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&reply["orders"][0]["id"], &reply["cursor"]),
        (&over.to_string().into(), &world.desk.position().1.into())
    );
}

#[tokio::test]
async fn what_is_no_filter_is_told_with_its_place() {
    let world = World::start().await;
    for query in ["filter=venue%3Ax+sate%3Afailed", "since=0&filter=venue%3Ax+sate%3Afailed"] {
        let reply = world.get(&format!("/api/orders?{query}")).await;
        assert_eq!(reply.problem(), (400, "invalid-filter".into()));
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with("bytes 8 to 12: \"sate\" is not a name; expected"), "{detail}");
        assert!(detail.ends_with("did you mean \"state\"?"), "{detail}");
    }
}
