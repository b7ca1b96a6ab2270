//! A service, a daemon that trades there, and one order's life.

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use hyper::StatusCode;
use orderd_sdk::wire::{ExecuteRequest, OrderDto, OrderStatus};
use orderd_tests::{
    Daemon, Life, Settlement, Site,
    settlement::{self, Fill},
};

/// How a daemon trades at a service.
pub(crate) struct Scene {
    pub(crate) settlement: Settlement,
    pub(crate) site: Site,
}

impl Scene {
    /// A service, and the config of a daemon that trades there, with these engine settings.
    pub(crate) async fn set(engine: &str) -> Result<Self> {
        let settlement = Settlement::start().await?;
        let site = Site::new(&settlement::config(&settlement.url(), engine))?;
        Ok(Self { settlement, site })
    }

    pub(crate) async fn start(&self) -> Result<Daemon> {
        self.site.start_with(|command| _ = command.env("TRADER_KEY", settlement::KEY)).await
    }

    /// The one order that took effect.
    pub(crate) fn only_fill(&self) -> Result<Fill> {
        let books = self.settlement.books();
        ensure!(books.fills().len() == 1, "one effect was expected: {:?}", books.fills());
        Ok(books.fills()[0].clone())
    }

    /// Checks that an order has taken effect once, and tells what the books say of it.
    pub(crate) fn check_executed(&self, order: &OrderDto) -> Result<()> {
        ensure!(order.status == OrderStatus::Finalized, "{order:?}");
        let fill = self.only_fill()?;
        ensure!(order.tx_hash.as_ref() == Some(&fill.uid), "{order:?} {fill:?}");
        ensure!(order.amount_out == Some(fill.bought.format_units(6)), "{order:?} {fill:?}");
        ensure!(order.amount == fill.sold.format_units(9), "{order:?} {fill:?}");
        Ok(())
    }
}

pub(crate) fn sell(amount: &str) -> ExecuteRequest {
    ExecuteRequest::market("SOL", "USDC", amount)
}

/// Posts an order and follows it.
pub(crate) async fn submit(daemon: &Daemon, amount: &str) -> Result<Life> {
    let accepted = daemon.http().submit(&sell(amount)).await?;
    Life::follow(daemon.url(), &accepted.order_id).await
}

pub(crate) async fn cancel(daemon: &Daemon, life: &Life) -> Result<()> {
    let id = &life.told()[0].order_id;
    let reply = daemon.http().post(&format!("/api/orders/{id}/cancel"), "{}").await?;
    ensure!(reply.status == StatusCode::OK || reply.status == StatusCode::ACCEPTED, "{reply:?}");
    Ok(())
}

/// Reads to the end of an order.
pub(crate) async fn end(life: &mut Life) -> Result<OrderDto> {
    use OrderStatus::{Cancelled, Expired, Failed, Finalized};
    Ok(life.until_any(&[Finalized, Failed, Cancelled, Expired]).await?.order.clone())
}

/// Plays each case, with a service and a daemon of its own, all at once: most of a case is waiting.
pub(crate) async fn at_once<C>(
    cases: impl IntoIterator<Item = C>,
    play: impl AsyncFn(C) -> Result<()>,
) -> Result<()> {
    try_join_all(cases.into_iter().map(|case| play(case))).await.map(drop)
}
