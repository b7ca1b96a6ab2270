//! How each scene goes, from its first order to its end.

use crate::{scene::Scene, stage::Stage};
use alloy_primitives::U64;
use anyhow::{Context as _, Result, bail, ensure};
use orderd_sdk::wire::OrderStatus;
use orderd_tests::{
    Daemon, Life, TxRequest, Venue,
    crashes::{Clients, ENDS},
    http::Http,
    world::TRADER,
};

/// How often somebody else goes first. Now and then the daemon looks at the account just then, and is not surprised.
const TRIES: u32 = 5;
/// Wei per gas that nobody else pays.
const DEAR: U64 = U64::from_limbs([1_000_000_000_000]);

/// How a daemon is reached while it lives.
pub(crate) struct Access {
    url: String,
    pub(crate) http: Http,
}

impl Access {
    pub(crate) fn of(daemon: &Daemon) -> Self {
        Self { url: daemon.url().to_owned(), http: daemon.http() }
    }

    /// An order's life.
    pub(crate) async fn follow(&self, order: &str) -> Result<Life> {
        Life::follow(&self.url, order).await
    }

    /// Wants something of an order.
    async fn demand(&self, order: &str, verb: &str) -> Result<()> {
        let reply = self.http.post(&format!("/api/orders/{order}/{verb}"), "{}").await?;
        ensure!(reply.status.is_success(), "{verb}: {} {}", reply.status, reply.body);
        Ok(())
    }
}

impl Scene {
    /// Plays it to its end, if nobody dies.
    pub(crate) async fn play(self, stage: &Stage, access: &Access, clients: &mut Clients) -> Result<()> {
        match self {
            Self::Swaps => swaps(access, clients).await,
            Self::Outsider => outsider(stage, access, clients).await,
            Self::RevertThenRetry | Self::RevertThenFail | Self::RevertThenExpire => {
                revert(stage, access, clients).await.map(drop)
            }
            Self::RevertThenRetryByHand => retry_by_hand(stage, access, clients).await,
            Self::Reorg => reorg(stage, access, clients).await,
            Self::CancelWaiting => cancel_waiting(stage, access, clients).await,
            Self::CancelSent => cancel_sent(stage, access, clients).await,
            Self::CancelRefused => cancel_refused(stage, access, clients).await,
            Self::FeeBump => bump_fee(stage, access, clients).await,
        }
    }
}

async fn swaps(access: &Access, clients: &mut Clients) -> Result<()> {
    let first = clients.submit(&access.http).await?;
    let second = clients.submit(&access.http).await?;
    access.follow(&first).await?.until_any(&ENDS).await?;
    access.follow(&second).await?.until_any(&ENDS).await?;
    Ok(())
}

async fn outsider(stage: &Stage, access: &Access, clients: &mut Clients) -> Result<()> {
    warm_up(access, clients).await?;
    for _ in 0..TRIES {
        let to_itself = TxRequest { from: TRADER.address, to: Some(TRADER.address), ..TxRequest::default() };
        let hash = stage.chain.rpc.send(&to_itself).await?;
        stage.strangers.send_modify(|strangers| strangers.push(hash));
        let order = clients.submit(&access.http).await?;
        let mut life = access.follow(&order).await?;
        life.until_any(&ENDS).await?;
        if life.told().iter().any(|event| event.kind == OrderStatus::Unknown) {
            return Ok(());
        }
    }
    bail!("the daemon was never surprised")
}

/// Returns the order that had no effect at first.
async fn revert(stage: &Stage, access: &Access, clients: &mut Clients) -> Result<String> {
    let (rpc, world) = (&stage.chain.rpc, &stage.chain.world);
    warm_up(access, clients).await?;
    world.approve(rpc, world.deployer, &world.weth, Venue::Sushiswap).await?;
    stage.hold_blocks().await?;
    let order = clients.submit(&access.http).await?;
    let mut life = access.follow(&order).await?;
    life.until(OrderStatus::Submitted).await?;
    trade_first(stage).await?;
    stage.calm().await?;
    life.until_any(&ENDS).await?;
    Ok(order)
}

async fn retry_by_hand(stage: &Stage, access: &Access, clients: &mut Clients) -> Result<()> {
    let order = revert(stage, access, clients).await?;
    access.demand(&order, "retry").await?;
    let mut life = access.follow(&order).await?;
    life.until(OrderStatus::Failed).await?;
    life.until_any(&ENDS).await?;
    Ok(())
}

/// Somebody else trades in the same block, pays more for gas, and so comes first.
async fn trade_first(stage: &Stage) -> Result<()> {
    let (rpc, world) = (&stage.chain.rpc, &stage.chain.world);
    let pair = (&world.weth, &world.usdc);
    let quote = world.quote(rpc, Venue::Sushiswap, pair, world.weth.units(5)).await?;
    // With gas to spare: what a pool needs depends on the second of the block.
    let trade = TxRequest {
        gas_price: Some(DEAR),
        gas: Some(U64::from(300_000)),
        ..world.swap_request(&quote, world.deployer)
    };
    let hash = rpc.send(&trade).await?;
    rpc.mine(1).await?;
    ensure!(rpc.wait_for_receipt(hash).await?.succeeded(), "the trade that should come first has failed");
    Ok(())
}

async fn reorg(stage: &Stage, access: &Access, clients: &mut Clients) -> Result<()> {
    warm_up(access, clients).await?;
    stage.hold_finality();
    let order = clients.submit(&access.http).await?;
    let mut life = access.follow(&order).await?;
    life.until(OrderStatus::Confirmed).await?;
    stage.chain.rpc.reorg(1).await?;
    life.until(OrderStatus::Reorged).await?;
    stage.calm().await?;
    life.until_any(&ENDS).await?;
    Ok(())
}

async fn cancel_waiting(stage: &Stage, access: &Access, clients: &mut Clients) -> Result<()> {
    stage.hold_blocks().await?;
    let first = clients.submit(&access.http).await?;
    let mut first = access.follow(&first).await?;
    first.until_stage("approving").await?;
    let second = clients.submit(&access.http).await?;
    let mut life = access.follow(&second).await?;
    life.until_stage("started").await?;
    access.demand(&second, "cancel").await?;
    life.until_any(&ENDS).await?;
    stage.calm().await?;
    first.until_any(&ENDS).await?;
    Ok(())
}

async fn cancel_sent(stage: &Stage, access: &Access, clients: &mut Clients) -> Result<()> {
    let mut life = wait_in_pool(stage, access, clients).await?;
    access.demand(&life.subscribed.id, "cancel").await?;
    see_replaced(stage, &mut life, "voiding").await
}

async fn cancel_refused(stage: &Stage, access: &Access, clients: &mut Clients) -> Result<()> {
    let mut life = wait_in_pool(stage, access, clients).await?;
    access.demand(&life.subscribed.id, "cancel").await?;
    life.until_stage("cancel-refused").await?;
    stage.calm().await?;
    life.until_any(&ENDS).await?;
    Ok(())
}

async fn bump_fee(stage: &Stage, access: &Access, clients: &mut Clients) -> Result<()> {
    let mut life = wait_in_pool(stage, access, clients).await?;
    see_replaced(stage, &mut life, "fee-bump").await
}

/// Waits until another transaction is in the pool in place of the swap, and lets blocks come.
async fn see_replaced(stage: &Stage, life: &mut Life, by: &str) -> Result<()> {
    let replaced = life.until_stage(by).await?;
    let hash = replaced.fields.tx_hash.as_deref().context("a replacement has a hash")?.parse()?;
    stage.until_waiting(hash).await?;
    stage.calm().await?;
    life.until_any(&ENDS).await?;
    Ok(())
}

/// An order whose swap the node has, and no block comes.
async fn wait_in_pool(stage: &Stage, access: &Access, clients: &mut Clients) -> Result<Life> {
    warm_up(access, clients).await?;
    stage.hold_blocks().await?;
    let order = clients.submit(&access.http).await?;
    let mut life = access.follow(&order).await?;
    life.until(OrderStatus::Submitted).await?;
    Ok(life)
}

/// A first order, so that the exchange has its leave and the lane is in use.
async fn warm_up(access: &Access, clients: &mut Clients) -> Result<()> {
    let order = clients.submit(&access.http).await?;
    access.follow(&order).await?.until_any(&ENDS).await?;
    Ok(())
}
