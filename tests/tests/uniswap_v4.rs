//! Orders on Uniswap V4, by the daemon as a process on a real node: money is counted on the chain.

use alloy_primitives::{Address, U256};
use anyhow::{Context as _, Result};
use orderd_sdk::wire::{ExecuteRequest, OrderDto, OrderStatus};
use orderd_tests::{
    AnvilOptions, Chain, Daemon, Life, Mining, Site, Token, World,
    history::{sent_by, successful_swaps},
    market,
    swaps::swaps,
    world::TRADER,
};
use std::time::Duration;

async fn start() -> Result<(Chain, Site, Daemon)> {
    let mining = Mining::Mixed(Duration::from_millis(200));
    let chain = World::boot_with(AnvilOptions { mining, ..AnvilOptions::default() }).await?;
    let site = Site::new(&market::config_with_v4(&chain))?;
    let daemon = site.start_with(market::give_key).await?;
    Ok((chain, site, daemon))
}

fn only_here(sold: &Token, bought: &Token, amount: &str) -> ExecuteRequest {
    ExecuteRequest {
        venues: Some(vec![market::UNISWAP_V4.to_owned()]),
        ..ExecuteRequest::market(&sold.symbol, &bought.symbol, amount)
    }
}

/// What the trader has of a token.
async fn held(chain: &Chain, token: &Token) -> Result<U256> {
    Ok(chain.rpc.erc20_balance(token.address, TRADER.address).await?)
}

/// What the order says that it brought, once the pools' own log says the same.
async fn brought(chain: &Chain, order: &OrderDto, bought: &Token) -> Result<U256> {
    assert_eq!(order.dex.as_deref(), Some(market::UNISWAP_V4));
    let hash = order.tx_hash.as_deref().context("a confirmed order has a transaction")?.parse()?;
    let receipt = chain.rpc.receipt(hash).await?.context("it is in the chain")?;
    let last = *swaps(&receipt).last().context("it traded")?;
    assert_eq!(last.pool, chain.world.uniswap_v4.pool_manager);
    let brought =
        market::units(order.amount_out.as_deref().context("it brought something")?, bought.decimals)?;
    assert_eq!(brought, last.amount_out);
    Ok(brought)
}

#[tokio::test]
async fn orders_bring_what_was_quoted_in_both_directions_and_over_two_pools() -> Result<()> {
    let (chain, _site, daemon) = start().await?;
    let World { weth, usdc, dai, .. } = &chain.world;
    let trades = [
        (weth, usdc, "1"),
        (usdc, weth, "3000.000001"),
        (weth, dai, "0.001"),
        (dai, weth, "50000"),
        (usdc, dai, "7"),
    ];
    for (sold, bought, amount) in trades {
        let before = (held(&chain, sold).await?, held(&chain, bought).await?);
        let accepted = daemon.http().submit(&only_here(sold, bought, amount)).await?;
        let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
        let order = life.until(OrderStatus::Confirmed).await?.order.clone();
        let brought = brought(&chain, &order, bought).await?;
        let after = (held(&chain, sold).await?, held(&chain, bought).await?);
        assert_eq!(before.0 - after.0, market::units(amount, sold.decimals)?);
        assert_eq!(after.1 - before.1, brought);
        let quoted = order.quotes.first().and_then(|quote| quote.amount_out.clone());
        assert_eq!(quoted, order.amount_out, "nothing else moved the price");
    }
    assert_eq!(successful_swaps(&chain.rpc, TRADER.address).await?, trades.len());
    let approvals = sent_by(&chain.rpc, TRADER.address).await?.len() - trades.len();
    assert_eq!(approvals, 2 * 3, "each of three tokens was approved once, in two steps");
    daemon.stop().await
}

#[tokio::test]
async fn it_wins_the_order_that_it_pays_most_for_and_tells_both_steps_of_its_approval() -> Result<()> {
    let (chain, _site, daemon) = start().await?;
    let World { usdc, uniswap_v4: v4, .. } = &chain.world;
    let accepted = daemon.http().submit(&ExecuteRequest::market("WETH", "USDC", "1")).await?;
    let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
    let order = life.until(OrderStatus::Finalized).await?.order.clone();
    brought(&chain, &order, usdc).await?;
    assert_eq!(order.quotes.len(), 4);
    assert!(order.quotes.iter().all(|quote| quote.error.is_none()), "{:?}", order.quotes);
    let told = life.told().iter();
    let spenders: Vec<Address> =
        told.filter_map(|message| message.fields.spender.as_deref()?.parse().ok()).collect();
    let steps: Vec<Address> =
        spenders.chunk_by(Address::eq).filter_map(|step| step.first().copied()).collect();
    assert_eq!(steps, [v4.permit2, v4.router]);
    daemon.stop().await
}

#[tokio::test]
async fn however_many_orders_need_its_approval_each_step_is_signed_once() -> Result<()> {
    const ORDERS: usize = 12;
    let (chain, _site, daemon) = start().await?;
    let World { weth, usdc, .. } = &chain.world;
    let before = (held(&chain, weth).await?, held(&chain, usdc).await?);
    let http = daemon.http();
    let posts = (0..ORDERS).map(async |_| {
        let order = ExecuteRequest { slippage: Some("5".into()), ..only_here(weth, usdc, "0.25") };
        http.submit(&order).await
    });
    let mut received = U256::ZERO;
    for accepted in futures_util::future::try_join_all(posts).await? {
        let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
        let order = life.until_any(&[OrderStatus::Finalized, OrderStatus::Failed]).await?.order.clone();
        assert_eq!(order.status, OrderStatus::Finalized, "{order:?}");
        received += brought(&chain, &order, usdc).await?;
    }
    assert_eq!(held(&chain, usdc).await? - before.1, received);
    assert_eq!(before.0 - held(&chain, weth).await?, weth.units(3));
    assert_eq!(successful_swaps(&chain.rpc, TRADER.address).await?, ORDERS);
    assert_eq!(sent_by(&chain.rpc, TRADER.address).await?.len(), ORDERS + 2);
    daemon.stop().await
}
