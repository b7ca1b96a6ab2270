//! One verb for many orders: what would be done is shown, and done once, by the rules for each of them.

use crate::{
    desk::GATE_PERMITS,
    verbs::{failed, request, signed},
    wire::{Reply, soon},
    world::World,
};
use k256::sha2::{Digest, Sha256};
use orderd::{
    api::{ApiSettings, Auth, Identity},
    config::Scope,
    engine::{CancelError, RetryError},
    order::{Fact, OrderId},
};
use orderd_sdk::wire::{
    BulkAction, BulkExecuteRequest, BulkOutcome, BulkPreview, BulkPreviewRequest, BulkReport,
};
use std::collections::BTreeMap;

const JSON: &str = "content-type: application/json\r\n";

fn post(verb: &str, headers: &str, body: &str) -> String {
    request("POST", &format!("/api/orders/bulk/{verb}"), &format!("{JSON}{headers}"), body)
}

fn of_filter(action: BulkAction, filter: &str) -> String {
    let request = BulkPreviewRequest { action, filter: Some(filter.to_owned()), ids: None };
    serde_json::to_string(&request).unwrap()
}

async fn preview(world: &World, body: &str) -> BulkPreview {
    let reply = world.ask(post("preview", "", body)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    serde_json::from_slice(&reply.body).unwrap()
}

fn execution(preview: &BulkPreview) -> String {
    let BulkPreview { token, eligible, .. } = preview.clone();
    let request = BulkExecuteRequest { token, expected: eligible, reason: Some("a test".into()) };
    post("execute", "", &serde_json::to_string(&request).unwrap())
}

async fn execute(world: &World, preview: &BulkPreview) -> BulkReport {
    let reply = world.ask(execution(preview)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    report(&reply)
}

fn report(reply: &Reply) -> BulkReport {
    serde_json::from_slice(&reply.body).unwrap()
}

async fn status(world: &World, id: OrderId) -> String {
    let order = world.get(&format!("/api/orders/status/{id}")).await.json();
    order["status"].as_str().unwrap().to_owned()
}

/// An order of which nobody knows what became of it.
fn unknown(world: &World) -> OrderId {
    let id = signed(world);
    world.desk.step(id, Fact::Doubted { reason: "the node did not answer".into() });
    id
}

/// By code: how many, and the examples.
fn blocked(preview: &BulkPreview) -> BTreeMap<&str, (u64, Vec<String>)> {
    let told = preview.blocked.iter();
    told.map(|blocked| (blocked.code.as_str(), (blocked.count, blocked.examples.clone()))).collect()
}

#[tokio::test]
async fn a_preview_says_what_would_be_done_and_does_nothing() {
    let world = World::start().await;
    let failures: Vec<_> = (0..7).map(|_| failed(&world)).collect();
    let (doubtful, waiting) = (unknown(&world), world.desk.accept());
    let seqs = || [failures[0], doubtful, waiting].map(|id| world.desk.seq(id));
    let before = seqs();

    let retry = preview(&world, &of_filter(BulkAction::Retry, "")).await;
    assert_eq!((retry.matched, retry.eligible, retry.truncated), (9, 7, false));
    let expected = [("may-still-land", doubtful), ("order-not-failed", waiting)];
    assert_eq!(blocked(&retry), expected.map(|(code, id)| (code, (1, vec![id.to_string()]))).into());
    assert_eq!(retry.blocked[1].detail, "Only a failed order can be retried");

    let cancel = preview(&world, &of_filter(BulkAction::Cancel, "state:stuck")).await;
    assert_eq!((cancel.matched, cancel.eligible), (8, 1));
    let newest: Vec<_> = failures.iter().rev().take(5).map(ToString::to_string).collect();
    assert_eq!(blocked(&cancel), [("order-over", (7, newest))].into());
    assert_eq!(seqs(), before);
}

#[tokio::test]
async fn what_was_shown_is_done_once_and_told_as_often_as_one_asks() {
    let world = World::start().await;
    let failures = [(); 3].map(|()| failed(&world));
    let doubtful = unknown(&world);
    let shown = preview(&world, &of_filter(BulkAction::Retry, "state:stuck")).await;
    let newer = failed(&world);
    let seqs = failures.map(|id| world.desk.seq(id));
    let (one, other) = tokio::join!(execute(&world, &shown), execute(&world, &shown));
    assert_eq!(one, other);
    assert_eq!((one.finished, one.expected, one.done), (true, 3, 3));
    assert_eq!((one.outcomes.clone(), one.refused.len()), ([(BulkOutcome::Retried, 3)].into(), 0));
    assert_eq!(failures.map(|id| world.desk.seq(id)), seqs.map(|seq| seq + 1), "each once");
    assert_eq!(
        (status(&world, doubtful).await.as_str(), status(&world, newer).await.as_str()),
        ("unknown", "failed")
    );
    assert_eq!(execute(&world, &shown).await, one);
}

#[tokio::test]
async fn what_has_changed_since_is_judged_again_and_told() {
    let world = World::start().await;
    let [same, changed] = [(); 2].map(|()| failed(&world));
    let shown = preview(&world, &of_filter(BulkAction::Retry, "state:failed")).await;
    assert_eq!(world.send_post(&format!("/api/orders/{changed}/retry")).await.status, 202);
    let seq = world.desk.seq(changed);
    let done = execute(&world, &shown).await;
    assert_eq!((done.expected, done.done, done.finished), (2, 1, true));
    let [refused] = &done.refused[..] else { panic!("{done:?}") };
    assert_eq!((refused.code.as_str(), refused.count), ("order-not-failed", 1));
    assert_eq!(refused.ids, [changed.to_string()]);
    assert_eq!((status(&world, same).await.as_str(), world.desk.seq(changed)), ("pending", seq));
}

#[tokio::test]
async fn orders_are_cancelled_at_once_or_as_the_chain_decides() {
    let world = World::start().await;
    let (fresh, live) = (world.desk.accept(), unknown(&world));
    let stranger = "01a0c1e2-8a10-7c31-9d2c-4f6f0d6f7a01";
    let body = format!(r#"{{"action":"cancel","ids":["{fresh}","{live}","{fresh}","{stranger}"]}}"#);
    let shown = preview(&world, &body).await;
    assert_eq!((shown.matched, shown.eligible), (3, 2));
    assert_eq!(blocked(&shown), [("order-not-found", (1, vec![stranger.to_owned()]))].into());
    let done = execute(&world, &shown).await;
    let expected = [(BulkOutcome::Cancelled, 1), (BulkOutcome::CancelRequested, 1)].into();
    assert_eq!((done.done, done.outcomes), (2, expected));
    assert_eq!(status(&world, fresh).await, "cancelled");
    let message = world.get(&format!("/api/orders/status/{live}")).await.json()["message"].clone();
    assert_eq!(message, "to be cancelled: a test");
}

#[tokio::test]
async fn a_client_that_hangs_up_changes_nothing_and_few_orders_are_in_hand_at_once() {
    let world = World::start().await;
    for _ in 0..40 {
        failed(&world);
    }
    let shown = preview(&world, &of_filter(BulkAction::Retry, "state:failed")).await;
    let closed = world.desk.gate.acquire_many(GATE_PERMITS).await.unwrap();
    let mut client = world.connect().await;
    client.send(execution(&shown)).await;
    let mut retries = world.desk.retries.subscribe();
    soon(retries.wait_for(|begun| *begun == 16)).await.unwrap();
    drop(client);
    assert_eq!(world.get("/health").await.status, 200);
    assert_eq!(*retries.borrow(), 16, "no more before one of them is done");
    drop(closed);
    assert_eq!(execute(&world, &shown).await.done, 40);
    assert_eq!(*retries.borrow(), 40);
}

#[tokio::test]
async fn a_refusal_of_the_engine_is_counted_for_each_order() {
    let world = World::start().await;
    let id = failed(&world);
    let shown = preview(&world, &of_filter(BulkAction::Retry, "state:failed")).await;
    world.desk.refuse_verbs(CancelError::Busy, RetryError::QueueFull { limit: 1 });
    let done = execute(&world, &shown).await;
    assert_eq!((done.done, done.refused[0].code.as_str()), (0, "queue-full"));
    assert_eq!(done.refused[0].ids, [id.to_string()]);
}

#[tokio::test]
async fn one_call_acts_on_so_many_orders_only() {
    let world = World::with(ApiSettings { max_bulk_orders: 2, ..ApiSettings::default() }).await;
    let failures = [(); 3].map(|()| failed(&world));
    let shown = preview(&world, &of_filter(BulkAction::Retry, "state:failed")).await;
    assert_eq!((shown.eligible, shown.truncated), (2, true));
    assert_eq!(execute(&world, &shown).await.done, 2);
    let rest = preview(&world, &of_filter(BulkAction::Retry, "state:failed")).await;
    assert_eq!((rest.eligible, rest.truncated), (1, false));
    let ids = failures.map(|id| format!("\"{id}\"")).join(",");
    let body = format!(r#"{{"action":"retry","ids":[{ids}]}}"#);
    assert_eq!(world.ask(post("preview", "", &body)).await.problem(), (400, "invalid-selection".into()));
}

#[tokio::test]
async fn each_mistake_has_its_code() {
    let world = World::start().await;
    failed(&world);
    for (body, code) in [
        (r#"{"action":"retry"}"#, "invalid-selection"),
        (r#"{"action":"retry","filter":"","ids":[]}"#, "invalid-selection"),
        (r#"{"action":"retry","ids":["7"]}"#, "invalid-selection"),
        (r#"{"action":"retry","filter":"state:lost"}"#, "invalid-filter"),
        (r#"{"action":"destroy","filter":""}"#, "wrong-type"),
        ("", "empty-body"),
    ] {
        assert_eq!(world.ask(post("preview", "", body)).await.problem(), (400, code.into()), "{body}");
    }
    let shown = preview(&world, &of_filter(BulkAction::Retry, "state:failed")).await;
    let token = &shown.token;
    for (body, status, code) in [
        (format!(r#"{{"token":"{token}","expected":2}}"#), 409, "count-differs"),
        (format!(r#"{{"token":"{token}x","expected":1}}"#), 404, "preview-not-found"),
        (format!(r#"{{"token":"{token}","expected":1,"reason":"a\nb"}}"#), 400, "invalid-reason"),
    ] {
        assert_eq!(world.ask(post("execute", "", &body)).await.problem(), (status, code.into()), "{body}");
    }
    world.desk.drain();
    let late = world.ask(post("preview", "", &of_filter(BulkAction::Retry, ""))).await;
    assert_eq!(late.problem(), (503, "draining".into()));
}

#[tokio::test]
async fn a_preview_is_its_callers_own() {
    let tokens = [("a", Scope::Trade), ("b", Scope::Admin), ("c", Scope::Read)].map(|(name, scope)| {
        let identity = Identity { name: name.into(), scope };
        (identity, Sha256::digest(format!("token-of-{name}")).into())
    });
    let world = World::serving(ApiSettings::default(), |state| state.with_auth(Auth::new(tokens))).await;
    failed(&world);
    let ask = async |name: &str, verb: &str, body: &str| {
        world.ask(post(verb, &format!("authorization: Bearer token-of-{name}\r\n"), body)).await
    };
    let body = of_filter(BulkAction::Retry, "state:failed");
    assert_eq!(ask("c", "preview", &body).await.problem(), (403, "forbidden".into()));
    let shown: BulkPreview = serde_json::from_slice(&ask("a", "preview", &body).await.body).unwrap();
    let body = format!(r#"{{"token":"{}","expected":1}}"#, shown.token);
    assert_eq!(ask("b", "execute", &body).await.problem(), (404, "preview-not-found".into()));
    assert_eq!(report(&ask("a", "execute", &body).await).done, 1);
}
