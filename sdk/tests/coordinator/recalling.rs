//! Orders that are over are brought into the cache when somebody wants them.

use crate::{
    holds,
    peer::{event, order},
    server::{Server, problem},
    stands,
};
use orderd_sdk::{
    client::{OrdersQuery, Phase, RecallError, Recalled},
    wire::OrderStatus,
};
use serde_json::{Value, json};

const PAGE: &str = "GET /api/orders?status=failed";

fn page(orders: &[Value], next: Option<&str>) -> Value {
    json!({ "success": true, "orders": orders, "nextCursor": next })
}

fn failed() -> OrdersQuery {
    OrdersQuery { statuses: vec![OrderStatus::Failed], ..OrdersQuery::default() }
}

#[tokio::test]
async fn what_is_brought_in_is_kept_current_and_never_older_than_what_is_known() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.begin("e", 10, &[order("b", 7, "routing")]).await;
    stands(&coordinator, Phase::Live).await;
    server.answer(PAGE, 200, page(&[order("a", 5, "failed"), order("b", 4, "failed")], Some("next")));
    let recalled = coordinator.recall(failed()).await.unwrap();
    assert_eq!(recalled, Recalled { orders: 2, next_cursor: Some("next".into()) });
    holds(&coordinator, &[("a", 5), ("b", 7)]).await;
    peer.say(event("a", 6, 11, "pending")).await;
    holds(&coordinator, &[("a", 6), ("b", 7)]).await;
}

#[tokio::test]
async fn what_was_read_before_a_gap_is_not_brought_in_after_it() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.begin("e", 10, &[]).await;
    stands(&coordinator, Phase::Live).await;
    let held = server.hold(PAGE, 200, page(&[order("a", 5, "failed")], None));
    let meanwhile = async {
        server.asked(PAGE).await;
        peer.gap("epoch", 3).await;
        peer.snapshot(3, &[order("z", 1, "pending")]).await;
        holds(&coordinator, &[("z", 1)]).await;
        drop(held);
    };
    let (recalled, ()) = tokio::join!(coordinator.recall(failed()), meanwhile);
    assert!(matches!(recalled, Err(RecallError::Gap)));
    assert!(coordinator.cache().get("a").is_none());
}

#[tokio::test]
async fn a_refusal_is_told_and_changes_nothing() {
    let mut server = Server::start().await;
    let coordinator = server.coordinator(|_| ());
    let mut peer = server.connected().await;
    peer.begin("e", 10, &[order("b", 7, "routing")]).await;
    stands(&coordinator, Phase::Live).await;
    server.answer(PAGE, 400, problem(400, "invalid-filter"));
    assert!(matches!(coordinator.recall(failed()).await, Err(RecallError::Call(_))));
    holds(&coordinator, &[("b", 7)]).await;
    coordinator.shut_down().await;
    assert!(matches!(coordinator.recall(failed()).await, Err(RecallError::Ended)));
}
