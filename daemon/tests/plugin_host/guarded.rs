//! Libraries that break their word, in a whole daemon: the guard keeps their venues away, and orders go elsewhere.

use crate::{LONG, folder, libraries};
use orderd::{
    app::{Builder, Daemon},
    config::{self, Environment},
    engine::Switch,
};
use orderd_sdk::wire::{ExecuteRequest, OrderDto, OrderStatus, VenueGuard};
use std::{fmt::Write as _, path::Path};
use tempfile::TempDir;
use tokio::time::timeout;

/// A daemon with the real paper plugin, and a venue `trap` that panics when it is asked for a price of the token `panic`.
async fn daemon(folder: &TempDir) -> Daemon {
    let file = |path: &Path| path.display().to_string();
    let mut text = format!(
        r#"
data_dir = "data"
[storage]
backend = "memory"
[engine]
max_attempts = 1
quarantine.panics = 3
health.interval_ms = 0
[plugins.paper]
file = {:?}
isolation = "in-process"
[plugins.misbehaving]
file = {:?}
isolation = "in-process"
[chains.main]
plugin = "paper"
poll_ms = 5
config = {{ balance = "1000000", inclusionMs = 1, finalityMs = 2 }}
[accounts.main]
chain = "main"
[venues.trap]
plugin = "misbehaving"
chain = "main"
[venues.pool]
plugin = "paper"
chain = "main"
config = {{ pools = [{{ tokens = ["SOL", "USDC"], reserves = ["500000", "75000000"] }}] }}
"#,
        file(&libraries::paper()),
        file(&libraries::misbehaving()),
    );
    for symbol in ["SOL", "USDC", "panic"] {
        writeln!(text, "[chains.main.tokens.{symbol}]\naddress = {symbol:?}\ndecimals = 6").unwrap();
    }
    let settings = config::parse(&text, folder.path(), &Environment::default()).unwrap();
    Builder::new(settings).start().await.unwrap()
}

/// Sells a token and waits for the end.
async fn sell(daemon: &Daemon, symbol: &str) -> OrderDto {
    let accepted = daemon.submit(ExecuteRequest::market(symbol, "USDC", "1")).await.unwrap();
    let mut life = daemon.follow(accepted.id.parse().unwrap()).await.unwrap().unwrap();
    let end = async {
        loop {
            let order = life.next().await.order;
            if matches!(order.status, OrderStatus::Finalized | OrderStatus::Failed) {
                return order;
            }
        }
    };
    timeout(LONG, end).await.expect("an order comes to its end")
}

fn guard_of(daemon: &Daemon, venue: &str) -> VenueGuard {
    let report = daemon.venues().venues.into_iter().find(|report| report.name == venue);
    report.and_then(|report| report.guard).unwrap()
}

#[tokio::test]
async fn a_library_that_panics_again_and_again_is_quarantined_and_orders_go_elsewhere() {
    let folder = folder();
    let daemon = daemon(&folder).await;
    for _ in 0..3 {
        assert_eq!(guard_of(&daemon, "trap").quarantine, None);
        let order = sell(&daemon, "panic").await;
        assert_eq!(order.status, OrderStatus::Failed);
        assert!(order.last_error.unwrap().contains("panicked: the trap sprang"));
    }
    let guard = guard_of(&daemon, "trap");
    assert_eq!(guard.quarantine.unwrap().reason, "3 panics or crashes within 60 s of plugin misbehaving");
    assert_eq!((guard.panics, guard.plugin.panics, guard.plugin.isolation.as_str()), (3, 3, "in-process"));
    assert_eq!(guard.plugin.version.as_deref(), Some("0.1.0"));
    assert_eq!(guard_of(&daemon, "pool").quarantine, None, "that is another plugin");

    let order = sell(&daemon, "SOL").await;
    assert_eq!((order.status, order.dex.as_deref()), (OrderStatus::Finalized, Some("pool")));
    let said = |order: &OrderDto| {
        let quotes = order.quotes.clone();
        quotes.into_iter().find(|quote| quote.dex == "trap").unwrap().error
    };
    assert!(said(&order).unwrap().starts_with("not asked, it is quarantined"));
    daemon.switch_venue("trap", Switch::On).await.unwrap();
    assert_eq!(said(&sell(&daemon, "SOL").await), None, "it quotes");
    daemon.shut_down().await.unwrap();
}
