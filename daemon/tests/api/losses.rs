//! What happens between a subscription's seat and its look at the orders is not left out.

use crate::{
    subscriptions::{connect, events_up_to, of, subscribe},
    world::World,
};
use orderd::order::OrderId;
use serde_json::json;

fn ids(orders: &[OrderId]) -> Vec<String> {
    orders.iter().map(ToString::to_string).collect()
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
