//! A running daemon reads its configuration again, and has plugins replaced while orders go on.

use anyhow::{Context as _, Result};
use orderd_sdk::{
    amount::Amount,
    wire::{ExecuteRequest, OrderDto, OrderStatus},
};
use orderd_tests::{Daemon, Life, Site, paper};

fn sell(amount: &str) -> ExecuteRequest {
    ExecuteRequest::market("SOL", "USDC", amount)
}

/// An order, from its acceptance to its end.
async fn trade(daemon: &Daemon) -> Result<OrderDto> {
    let accepted = daemon.http().submit(&sell("1")).await?;
    Life::follow(daemon.url(), &accepted.order_id).await?.until(OrderStatus::Finalized).await?;
    daemon.http().order(&accepted.order_id).await
}

/// What a venue quoted for an order.
fn quoted(order: &OrderDto, venue: &str) -> Result<Amount> {
    let quote = order.quotes.iter().find(|quote| quote.dex == venue).context("the venue was asked")?;
    Ok(Amount::parse_units(quote.amount_out.as_deref().context("the venue quoted")?, 6)?)
}

#[tokio::test]
async fn settings_of_plugins_are_taken_up_and_the_rest_waits_for_a_restart() -> Result<()> {
    let config = paper::config("");
    let site = Site::new(&config)?;
    let daemon = site.start().await?;
    let before = quoted(&trade(&daemon).await?, "paper-alpha")?;

    site.configure(
        &config.replace("feeBps = 30", "feeBps = 3000").replace("retry_max_ms = 200", "retry_max_ms = 900"),
    )?;
    daemon.ask_to_reload().await?;
    daemon.until_logged("a restart is needed for: engine", 1).await?;
    let after = quoted(&trade(&daemon).await?, "paper-alpha")?;
    assert!(after < before, "a fee of 30 % is taken: {before} and {after}");

    site.configure(&config.replace("feeBps = 30", "feeBps = \"all\""))?;
    daemon.ask_to_reload().await?;
    daemon
        .until_logged("plugin not reloaded: it refused to start: venues.paper-alpha.config.feeBps", 1)
        .await?;
    site.configure("[server")?;
    daemon.ask_to_reload().await?;
    daemon.until_logged("the configuration cannot be used, the one before stays", 1).await?;
    assert!(quoted(&trade(&daemon).await?, "paper-alpha")? < before, "what was taken up before is in force");

    site.configure(&config)?;
    daemon.ask_to_reload().await?;
    daemon.until_logged("plugin reloaded", 2).await?;
    assert_eq!(quoted(&trade(&daemon).await?, "paper-alpha")?, before);
    daemon.stop().await
}
