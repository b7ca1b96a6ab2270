//! The verdict over a whole run, by the chain alone: every order is over, has one effect at most, and tells the truth
//! about it.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use orderd_sdk::wire::{OrderDto, OrderMessage, OrderStatus};

use crate::{
    Chain, Daemon, Life,
    history::{Sent, sent_by},
    market,
    world::TRADER,
};

/// How an order can end.
pub const ENDS: [OrderStatus; 4] =
    [OrderStatus::Finalized, OrderStatus::Failed, OrderStatus::Expired, OrderStatus::Cancelled];

/// Follows an order to its last end: one that failed may have been taken up again by hand.
///
/// # Errors
/// When it does not end, or its history has a hole.
pub async fn live_through(daemon: &Daemon, id: &str) -> Result<Vec<OrderMessage>> {
    let mut life = Life::follow(daemon.url(), id).await?;
    while life.until_any(&ENDS).await?.seq < daemon.http().order(id).await?.seq {}
    Ok(life.told().to_vec())
}

/// Waits for the end of every order of a daemon that is alone in using the trader's account, and holds them against
/// the chain: each `finalized` one has a successful swap of its own that brought in what it says, nobody else has
/// one, and no history has a hole. Gives the orders, newest first.
///
/// # Errors
/// When anything of that is not so.
pub async fn judge(chain: &Chain, daemon: &Daemon) -> Result<Vec<OrderDto>> {
    let http = daemon.http();
    for order in http.orders().await? {
        // Following checks that the history has no hole.
        live_through(daemon, &order.id).await.with_context(|| format!("order {}", order.id))?;
    }
    let orders = http.orders().await?;
    let executed: Vec<_> = orders.iter().filter(|order| order.status == OrderStatus::Finalized).collect();
    for order in &executed {
        market::verify(chain, order).await?;
    }
    let claimed: BTreeSet<_> = executed.iter().filter_map(|order| order.tx_hash.clone()).collect();
    ensure!(claimed.len() == executed.len(), "two orders claim one transaction: {claimed:?}");
    let swapped = sent_by(&chain.rpc, TRADER.address).await?.into_iter().filter(Sent::swapped);
    let happened: BTreeSet<_> = swapped.map(|sent| sent.hash.to_string()).collect();
    ensure!(happened == claimed, "the chain saw {happened:?}, the orders claim {claimed:?}");
    Ok(orders)
}
