//! What is watched is told once, live, and through a restart of the daemon.

use crate::program::{Watching, run};
use anyhow::{Context as _, Result, ensure};
use orderd_sdk::{
    client::Client,
    wire::{ExecuteRequest, OrderMessage, OrderStatus},
};
use orderd_tests::{
    Life, Site,
    cable::{Cable, Habits},
    paper,
};
use std::collections::HashMap;

/// An order lives for about half a second.
const CHAIN: &str = "inclusionMs = 150\nfinalityMs = 300";

async fn submit(client: &Client) -> Result<String> {
    Ok(client.submit(&ExecuteRequest::market("SOL", "USDC", "1"), None).await?.order_id)
}

#[tokio::test]
async fn orders_are_watched_through_a_restart_and_each_ends_as_the_daemon_says() -> Result<()> {
    let site = Site::new(&paper::config(CHAIN))?;
    let daemon = site.start().await?;
    let cable = Cable::new(0, Habits::default()).await?;
    cable.lead_to(daemon.url())?;
    let first = submit(&Client::new(daemon.url())?).await?;
    let mut life = Life::follow(daemon.url(), &first).await?;
    life.until(OrderStatus::Finalized).await?;

    let mut watching = Watching::start(&cable.url(), &["orders", "--watch", "--json"])?;
    let listed = watching.object().await?;
    ensure!(listed["id"] == first.as_str() && listed["status"] == "finalized", "{listed}");
    let second = submit(&Client::new(daemon.url())?).await?;
    let mut seqs: HashMap<String, u64> = HashMap::new();
    until_finalized(&mut watching, &second, &mut seqs).await?;

    let third = submit(&Client::new(daemon.url())?).await?;
    daemon.kill().await?;
    watching.notes("out of reach").await?;
    let daemon = site.start().await?;
    cable.lead_to(daemon.url())?;
    until_finalized(&mut watching, &third, &mut seqs).await?;
    watching.notes("live again").await?;
    let fourth = submit(&Client::new(daemon.url())?).await?;
    until_finalized(&mut watching, &fourth, &mut seqs).await?;
    ensure!(!seqs.contains_key(&first), "nothing has happened to it");
    ensure!(watching.interrupt().await?.code() == Some(130));
    daemon.stop().await
}

/// Reads on until an order has come to its end. No order is told twice as it stands.
async fn until_finalized(watching: &mut Watching, id: &str, seqs: &mut HashMap<String, u64>) -> Result<()> {
    loop {
        let order = watching.object().await?;
        let told = order["id"].as_str().context("an id")?.to_owned();
        let seq = order["seq"].as_u64().context("a number")?;
        let before = seqs.insert(told.clone(), seq);
        ensure!(before < Some(seq), "{told} was told at {before:?}, then at {seq}");
        if told == id && order["status"] == "finalized" {
            return Ok(());
        }
    }
}

#[tokio::test]
async fn an_order_is_watched_to_its_end_without_a_hole() -> Result<()> {
    let site = Site::new(&paper::config(CHAIN))?;
    let daemon = site.start().await?;
    let cable = Cable::new(0, Habits::default()).await?;
    cable.lead_to(daemon.url())?;
    let id = submit(&Client::new(daemon.url())?).await?;
    let mut watching = Watching::start(&cable.url(), &["order", &id, "--watch", "--json"])?;
    let mut events = vec![event(&mut watching).await?.context("it has begun")?];
    daemon.kill().await?;
    let daemon = site.start().await?;
    cable.lead_to(daemon.url())?;
    while let Some(event) = event(&mut watching).await? {
        events.push(event);
    }
    ensure!(watching.ended().await?.success());
    let told: Vec<_> = events.iter().map(|event| event.seq).collect();
    let expected = Client::new(daemon.url())?.events(&id, 0).await?.events;
    ensure!(told == (1..=expected.len() as u64).collect::<Vec<_>>(), "{told:?}");
    ensure!(events.last().map(|event| event.kind) == Some(OrderStatus::Finalized));
    daemon.stop().await
}

async fn event(watching: &mut Watching) -> Result<Option<OrderMessage>> {
    let line = watching.line().await?;
    Ok(line.map(|line| serde_json::from_str(&line)).transpose()?)
}

#[tokio::test]
async fn in_words_a_line_is_said_when_something_has_happened() -> Result<()> {
    let site = Site::new(&paper::config(CHAIN))?;
    let daemon = site.start().await?;
    let mut watching = Watching::start(daemon.url(), &["--plain"])?;
    let mut lines = Vec::new();
    while lines.len() < 4 {
        lines.push(watching.line().await?.context("it goes on")?);
    }
    ensure!(lines[0].starts_with("daemon running, version "), "{lines:?}");
    ensure!(lines.contains(&"account main on paper, open".to_owned()), "{lines:?}");
    let id = submit(&Client::new(daemon.url())?).await?;
    let finalized = format!("order {id}, status finalized, sells 1 SOL for USDC, received ");
    loop {
        let line = watching.line().await?.context("it goes on")?;
        ensure!(!lines.contains(&line) || line.ends_with("orders open"), "said twice: {line}");
        if line.starts_with(&finalized) {
            break;
        }
        lines.push(line);
    }
    ensure!(watching.interrupt().await?.code() == Some(130));
    daemon.stop().await
}

#[tokio::test]
async fn the_log_is_followed_and_what_is_watched_in_vain_ends() -> Result<()> {
    let site = Site::new(&paper::config(CHAIN))?;
    let daemon = site.start().await?;
    let mut logs = Watching::start(daemon.url(), &["logs", "--follow", "--lines", "0", "--json"])?;
    let mut status = Watching::start(daemon.url(), &["status", "--watch", "--json"])?;
    ensure!(status.object().await?["phase"] == "running");
    submit(&Client::new(daemon.url())?).await?;
    ensure!(logs.object().await?["target"].as_str().is_some_and(|target| target.starts_with("orderd")));
    let (code, _, err) = run(daemon.url(), &["order", "0199", "--watch"]).await?;
    ensure!(code == 1, "{err}");
    daemon.stop().await
}
