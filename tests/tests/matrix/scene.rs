//! What happens to orders before the daemon dies. Every scene could go on to its end, and the daemon dies somewhere
//! within it.

use crate::stage::Stage;
use alloy_primitives::U64;
use anyhow::{Result, ensure};
use orderd::telemetry::{Clock as _, SystemClock};
use orderd_sdk::wire::{ExecuteRequest, OrderStatus};
use orderd_tests::{
    Daemon, Life, TxRequest, Venue,
    crashes::{Clients, ENDS},
    http::Http,
    market,
    world::TRADER,
};

/// Wei per gas that nobody else pays.
const DEAR: U64 = U64::from_limbs([1_000_000_000_000]);

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    /// Two orders at the same time; the first needs an approval.
    Swaps,
    /// Somebody else uses the account's next sequence: nobody can say what became of the swap, until it is proven dead
    /// and tried again.
    Outsider,
    /// The price moves while the swap is under way; it has no effect and is tried again.
    RevertThenRetry,
    /// The same, and it was the only attempt.
    RevertThenFail,
    /// The same, and the next attempt would come too late.
    RevertThenExpire,
    /// The swap's block is undone, and the same bytes come into another.
    Reorg,
}

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
}

impl Scene {
    /// The daemon's config: the market's, with what this scene needs to be quick and to come out as it should.
    pub(crate) fn config(self, stage: &Stage) -> String {
        let config = market::config(&stage.chain)
            .replace("poll_ms = 50", "poll_ms = 20")
            .replace("resend_ms = 500", "resend_ms = 100");
        match self {
            Self::Swaps | Self::Outsider | Self::RevertThenRetry | Self::Reorg => config,
            Self::RevertThenFail => config.replace("[engine]", "[engine]\nmax_attempts = 1"),
            Self::RevertThenExpire => config
                .replace("retry_initial_ms = 100", "retry_initial_ms = 600000")
                .replace("retry_max_ms = 1000", "retry_max_ms = 600000"),
        }
    }

    /// Whether an order of it may end without effect.
    pub(crate) fn may_end_without_effect(self) -> bool {
        matches!(self, Self::RevertThenFail | Self::RevertThenExpire)
    }

    /// How many orders it has.
    pub(crate) fn orders(self) -> u64 {
        2
    }

    /// Its orders and later ones, all on one exchange. Those that are to revert bear no change of the price.
    pub(crate) fn clients(self) -> Clients {
        let slippage = match self {
            Self::Swaps | Self::Outsider | Self::Reorg => "5",
            Self::RevertThenRetry | Self::RevertThenFail | Self::RevertThenExpire => "0",
        };
        let deadline = (self == Self::RevertThenExpire).then(in_a_minute);
        Clients::new(move |key| ExecuteRequest {
            slippage: Some(if key < self.orders() { slippage } else { "5" }.into()),
            venues: Some(vec![market::name(Venue::Sushiswap).to_owned()]),
            deadline: deadline.clone(),
            ..ExecuteRequest::market("WETH", "USDC", "0.1")
        })
    }

    /// Plays it to its end, if nobody dies.
    pub(crate) async fn play(self, stage: &Stage, access: &Access, clients: &mut Clients) -> Result<()> {
        match self {
            Self::Swaps => swaps(access, clients).await,
            Self::Outsider => outsider(stage, access, clients).await,
            Self::RevertThenRetry | Self::RevertThenFail | Self::RevertThenExpire => {
                revert(stage, access, clients).await
            }
            Self::Reorg => reorg(stage, access, clients).await,
        }
    }
}

fn in_a_minute() -> String {
    SystemClock.now().plus_millis(60_000).to_string()
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
    let to_itself = TxRequest { from: TRADER.address, to: Some(TRADER.address), ..TxRequest::default() };
    let hash = stage.chain.rpc.send(&to_itself).await?;
    stage.strangers.send_modify(|strangers| strangers.push(hash));
    let order = clients.submit(&access.http).await?;
    access.follow(&order).await?.until_any(&ENDS).await?;
    Ok(())
}

async fn revert(stage: &Stage, access: &Access, clients: &mut Clients) -> Result<()> {
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

/// A first order, so that the exchange has its leave and the lane is in use.
async fn warm_up(access: &Access, clients: &mut Clients) -> Result<()> {
    let order = clients.submit(&access.http).await?;
    access.follow(&order).await?.until_any(&ENDS).await?;
    Ok(())
}
