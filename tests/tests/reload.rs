//! A running daemon reads its configuration again, and has plugins replaced while orders go on.

use anyhow::{Context as _, Result, ensure};
use futures_util::future::try_join_all;
use orderd_sdk::{
    amount::Amount,
    wire::{ExecuteRequest, OrderDto, OrderStatus},
};
use orderd_tests::{Daemon, Life, Site, daemon::built, paper};
use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, Ordering},
};
use tokio::{process::Command, sync::watch};

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

/// How often the plugin is reloaded while orders go on.
const RELOADS: usize = 100;
const TRADERS: usize = 16;

/// Trades until it is told to stop, and counts; every order that it gave.
async fn keep_trading(
    daemon: &Daemon,
    stop: &AtomicBool,
    count: &watch::Sender<usize>,
) -> Result<Vec<OrderDto>> {
    let mut done = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        done.push(trade(daemon).await?);
        count.send_modify(|count| *count += 1);
    }
    Ok(done)
}

/// Reloads again and again, with at least one order done between two of them.
async fn reload_often(daemon: &Daemon, stop: &AtomicBool, mut count: watch::Receiver<usize>) -> Result<()> {
    for reloads in 0..RELOADS {
        count.wait_for(|count| *count > reloads).await?;
        let reply = daemon.http().post("/api/venues/paper-alpha/reload", "").await?;
        ensure!(reply.status == 200, "{}", reply.body);
    }
    stop.store(true, Ordering::Relaxed);
    Ok(())
}

#[tokio::test]
async fn a_hundred_reloads_under_load_lose_no_order_and_execute_none_twice() -> Result<()> {
    let site =
        Site::new(&paper::config("").replace("[plugins.paper]", "[plugins.paper]\nfile = \"paper.so\""))?;
    let library = built()?.join("liborderd_plugin_paper.so");
    // Without what is there for debuggers it is hashed and copied in no time.
    let stripped =
        Command::new("strip").arg(&library).arg("-o").arg(site.folder().join("paper.so")).status().await?;
    ensure!(stripped.success());
    let change = |command: &mut Command| {
        command.arg("--plugin-dir").arg(site.folder());
    };
    let daemon = site.start_with(change).await?;
    let stop = AtomicBool::new(false);
    let (count, counted) = watch::channel(0);
    let traders = try_join_all((0..TRADERS).map(|_| keep_trading(&daemon, &stop, &count)));
    let (orders, ()) = tokio::try_join!(traders, reload_often(&daemon, &stop, counted))?;
    let orders: Vec<OrderDto> = orders.into_iter().flatten().collect();
    assert!(orders.len() > RELOADS, "{} orders", orders.len());
    for order in &orders {
        assert_eq!((order.status, order.attempts), (OrderStatus::Finalized, 1), "{order:?}");
    }
    let transactions: HashSet<_> = orders.iter().map(|order| &order.tx_hash).collect();
    assert_eq!(transactions.len(), orders.len());
    daemon.stop().await
}
