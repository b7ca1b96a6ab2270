//! Many orders at once, in a running daemon: those that failed have one more attempt, and one of unknown outcome has none.

use anyhow::{Context as _, Result};
use orderd_sdk::{
    client::{Client, ClientError, OrdersQuery},
    filter::Filter,
    wire::{BulkAction, BulkExecuteRequest, BulkOutcome, BulkPreviewRequest, ExecuteRequest, OrderStatus},
};
use orderd_tests::{Life, Site, paper};

/// It never quotes: what only it may execute fails.
const DOWN: &str = "paper-down";

/// No send has a known outcome, and nobody looks for what became of it within the time of a test.
fn config() -> String {
    let chain = paper::config("unknownPercent = 100").replace("poll_ms = 5", "poll_ms = 600000");
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
    chain + &down
}

fn hopeless() -> ExecuteRequest {
    ExecuteRequest { venues: Some(vec![DOWN.to_owned()]), ..ExecuteRequest::market("SOL", "USDC", "1") }
}

#[tokio::test]
async fn failed_orders_are_retried_together_and_one_of_unknown_outcome_is_left_alone() -> Result<()> {
    let site = Site::new(&config())?;
    let daemon = site.start().await?;
    let client = Client::new(daemon.url())?;
    let mut lives = Vec::new();
    for _ in 0..3 {
        let accepted = client.submit(&hopeless(), None).await?;
        let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
        life.until(OrderStatus::Failed).await?;
        lives.push(life);
    }
    let doubtful = client.submit(&ExecuteRequest::market("SOL", "USDC", "1"), None).await?.order_id;
    let before = Life::follow(daemon.url(), &doubtful).await?.until(OrderStatus::Unknown).await?.seq;

    let stuck = Filter::parse("state:stuck token:sol since:10m")?;
    let listed =
        client.orders(&OrdersQuery { filter: Some(stuck.clone()), ..OrdersQuery::default() }).await?;
    assert_eq!(listed.orders.len(), 4);
    let request =
        BulkPreviewRequest { action: BulkAction::Retry, filter: Some(stuck.to_string()), ids: None };
    let preview = client.bulk_preview(&request).await?;
    assert_eq!((preview.matched, preview.eligible, preview.truncated), (4, 3, false));
    let [blocked] = &preview.blocked[..] else { anyhow::bail!("{preview:?}") };
    assert_eq!((blocked.code.as_str(), &blocked.examples), ("may-still-land", &vec![doubtful.clone()]));

    let wrong = BulkExecuteRequest { token: preview.token, expected: 4, reason: None };
    let refused = client.bulk_execute(&wrong).await.err().context("one is not eligible")?;
    assert!(matches!(refused, ClientError::Problem(problem) if problem.code == "count-differs"));
    let request = BulkExecuteRequest { expected: 3, ..wrong };
    let report = client.bulk_execute(&request).await?;
    assert_eq!((report.finished, report.done, report.refused.len()), (true, 3, 0));
    assert_eq!(report.outcomes, [(BulkOutcome::Retried, 3)].into());
    for life in &mut lives {
        let again = life.until(OrderStatus::Failed).await?;
        assert_eq!((again.order.attempts, again.order.max_attempts), (4, 4), "one more than before");
    }
    assert_eq!(client.order(&doubtful).await?.seq, before);
    assert_eq!(client.bulk_execute(&request).await?, report, "nothing is done twice");
    daemon.stop().await
}
