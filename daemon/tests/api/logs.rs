//! The log over HTTP.

use crate::world::World;
use orderd::{
    api::{ApiSettings, ApiState},
    telemetry::LogTail,
};
use orderd_sdk::{client::Client, wire::LogFilter};
use tracing_subscriber::layer::SubscriberExt;

#[tokio::test]
async fn the_last_lines_of_the_log_can_be_read() {
    let tail = LogTail::default();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(tail.layer()), || {
        for n in 1..=5 {
            tracing::info!(target: "tests::logs::lane", n, text = "<&\u{1b}", "line");
        }
        tracing::warn!(target: "tests::logs", "worse");
    });
    let world = World::serving(ApiSettings::default(), |state: ApiState| state.with_logs(tail)).await;

    let all = world.get("/api/logs").await;
    assert_eq!((all.status, all.json()["lines"].as_array().unwrap().len()), (200, 6));
    let line = &all.json()["lines"][4];
    assert_eq!((&line["n"], &line["level"]), (&5.into(), &"INFO".into()));
    assert_eq!((&line["target"], &line["message"]), (&"tests::logs::lane".into(), &"line".into()));
    assert_eq!(line["fields"], serde_json::json!({ "n": "5", "text": "<&\u{1b}" }));
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));

    for (query, expected) in [
        ("lines=2", &[5, 6][..]),
        ("lines=0", &[]),
        ("lines=1000", &[1, 2, 3, 4, 5, 6]),
        ("level=warn", &[6]),
        ("level=ERROR", &[]),
        ("target=tests::logs::lane&lines=1", &[5]),
        ("target=tests%3A%3Alogs", &[1, 2, 3, 4, 5, 6]),
        ("target=logs", &[]),
    ] {
        let read = world.get(&format!("/api/logs?{query}")).await.json();
        let numbers: Vec<_> =
            read["lines"].as_array().unwrap().iter().map(|line| line["n"].clone()).collect();
        assert_eq!(numbers, expected, "{query}");
    }
    for bad in ["lines=1001", "lines=-1", "lines=x", "level=loud", "level=", "since=1"] {
        let reply = world.get(&format!("/api/logs?{bad}")).await;
        assert_eq!(reply.problem(), (400, "invalid-parameter".into()), "{bad}");
    }

    let client = Client::new(&format!("http://{}", world.address)).unwrap();
    let filter = LogFilter { level: None, target: Some("tests::logs::lane".into()) };
    let read = client.logs(2, &filter).await.unwrap();
    let numbers: Vec<_> = read.lines.iter().map(|line| line.n).collect();
    assert_eq!(numbers, [4, 5]);
}

#[tokio::test]
async fn without_a_log_of_ours_there_are_no_lines() {
    let world = World::start().await;
    assert_eq!(world.get("/api/logs").await.json(), serde_json::json!({ "lines": [] }));
}
