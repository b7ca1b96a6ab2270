//! `kill -9` at random moments under load: no accepted order is lost, none has two effects on the chain, no history
//! has a hole.

use anyhow::{Context as _, Result};
use orderd_sdk::wire::{ExecuteRequest, OrderStatus};
use orderd_tests::{
    AnvilOptions, Daemon, Life, Mining, Site, World,
    crashes::{Audit, ENDS, Load, Ordeal},
    dice::Dice,
    market, paper,
};
use std::{future, time::Duration};

const KILLS: u64 = 24;
const ORDERS_PER_LIFE: u64 = 9;

fn on_paper(key: u64) -> ExecuteRequest {
    let pairs = [("SOL", "USDC", "1"), ("USDC", "SOL", "150")];
    let (sold, bought, amount) = pairs[key as usize % pairs.len()];
    ExecuteRequest { slippage: Some("5".into()), ..ExecuteRequest::market(sold, bought, amount) }
}

/// Kills daemons of this site at random moments, each under new orders, and lets a last one finish everything.
async fn survive(
    site: &Site,
    orders: fn(u64) -> ExecuteRequest,
    kills: u64,
    longest: Duration,
) -> Result<(Daemon, Audit)> {
    let seed = Dice::fresh_seed();
    let mut ordeal = Ordeal::new(site, orders, seed);
    for round in 0..kills {
        let died = ordeal.live_and_die(Load::New(ORDERS_PER_LIFE), longest, future::pending()).await;
        died.with_context(|| format!("seed {seed}, round {round}"))?;
    }
    let (daemon, audit) = ordeal.survive().await.with_context(|| format!("seed {seed}"))?;
    audit.ensure_clean().with_context(|| format!("seed {seed}"))?;
    let orders = audit.orders().count();
    assert_eq!(orders as u64, kills * ORDERS_PER_LIFE, "seed {seed}: every key got its order");
    assert!(audit.count(OrderStatus::Finalized) * 10 > orders * 9, "seed {seed}: nearly all succeed");
    Ok((daemon, audit))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments_every_order_has_one_effect_at_most() -> Result<()> {
    let mining = Mining::Mixed(Duration::from_millis(200));
    let chain = World::boot_with(AnvilOptions { mining, ..AnvilOptions::default() }).await?;
    let site = Site::new(&market::config(&chain))?;
    let (daemon, mut audit) = survive(&site, market::order, KILLS, Duration::from_millis(700)).await?;
    audit.hold_against(&chain, &[]).await?;
    audit.ensure_clean()?;
    assert_eq!(audit.swaps(), audit.count(OrderStatus::Finalized), "one swap for each order");
    daemon.stop().await
}

/// The paper chain lives in the daemon's process and dies with it; its journal has to hold as the store does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_paper_chain_survives_kills_as_a_real_one_does() -> Result<()> {
    let site = Site::new(&paper::config("inclusionMs = 30\nfinalityMs = 60"))?;
    let (daemon, audit) = survive(&site, on_paper, 12, Duration::from_millis(200)).await?;
    for order in audit.orders() {
        let mut life = Life::follow(daemon.url(), &order.id).await?;
        life.until_any(&ENDS).await?;
        let confirmed = life.told().iter().filter(|event| event.kind == OrderStatus::Confirmed).count();
        assert_eq!(confirmed, usize::from(order.status == OrderStatus::Finalized), "{order:?}");
    }
    let sequences: Vec<_> = audit.sequences().collect();
    assert!(sequences.iter().copied().eq(0..sequences.len() as u64), "a dense run: {sequences:?}");
    daemon.stop().await
}
