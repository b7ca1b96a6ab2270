//! What is handed to a chain is on stable storage before.

use crate::{
    script::later,
    world::{SMOOTH, World, submit_many},
};
use orderd::store::ListQuery;
use std::sync::{Arc, Mutex};

/// Looks every order up at the very moment when the chain is given its bytes.
async fn what_is_stored_at_each_send(world: World) {
    let (daemon, script) = (Arc::new(world.start().await), world.script());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (desk, chain, notes) = (daemon.clone(), script.clone(), seen.clone());
    script.send.answers(move |_, request| {
        let (desk, chain, notes, request) = (desk.clone(), chain.clone(), notes.clone(), request.clone());
        later(async move {
            let orders = desk.list(ListQuery { limit: 100, ..ListQuery::default() }).await.unwrap();
            let signed = orders.into_iter().find(|order| order.tx_hash.as_ref() == Some(&request.hash));
            notes.lock().unwrap().push(signed.map(|order| order.message));
            chain.ledger().accept(&request)
        })
    });
    for mut life in submit_many(&daemon, 10).await {
        assert_eq!(life.end().await, SMOOTH);
    }
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    let signed = (0..10).map(|sequence| Some(format!("signed and stored with sequence {sequence}")));
    assert_eq!(seen, signed.collect::<Vec<_>>());
}

#[tokio::test]
async fn signed_bytes_are_in_the_store_when_they_are_sent() {
    what_is_stored_at_each_send(World::new()).await;
}

#[tokio::test]
async fn signed_bytes_are_on_the_disk_when_they_are_sent() {
    what_is_stored_at_each_send(World::on_disk()).await;
}
