//! What operators have done to the queue, and the record of what anybody had done.

use crate::{
    auth::{TOKENS, bearer, guarded},
    desk::catalog,
    subscriptions::{connect, subscribe},
    wire::soon,
    world::World,
};
use async_trait::async_trait;
use orderd::{
    actions::ActionLog,
    api::ApiSettings,
    engine::{NotKept, QueueDesk},
    stats::Stats,
    telemetry::SystemClock,
};
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{Action, ActionOutcome, Actions, Pause, QueueSwitched, Workers},
};
use serde_json::{Value, json};
use std::{
    io,
    sync::{Arc, Mutex},
};

const AT: Timestamp = Timestamp(1_790_000_000_000);

/// A queue with eight workers, of whom two are busy.
#[derive(Default)]
struct Held(Mutex<Standing>);

#[derive(Default)]
struct Standing {
    pause: Option<Pause>,
    changes: u64,
    is_disk_full: bool,
}

impl Held {
    fn fill_the_disk(&self) {
        self.0.lock().unwrap().is_disk_full = true;
    }

    fn keep(&self, pause: Option<Pause>) -> Result<(), NotKept> {
        let mut standing = self.0.lock().unwrap();
        if standing.is_disk_full {
            return Err(NotKept::from(io::Error::other("the disk is full")));
        }
        standing.changes += 1;
        standing.pause = pause;
        Ok(())
    }
}

#[async_trait]
impl QueueDesk for Held {
    fn paused(&self) -> Option<Pause> {
        self.0.lock().unwrap().pause.clone()
    }

    fn changes(&self) -> u64 {
        self.0.lock().unwrap().changes
    }

    fn workers(&self) -> Workers {
        Workers { busy: 2, max: 8 }
    }

    async fn pause(&self, by: &str, reason: Option<String>) -> Result<Pause, NotKept> {
        let new = Pause { since: AT, by: by.to_owned(), reason };
        let pause = self.paused().unwrap_or(new);
        self.keep(Some(pause.clone())).map(|()| pause)
    }

    async fn resume(&self, _: &str) -> Result<(), NotKept> {
        self.keep(None)
    }
}

async fn world(held: &Arc<Held>) -> World {
    let (queue, stats) = (held.clone(), Arc::new(Stats::new(Arc::new(SystemClock), &catalog())));
    World::serving(ApiSettings::default(), |state| state.with_stats(stats).with_queue(queue)).await
}

fn post(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n{headers}\r\n{body}"
    )
}

async fn actions(world: &World, query: &str, headers: &str) -> Actions {
    let asked = format!("GET /api/actions{query} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n");
    let reply = world.ask(asked).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    serde_json::from_slice(&reply.body).unwrap()
}

fn verbs(actions: &Actions) -> Vec<(u64, &str, ActionOutcome)> {
    actions.actions.iter().map(|action| (action.n, action.verb.as_str(), action.outcome)).collect()
}

#[tokio::test]
async fn a_queue_is_paused_and_resumed_and_tells_since_when_and_why() {
    let world = world(&Arc::default()).await;
    let before = world.get("/api/queue").await.json();
    assert_eq!((&before["paused"], &before["workers"]), (&Value::Null, &json!({"busy": 2, "max": 8})));
    let reply = world.ask(post("/api/queue/pause", "", r#"{"reason":"the node lags"}"#)).await;
    let paused = json!({"since": AT.to_string(), "by": "anonymous", "reason": "the node lags"});
    assert_eq!((reply.status, reply.json()), (200, json!({"success": true, "paused": paused})));
    for path in ["/api/queue", "/api/status"] {
        assert_eq!(world.get(path).await.json()["paused"], paused);
    }
    let again = world.send_post("/api/queue/pause").await;
    let again: QueueSwitched = serde_json::from_slice(&again.body).unwrap();
    assert_eq!(again.paused.and_then(|pause| pause.reason).as_deref(), Some("the node lags"));
    for _ in 0..2 {
        let reply = world.send_post("/api/queue/resume").await;
        assert_eq!((reply.status, reply.json()), (200, json!({"success": true, "paused": null})));
    }
    let told = actions(&world, "", "").await;
    let details: Vec<_> = told.actions.iter().rev().map(|action| action.detail.as_str()).collect();
    let since = format!("anonymous since {AT}");
    assert_eq!(
        details,
        [
            "done",
            &format!("it is paused already, by {since}"),
            &format!("it was paused by {since}"),
            "it was not paused"
        ]
    );
}

#[tokio::test]
async fn each_refusal_has_its_code_and_is_on_record() {
    let held = Arc::<Held>::default();
    let world = world(&held).await;
    let refusal = async |request: String| world.ask(request).await.problem();
    let long = format!(r#"{{"reason":"{}"}}"#, "x".repeat(201));
    for (path, body, code) in [
        ("/api/queue/pause", long.as_str(), "invalid-reason"),
        ("/api/queue/pause", r#"{"reason":"two\nlines"}"#, "invalid-reason"),
        ("/api/queue/pause", r#"{"why":"x"}"#, "unknown-field"),
        ("/api/queue/resume", r#"{"reason":"x"}"#, "unknown-field"),
        ("/api/queue/resume?now=1", "", "invalid-parameter"),
    ] {
        assert_eq!(refusal(post(path, "", body)).await, (400, code.into()), "{body}");
    }
    held.fill_the_disk();
    for path in ["/api/queue/pause", "/api/queue/resume"] {
        assert_eq!(refusal(post(path, "", "")).await, (503, "pause-not-kept".into()));
    }
    let told = actions(&world, "?limit=3", "").await;
    let codes: Vec<_> = told.actions.iter().map(|of| (of.outcome, of.code.as_deref())).collect();
    let failed = (ActionOutcome::Failed, Some("pause-not-kept"));
    assert_eq!(
        (codes, told.more),
        (vec![failed, failed, (ActionOutcome::Refused, Some("invalid-parameter"))], true)
    );
    assert_eq!(world.get("/api/queue/pause").await.problem(), (405, "method-not-allowed".into()));
    assert_eq!(actions(&world, "", "").await.actions.len(), 7, "who only looks has nothing done");
    for query in ["?limit=0", "?limit=1001", "?before=x", "?since=1"] {
        let refused = world.get(&format!("/api/actions{query}")).await.problem();
        assert_eq!(refused, (400, "invalid-parameter".into()), "{query}");
    }
}

#[tokio::test]
async fn what_is_done_is_told_with_who_had_it_done_and_what_came_of_it() {
    let world = guarded().await;
    let [reader, bot, ops] = TOKENS.map(|(_, token, _)| bearer(token));
    let id = world.desk.accept();
    let cancel = format!("/api/orders/{id}/cancel");
    for (path, headers, body) in [
        (cancel.as_str(), &bot, r#"{"reason":"too slow"}"#),
        (&cancel, &reader, ""),
        ("/api/orders/x/retry", &bot, ""),
        ("/api/clients/ws-1/disconnect", &ops, ""),
        ("/api/venues/alpha/enable", &ops, ""),
        ("/api/venues/alpha/disable", &bot, ""),
        ("/api/venues/alpha/reload", &ops, ""),
    ] {
        world.ask(post(path, headers, body)).await;
    }
    // Nobody knows who this is.
    assert_eq!(world.ask(post("/api/queue/pause", "", "")).await.status, 401);
    let told = actions(&world, "", &ops).await;
    let seen = |action: &Action| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        format!(
            "{} {} {} {} {}",
            action.by,
            action.verb,
            text(&action.target),
            action.outcome.as_str(),
            text(&action.code)
        )
    };
    let seen: Vec<_> = told.actions.iter().rev().map(seen).collect();
    let expected = [
        format!("bot cancel {id} done "),
        format!("screen cancel {id} refused forbidden"),
        "bot retry x refused invalid-order-id".to_owned(),
        "ops disconnect-client ws-1 refused client-not-found".to_owned(),
        "ops enable-venue alpha refused venue-not-found".to_owned(),
        "bot disable-venue alpha refused forbidden".to_owned(),
        "ops reload-venue alpha refused venue-not-found".to_owned(),
    ];
    assert_eq!(seen, expected);
    let first = told.actions.last().unwrap();
    assert_eq!((first.reason.as_deref(), first.detail.as_str()), (Some("too slow"), "it is cancelled"));
    assert!(first.address.as_ref().unwrap().starts_with("127.0.0.1:"), "{first:?}");
    let shown = serde_json::to_string(&told).unwrap();
    assert!(TOKENS.iter().all(|(_, token, _)| !shown.contains(token)));
}

#[tokio::test]
async fn actions_are_read_page_by_page() {
    let world = World::start().await;
    for _ in 0..5 {
        world.send_post("/api/clients/nobody/disconnect").await;
    }
    let first = actions(&world, "?limit=2", "").await;
    let refused = |n| (n, "disconnect-client", ActionOutcome::Refused);
    assert_eq!((verbs(&first), first.more), (vec![refused(5), refused(4)], true));
    let rest = actions(&world, "?limit=3&before=4", "").await;
    assert_eq!((verbs(&rest), rest.more), (vec![refused(3), refused(2), refused(1)], false));
}

#[tokio::test]
async fn actions_and_pauses_are_told_as_they_come() {
    let world = world(&Arc::default()).await;
    let mut ws = connect(&world).await;
    for topic in ["actions", "queue"] {
        subscribe(&mut ws, json!({ "id": topic, "topic": topic })).await;
    }
    world.send_post("/api/queue/pause").await;
    let (mut is_paused, mut is_noted) = (false, false);
    soon(async {
        while !(is_paused && is_noted) {
            let message = ws.json().await;
            is_paused |= message["type"] == "queue" && message["paused"]["by"] == "anonymous";
            is_noted |= message["type"] == "actions" && message["actions"][0]["verb"] == "pause";
        }
    })
    .await;
}

#[tokio::test]
async fn an_action_that_cannot_be_written_down_is_done_all_the_same_and_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let log = Arc::new(ActionLog::open(&folder.path().join("gone")).unwrap());
    let held = Arc::<Held>::default();
    let queue = held.clone();
    let world =
        World::serving(ApiSettings::default(), |state| state.with_queue(queue).with_actions(log)).await;
    assert_eq!(world.send_post("/api/queue/pause").await.status, 200);
    assert!(held.paused().is_some());
    let told = actions(&world, "", "").await;
    assert_eq!((verbs(&told), told.unsaved), (vec![(1, "pause", ActionOutcome::Done)], 1));
}
