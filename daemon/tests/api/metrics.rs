//! `GET /metrics` of a whole daemon, read by a parser that is not ours.

use crate::{
    contract::assert_described,
    wire::{Http, Reply, soon},
    world::World,
};
use orderd::{
    app::{Builder, Daemon},
    config::{self, Environment},
};
use orderd_plugin_paper::Paper;
use orderd_sdk::wire::{ExecuteRequest, OrderStatus};
use prometheus_parse::{Scrape, Value};
use std::{collections::BTreeSet, net::SocketAddr};
use tokio::net::TcpListener;

const CONFIG: &str = r#"
[storage]
backend = "memory"
[plugins.paper]
[chains.paper]
plugin = "paper"
poll_ms = 5
tokens = { SOL = { address = "sol", decimals = 9 }, USDC = { address = "usdc", decimals = 6 } }
[venues.pool]
plugin = "paper"
chain = "paper"
config = { pools = [{ tokens = ["SOL", "USDC"], reserves = ["500000", "75000000"] }] }
[venues.broken]
plugin = "paper"
chain = "paper"
config = { failurePercent = 100, pools = [{ tokens = ["SOL", "USDC"], reserves = ["500000", "75000000"] }] }
[accounts.main]
chain = "paper"
"#;
const REQUEST: &str = "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n";

async fn scrape(address: SocketAddr) -> (Reply, Scrape) {
    let mut http = Http::connect(address).await;
    http.send(REQUEST).await;
    let reply = http.reply().await;
    assert_described(REQUEST.as_bytes(), &reply);
    let text = String::from_utf8(reply.body.clone()).unwrap();
    assert_well_formed(&text);
    let scrape = Scrape::parse(text.lines().map(|line| Ok(line.to_owned()))).unwrap();
    (reply, scrape)
}

/// What a lenient parser lets pass: each family once, with its kind, and no sample twice.
fn assert_well_formed(text: &str) {
    assert!(text.ends_with('\n'));
    let (mut families, mut samples) = (BTreeSet::new(), BTreeSet::new());
    let mut family = "";
    for line in text.lines() {
        if let Some(named) = line.strip_prefix("# HELP ") {
            family = named.split(' ').next().unwrap();
            assert!(families.insert(family), "family {family} is there twice");
        } else if let Some(named) = line.strip_prefix("# TYPE ") {
            assert_eq!(named.split(' ').next().unwrap(), family);
        } else {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            assert!(sample.starts_with(family), "{line} stands in family {family}");
            assert!(samples.insert(sample), "{sample} is there twice");
            assert!(value.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()), "{line}");
        }
    }
}

/// The value of the one sample of this name with these labels.
#[track_caller]
fn value<'a>(scrape: &'a Scrape, name: &str, labels: &[(&str, &str)]) -> &'a Value {
    let has = |sample: &&prometheus_parse::Sample| {
        sample.metric == name && labels.iter().all(|(name, value)| sample.labels.get(name) == Some(*value))
    };
    let found: Vec<_> = scrape.samples.iter().filter(has).collect();
    let [sample] = found[..] else {
        panic!("one sample {name} {labels:?}: {found:?}");
    };
    &sample.value
}

#[track_caller]
fn assert_counter(scrape: &Scrape, name: &str, labels: &[(&str, &str)], expected: u32) {
    assert_eq!(value(scrape, name, labels), &Value::Counter(f64::from(expected)), "{name} {labels:?}");
}

#[track_caller]
fn assert_gauge(scrape: &Scrape, name: &str, labels: &[(&str, &str)], expected: u32) {
    assert_eq!(value(scrape, name, labels), &Value::Gauge(f64::from(expected)), "{name} {labels:?}");
}

/// How many values a histogram has counted, which its last bucket says.
#[track_caller]
fn counted(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> f64 {
    let Value::Histogram(buckets) = value(scrape, name, labels) else {
        panic!("{name} is a histogram");
    };
    assert!(buckets.windows(2).all(|pair| pair[0].count <= pair[1].count), "{buckets:?}");
    let last = buckets.last().unwrap();
    assert!(last.less_than.is_infinite());
    last.count
}

async fn trade(daemon: &Daemon, sell: &str, buy: &str) {
    let order = daemon.submit(ExecuteRequest::market(sell, buy, "1")).await.unwrap();
    let mut life = daemon.follow(order.id.parse().unwrap()).await.unwrap().unwrap();
    while soon(life.next()).await.kind != OrderStatus::Finalized {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monitoring_system_reads_what_has_happened() {
    let folder = tempfile::tempdir().unwrap();
    let settings = config::parse(CONFIG, folder.path(), &Environment::default()).unwrap();
    let mut daemon = Builder::new(settings).link::<Paper>("paper").start().await.unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    daemon.serve(listener);
    let (_, before) = scrape(address).await;
    assert_counter(&before, "orderd_orders_accepted_total", &[], 0);
    assert_gauge(&before, "orderd_orders", &[("status", "unknown")], 0);
    for (sell, buy) in [("SOL", "USDC"), ("USDC", "SOL")] {
        trade(&daemon, sell, buy).await;
    }
    let (reply, after) = scrape(address).await;
    assert_eq!(reply.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert_counter(&after, "orderd_orders_accepted_total", &[], 2);
    assert_counter(&after, "orderd_orders_confirmed_total", &[], 2);
    assert_counter(&after, "orderd_orders_ended_total", &[("status", "finalized")], 2);
    assert_counter(&after, "orderd_orders_ended_total", &[("status", "failed")], 0);
    let quotes = "orderd_venue_quotes_total";
    assert_counter(&after, quotes, &[("venue", "pool"), ("outcome", "quoted")], 2);
    assert_counter(&after, quotes, &[("venue", "broken"), ("outcome", "quoted")], 0);
    assert_counter(&after, quotes, &[("venue", "broken"), ("outcome", "failed")], 2);
    assert_counter(&after, "orderd_venue_won_total", &[("venue", "pool")], 2);
    assert_counter(&after, "orderd_venue_executed_total", &[("venue", "pool")], 2);
    for status in ["pending", "routing", "building", "submitted", "confirmed"] {
        let stage = counted(&after, "orderd_stage_duration_seconds", &[("status", status)]);
        assert_eq!(stage, 2.0, "orders that were {status}");
    }
    assert_eq!(counted(&after, "orderd_venue_quote_duration_seconds", &[("venue", "pool")]), 2.0);
    let lane = |standing| [("chain", "paper"), ("account", "main"), ("standing", standing)];
    assert_gauge(&after, "orderd_lane_standing", &lane("open"), 1);
    assert_gauge(&after, "orderd_lane_standing", &lane("held"), 0);
    assert_gauge(&after, "orderd_venue_breaker", &[("venue", "pool"), ("state", "closed")], 1);
    assert_gauge(&after, "orderd_venue_enabled", &[("venue", "pool")], 1);
    assert_gauge(&after, "orderd_venue_quarantined", &[("venue", "pool")], 0);
    assert_counter(&after, "orderd_plugin_panics_total", &[("plugin", "paper")], 0);
    assert_gauge(&after, "orderd_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    assert_gauge(&after, "orderd_ready", &[], 1);
    daemon.shut_down().await.unwrap();
}

#[tokio::test]
async fn who_listens_is_counted() {
    let world = World::start().await;
    let (_, nobody) = scrape(world.address).await;
    assert_gauge(&nobody, "orderd_websocket_clients", &[], 0);
    let _stream = world.open("/api/stream").await.unwrap();
    let (_, somebody) = scrape(world.address).await;
    assert_gauge(&somebody, "orderd_websocket_clients", &[], 1);
}
