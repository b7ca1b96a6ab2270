//! What is lost on its way to a client that keeps up is fetched: it comes all the same, once, and without a gap.

use crate::{
    subscriptions::{connect, events_up_to, forgetful, of, subscribe},
    world::World,
};
use orderd::order::OrderId;
use serde_json::json;

fn ids(orders: &[OrderId]) -> Vec<String> {
    orders.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn more_events_at_once_than_are_kept_in_memory_are_nobodys_fault() {
    let world = forgetful().await;
    let id = world.desk.accept();
    let mut ws = connect(&world).await;
    subscribe(&mut ws, json!({ "snapshot": "none" })).await;
    for round in 1..=3 {
        // Without a pause, so that the hub does not come to it.
        for _ in 0..20 {
            world.desk.grow(id);
        }
        let last = 20 * round + 1;
        assert_eq!(events_up_to(&mut ws, last).await, of(id, last - 19..=last));
    }
}

#[tokio::test]
async fn what_a_life_has_told_does_not_come_again() {
    let world = forgetful().await;
    let [id, other] = [(); 2].map(|()| world.desk.accept());
    let mut ws = connect(&world).await;
    world.desk.meanwhile([id; 20]);
    let filter = json!({ "filter": { "ids": [id.to_string()] }, "since": { "seq": { id.to_string(): 1 } } });
    assert_eq!(subscribe(&mut ws, filter).await["recovered"], true);
    assert_eq!(events_up_to(&mut ws, 22).await, of(id, 2..=21));
    world.desk.grow(other);
    world.desk.grow(id);
    assert_eq!(events_up_to(&mut ws, 24).await, of(id, [22]));
}

#[tokio::test]
async fn from_now_on_is_from_the_confirmation_on_for_every_order_without_a_seq() {
    let world = World::start().await;
    let [one, two] = [(); 2].map(|()| world.desk.accept());
    let mut ws = connect(&world).await;
    world.desk.meanwhile([two]);
    let wish = json!({
        "filter": { "ids": ids(&[one, two]) }, "since": { "seq": { one.to_string(): 1 } }, "snapshot": "none",
    });
    assert_eq!(subscribe(&mut ws, wish).await["cursor"], 2);
    assert_eq!(events_up_to(&mut ws, 3).await, of(two, [2]));
}
