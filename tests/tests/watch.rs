//! What a daemon tells of itself, against what it has done.

use anyhow::{Context as _, Result};
use orderd_sdk::{
    client::Client,
    wire::{ExecuteRequest, OrderStatus, Rate, VenueReport},
};
use orderd_tests::{Life, Site, paper};
use std::collections::BTreeMap;

const ORDERS: u64 = 10;
/// It is asked as the others are, and never quotes.
const DOWN: &str = "paper-down";

fn config() -> String {
    let down = format!(
        r#"
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

/// An order that only the venue without quotes may execute.
fn hopeless() -> ExecuteRequest {
    ExecuteRequest { venues: Some(vec![DOWN.to_owned()]), ..ExecuteRequest::market("SOL", "USDC", "1") }
}

#[tokio::test]
async fn queue_venues_and_status_tell_what_was_done() -> Result<()> {
    let site = Site::new(&config())?;
    let daemon = site.start().await?;
    let client = Client::new(daemon.url())?;
    for _ in 0..ORDERS {
        let accepted = client.submit(&ExecuteRequest::market("SOL", "USDC", "1.5"), None).await?;
        Life::follow(daemon.url(), &accepted.order_id).await?.until(OrderStatus::Finalized).await?;
    }
    let accepted = client.submit(&hopeless(), None).await?;
    let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
    let attempts = u64::from(life.until(OrderStatus::Failed).await?.order.attempts);
    let last_cursor = life.told().last().context("it has failed")?.cursor;

    let queue = client.queue().await?;
    assert_eq!((queue.depth, queue.oldest), (BTreeMap::new(), None));
    let done =
        Rate { seconds: 900, accepted: ORDERS + 1, confirmed: ORDERS, failed: 1, retried: attempts - 1 };
    assert_eq!(queue.rates.last(), Some(&done));
    assert_eq!(queue.throughput.confirmed.iter().sum::<u64>(), ORDERS);
    let left: BTreeMap<_, _> = queue.stages.iter().map(|stage| (stage.status, stage.count)).collect();
    assert_eq!(left[&OrderStatus::Pending], ORDERS + 1);
    assert_eq!(left[&OrderStatus::Routing], ORDERS + attempts);
    assert_eq!(left[&OrderStatus::Confirmed], ORDERS);
    assert!(queue.stages.iter().all(|stage| stage.p50_ms <= stage.p99_ms));

    let venues = client.venues().await?.venues;
    let [alpha, beta, down] = &venues[..] else {
        anyhow::bail!("three venues are configured: {venues:?}");
    };
    for venue in [alpha, beta] {
        assert_eq!((venue.chain.as_str(), venue.asked, venue.quoted), ("paper", ORDERS, ORDERS));
        assert!(venue.p50_ms.is_some() && venue.last_quote_at.is_some() && venue.last_error.is_none());
        assert_eq!(venue.won, venue.executed, "nothing went wrong after a win");
    }
    assert_eq!(alpha.won + beta.won, ORDERS);
    let VenueReport { asked, quoted, failed, won, p50_ms, .. } = down;
    assert_eq!((*asked, *quoted, *failed), (ORDERS + attempts, 0, ORDERS + attempts));
    assert_eq!((*won, *p50_ms), (0, None));
    assert!(down.last_error.is_some() && down.last_error_at.is_some());

    let status = client.status().await?;
    assert_eq!((status.phase.as_str(), &status.orders), ("running", &BTreeMap::new()));
    assert_eq!((&status.epoch, status.cursor), (&life.connection.epoch, last_cursor));
    assert_eq!(status.lanes.iter().map(|lane| lane.standing.as_str()).collect::<Vec<_>>(), ["open"]);
    assert!(status.started_at < life.told()[0].timestamp);
    daemon.stop().await
}

#[tokio::test]
async fn an_order_waits_on_through_a_restart() -> Result<()> {
    let patient = config()
        .replace("retry_initial_ms = 50", "retry_initial_ms = 600000")
        .replace("retry_max_ms = 200", "retry_max_ms = 600000");
    let site = Site::new(&patient)?;
    let daemon = site.start().await?;
    let accepted = Client::new(daemon.url())?.submit(&hopeless(), None).await?;
    let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
    let since = life.until(OrderStatus::RetryPending).await?.timestamp;
    daemon.stop().await?;

    let daemon = site.start().await?;
    let client = Client::new(daemon.url())?;
    let queue = client.queue().await?;
    let oldest = queue.oldest.context("one order waits")?;
    assert_eq!((&oldest.order_id, oldest.status), (&accepted.order_id, OrderStatus::RetryPending));
    assert_eq!(oldest.since, since);
    assert_eq!(queue.depth, BTreeMap::from([(OrderStatus::RetryPending, 1)]));
    assert_eq!(queue.rates[2], Rate { seconds: 900, ..Rate::default() }, "that was another daemon's");
    assert_eq!(client.status().await?.recovery.orders, 1);
    daemon.stop().await
}
