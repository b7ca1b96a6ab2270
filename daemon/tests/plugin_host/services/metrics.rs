//! `metrics` and `time`: what plugins count, and what there is to tell about them.

use super::{Asking, server::Server};
use crate::folder;
use orderd::telemetry::metrics::Exposition;
use orderd_sdk::plugin::ErrorKind;
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

fn text(asking: &Asking) -> String {
    let mut out = Exposition::default();
    asking.shared.sources().iter().for_each(|source| source.expose(&mut out));
    out.into_text()
}

#[tokio::test]
async fn what_a_plugin_counts_and_what_it_asks_for_is_told() {
    let server = Server::start().await;
    let asking = Asking::start(&format!("egress = ['{}']", server.origin), folder().path()).await;
    let samples = json!([
        {"name": "quotes_total", "labels": [["pool", "a"]], "kind": "count", "value": 2},
        {"name": "depth", "kind": "gauge", "value": -7},
        {"name": "answer_ms", "kind": "observe", "value": 15},
    ]);
    asking.ask(json!({"record": samples})).await.unwrap();
    for url in [server.url("/echo"), "http://127.0.0.1:1".to_owned()] {
        asking.ask(json!({"http": {"method": "GET", "url": url}})).await.unwrap();
    }
    let text = text(&asking);
    for line in [
        "plugin_quotes_total{plugin=\"rfq\",pool=\"a\"} 2",
        "plugin_depth{plugin=\"rfq\"} -7",
        "plugin_answer_ms_bucket{plugin=\"rfq\",le=\"20\"} 1",
        "orderd_plugin_http_requests_total{plugin=\"rfq\",outcome=\"answered\"} 1",
        "orderd_plugin_http_requests_total{plugin=\"rfq\",outcome=\"refused\"} 1",
        "orderd_plugin_http_in_flight{plugin=\"rfq\"} 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    asking.end().await;
}

#[tokio::test]
async fn a_plugin_cannot_have_more_series_than_its_share() {
    let asking = Asking::start("", folder().path()).await;
    let mut refused = None;
    for n in 0..1_000 {
        let sample =
            json!({"name": "hits_total", "labels": [["n", n.to_string()]], "kind": "count", "value": 1});
        if let Err(error) = asking.ask(json!({"record": [sample]})).await {
            refused = Some(error);
            break;
        }
    }
    let refused = refused.expect("there is a bound");
    assert_eq!(refused.kind, ErrorKind::Permanent);
    assert_eq!(text(&asking).matches("plugin_hits_total{").count(), 256);
    let bad = json!({"record": [{"name": "Bad Name", "kind": "gauge", "value": 1}]});
    assert_eq!(asking.ask(bad).await.unwrap_err().kind, ErrorKind::Invalid);
    asking.end().await;
}

#[tokio::test]
async fn the_time_is_the_daemons() {
    let asking = Asking::start("", folder().path()).await;
    #[expect(clippy::disallowed_methods, reason = "to compare with what the daemon says")]
    let now = || u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let before = now();
    let told = asking.ask(json!("now")).await.unwrap().as_u64().unwrap();
    assert!((before..=now()).contains(&told), "{told}");
    asking.end().await;
}
