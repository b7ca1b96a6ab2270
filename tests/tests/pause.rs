//! A queue that is paused stays so when the daemon is killed, and what was done is on record.

use anyhow::{Context as _, Result};
use orderd_sdk::{
    client::Client,
    wire::{Action, ExecuteRequest, OrderStatus, PauseRequest},
};
use orderd_tests::{Life, Site, paper};

fn sell(amount: &str) -> ExecuteRequest {
    ExecuteRequest::market("SOL", "USDC", amount)
}

/// What was done, oldest first.
async fn done(client: &Client) -> Result<Vec<Action>> {
    let mut actions = client.actions(None, None).await?.actions;
    actions.reverse();
    Ok(actions)
}

fn verbs(actions: &[Action]) -> Vec<(u64, &str, &str)> {
    actions.iter().map(|action| (action.n, action.verb.as_str(), action.outcome.as_str())).collect()
}

#[tokio::test]
async fn a_paused_daemon_that_is_killed_is_paused_when_it_comes_back_and_its_orders_finish() -> Result<()> {
    let site = Site::new(&paper::config(""))?;
    let daemon = site.start().await?;
    let client = Client::new(daemon.url())?;
    let reason = Some("the node lags".to_owned());
    let pause = client.pause(&PauseRequest { reason }).await?.paused.context("it is paused")?;
    let mut orders = Vec::new();
    for amount in ["1", "2", "3"] {
        orders.push(client.submit(&sell(amount), None).await?.order_id);
    }
    client.retry(&orders[0]).await.expect_err("it has not failed");
    daemon.kill().await?;

    let daemon = site.start().await?;
    let client = Client::new(daemon.url())?;
    let queue = client.queue().await?;
    assert_eq!((queue.paused.as_ref(), queue.workers.busy), (Some(&pause), 0));
    assert_eq!(client.status().await?.paused, Some(pause));
    for id in &orders {
        assert_eq!(client.order(id).await?.status, OrderStatus::Pending);
    }
    let before = done(&client).await?;
    assert_eq!(verbs(&before), [(1, "pause", "done"), (2, "retry", "refused")]);
    assert_eq!((before[0].by.as_str(), before[0].reason.as_deref()), ("anonymous", Some("the node lags")));
    assert_eq!(
        (before[1].target.as_ref(), before[1].code.as_deref()),
        (Some(&orders[0]), Some("order-not-failed"))
    );

    assert_eq!(client.resume().await?.paused, None);
    for id in &orders {
        Life::follow(daemon.url(), id).await?.until(OrderStatus::Finalized).await?;
    }
    assert_eq!(verbs(&done(&client).await?[2..]), [(3, "resume", "done")]);
    daemon.stop().await
}
