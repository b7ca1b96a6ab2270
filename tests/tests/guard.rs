//! A venue that fails, in a running daemon: it is left alone, everybody is told, orders go elsewhere, and it is tried again.

use anyhow::{Context as _, Result, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use orderd_sdk::{
    client::Client,
    wire::{ExecuteRequest, OrderDto, OrderStatus, VenueGuard, Venues},
};
use orderd_tests::{Life, Site, paper};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// It never quotes, and says that it is well.
const DOWN: &str = "paper-down";
const PATIENCE: Duration = Duration::from_secs(30);

fn config() -> String {
    let down = format!(
        r#"
[engine.breaker]
failures = 3
open_ms = 200

[engine.health]
interval_ms = 1000

[venues.{DOWN}]
plugin = "paper"
chain = "paper"

[venues.{DOWN}.config]
failurePercent = 100
pools = [{{ tokens = ["SOL", "USDC"], reserves = ["500000", "75000000"] }}]
"#
    );
    paper::config("") + &down
}

/// What the topic `venues` tells of a venue.
struct Board(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Board {
    async fn follow(daemon_url: &str) -> Result<Self> {
        let url = format!("{}/api/stream", daemon_url.replacen("http", "ws", 1));
        let (mut socket, _) = connect_async(url).await?;
        let subscribe = json!({ "type": "subscribe", "id": "v", "topic": "venues" });
        socket.send(Message::text(subscribe.to_string())).await?;
        Ok(Self(socket))
    }

    /// Reads on until it tells this of the venue.
    async fn until(&mut self, such: impl Fn(&VenueGuard) -> bool) -> Result<VenueGuard> {
        let reading = async {
            loop {
                let Message::Text(text) = self.0.next().await.context("the stream goes on")?? else {
                    continue;
                };
                let message: Value = serde_json::from_str(&text)?;
                if message["type"] != "venues" {
                    continue;
                }
                let guard = guard_of(&serde_json::from_value(message)?)?;
                if such(&guard) {
                    return Ok(guard);
                }
            }
        };
        timeout(PATIENCE, reading).await.context("the topic does not tell it")?
    }
}

fn guard_of(venues: &Venues) -> Result<VenueGuard> {
    let down = venues.venues.iter().find(|venue| venue.name == DOWN).context("it is configured")?;
    down.guard.clone().context("it is under guard")
}

async fn trade(client: &Client, url: &str) -> Result<OrderDto> {
    let accepted = client.submit(&ExecuteRequest::market("SOL", "USDC", "1.5"), None).await?;
    let mut life = Life::follow(url, &accepted.order_id).await?;
    Ok(life.until(OrderStatus::Finalized).await?.order.clone())
}

fn said_of_it(order: &OrderDto) -> Option<&str> {
    order.quotes.iter().find(|quote| quote.dex == DOWN)?.error.as_deref()
}

#[tokio::test]
async fn a_venue_that_fails_is_left_alone_and_tried_again_and_everybody_is_told() -> Result<()> {
    let site = Site::new(&config())?;
    let daemon = site.start().await?;
    let client = Client::new(daemon.url())?;
    let mut board = Board::follow(daemon.url()).await?;
    let calm = board.until(|_| true).await?;
    assert_eq!((calm.breaker.state.as_str(), calm.plugin.name.as_str()), ("closed", "paper"));
    assert_eq!((calm.plugin.isolation.as_str(), calm.score), ("in-process", 1_000_000));

    for _ in 0..3 {
        let order = trade(&client, daemon.url()).await?;
        assert_eq!(said_of_it(&order), Some("the quote failed (as configured)"));
    }
    let open = board.until(|guard| guard.breaker.state == "open").await?;
    let reason = "3 failures in a row, the last: the quote failed (as configured)";
    assert_eq!(open.breaker.reason.as_deref(), Some(reason));
    assert!(open.breaker.retry_at > Some(open.breaker.since) && open.score < 700_000);

    // Nobody trades: it is asked how it is, and says that it is well.
    let closed = board.until(|guard| guard.breaker.state == "closed").await?;
    let whats: Vec<_> = closed.changes.iter().map(|change| change.what.as_str()).collect();
    assert_eq!(whats, ["open", "half-open", "closed"]);
    assert_eq!(guard_of(&client.venues().await?)?.breaker, closed.breaker);
    assert!(daemon.log()?.contains(&format!("venue {DOWN} is not asked for a while: {reason}")));

    client.disable_venue(DOWN).await?;
    board.until(|guard| !guard.enabled).await?;
    let order = trade(&client, daemon.url()).await?;
    assert_eq!(said_of_it(&order), Some("not asked, an operator has disabled it"));
    daemon.kill().await?;

    let daemon = site.start().await?;
    let client = Client::new(daemon.url())?;
    assert!(!guard_of(&client.venues().await?)?.enabled, "no restart brings it back");
    ensure!(client.enable_venue(DOWN).await?.enabled);
    assert!(guard_of(&client.venues().await?)?.enabled);
    daemon.stop().await
}
