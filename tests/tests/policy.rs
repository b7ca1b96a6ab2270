//! What an account may sign, and how much it may sell: the daemon as a process, the plugins as libraries, a real EVM node
//! with real exchanges for the one, the paper chain for the other.

use alloy_primitives::{Address, U256};
use anyhow::Result;
use orderd_sdk::wire::{ErrorCode, ExecuteRequest, OrderDto, OrderStatus};
use orderd_tests::{
    AnvilOptions, BlockTag, Daemon, Life, Mining, Site, Venue, World, market, paper, world::TRADER,
};
use std::time::Duration;

fn through(venue: Venue, sold: &str, bought: &str, amount: &str) -> ExecuteRequest {
    let venues = Some(vec![market::name(venue).to_owned()]);
    ExecuteRequest { venues, ..ExecuteRequest::market(sold, bought, amount) }
}

/// An order's life until it is final or has failed, and the order then.
async fn execute(daemon: &Daemon, order: &ExecuteRequest) -> Result<(Life, OrderDto)> {
    let accepted = daemon.http().submit(order).await?;
    let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
    let last = life.until_any(&[OrderStatus::Finalized, OrderStatus::Failed]).await?.order.clone();
    Ok((life, last))
}

/// The order fails at its first attempt, by the policy; its words.
async fn refused(daemon: &Daemon, order: &ExecuteRequest) -> Result<String> {
    let (life, last) = execute(daemon, order).await?;
    assert_eq!((last.status, last.attempts), (OrderStatus::Failed, 1), "{:?}", life.stages());
    assert_eq!(last.last_error_code, Some(ErrorCode::PolicyRefused), "{:?}", last.last_error);
    assert_eq!(last.tx_hash, None, "nothing was signed");
    Ok(last.last_error.unwrap_or_default())
}

#[tokio::test]
async fn an_account_deals_with_the_listed_contracts_alone() -> Result<()> {
    let mining = Mining::Mixed(Duration::from_millis(200));
    let chain = World::boot_with(AnvilOptions { mining, ..AnvilOptions::default() }).await?;
    let (world, rpc) = (&chain.world, &chain.rpc);
    // Sushiswap may take DAI already, from before the policy: it only lacks a call.
    world.approve(rpc, TRADER.address, &world.dai, Venue::Sushiswap).await?;
    let first = rpc.transaction_count(TRADER.address, BlockTag::Latest).await?;
    let (v2, v3) = (world.router(Venue::UniswapV2), world.router(Venue::UniswapV3));
    let policy = format!("[accounts.trader]\npolicy.contracts = [\"{v2:#x}\", \"{v3}\"]");
    let site = Site::new(&market::config(&chain).replace("[accounts.trader]", &policy))?;
    let daemon = site.start_with(market::give_key).await?;

    let sushi = world.router(Venue::Sushiswap).to_string();
    let error = refused(&daemon, &through(Venue::Sushiswap, "WETH", "USDC", "1")).await?;
    let weth = world.weth.address;
    let leave = format!("does not list {sushi}, which would be allowed to take token {weth}");
    assert!(error.contains(&leave), "{error}");
    let error = refused(&daemon, &through(Venue::Sushiswap, "DAI", "WETH", "100")).await?;
    assert!(error.contains(&format!("does not list contract {sushi}")), "{error}");
    assert!(site.log()?.contains("a signature was refused"), "it is logged");
    assert_eq!(world.allowance(rpc, TRADER.address, &world.weth, Venue::Sushiswap).await?, U256::ZERO);

    for venue in [Venue::UniswapV2, Venue::UniswapV3] {
        let (life, last) = execute(&daemon, &through(venue, "WETH", "USDC", "1")).await?;
        assert_eq!(last.status, OrderStatus::Finalized, "{:?}", last.last_error);
        assert!(life.stages().contains(&"building:approving".to_owned()), "with its approval");
        market::verify(&chain, &last).await?;
    }
    let sent = rpc.transaction_count(TRADER.address, BlockTag::Latest).await?;
    assert_eq!(sent, first + 4, "two approvals and two swaps: refusals take no sequence");
    daemon.stop().await
}

#[tokio::test]
async fn leave_is_passed_on_to_listed_contracts_alone() -> Result<()> {
    let mining = Mining::Mixed(Duration::from_millis(200));
    let chain = World::boot_with(AnvilOptions { mining, ..AnvilOptions::default() }).await?;
    let (v4, usdc) = (&chain.world.uniswap_v4, &chain.world.usdc.address);
    let config = |contracts: &[Address]| {
        let policy = format!(
            "[accounts.trader]\npolicy.contracts = {:?}",
            contracts.iter().map(Address::to_string).collect::<Vec<_>>()
        );
        market::config_with_v4(&chain).replace("[accounts.trader]", &policy)
    };
    let venues = Some(vec![market::UNISWAP_V4.to_owned()]);
    let order = ExecuteRequest { venues, ..ExecuteRequest::market("USDC", "WETH", "1000") };
    let site = Site::new(&config(&[v4.permit2]))?;
    let daemon = site.start_with(market::give_key).await?;
    let (life, last) = execute(&daemon, &order).await?;
    assert_eq!(last.last_error_code, Some(ErrorCode::PolicyRefused), "{:?}", life.stages());
    let error = format!("does not list {}, which would be allowed to take token {usdc}", v4.router);
    assert!(last.last_error.is_some_and(|told| told.contains(&error)), "{error}");
    daemon.stop().await?;

    site.configure(&config(&[v4.permit2, v4.router]))?;
    let daemon = site.start_with(market::give_key).await?;
    let (_, last) = execute(&daemon, &order).await?;
    assert_eq!(last.status, OrderStatus::Finalized, "{:?}", last.last_error);
    daemon.stop().await
}

#[tokio::test]
async fn what_was_sold_counts_after_a_kill_too() -> Result<()> {
    let cap = "[accounts.main]\npolicy.spend.SOL = { amount = \"10\", window_minutes = 60 }";
    let site = Site::new(&paper::config("").replace("[accounts.main]", cap))?;
    let sell = |amount: &str| ExecuteRequest::market("SOL", "USDC", amount);
    let daemon = site.start().await?;
    assert_eq!(execute(&daemon, &sell("2.5")).await?.1.status, OrderStatus::Finalized);
    let accepted = daemon.http().submit(&sell("3.5")).await?;
    Life::follow(daemon.url(), &accepted.order_id).await?.until(OrderStatus::Submitted).await?;
    daemon.kill().await?;

    let daemon = site.start().await?;
    let error = refused(&daemon, &sell("4.000000001")).await?;
    assert!(
        error.contains("may sell 10 SOL in 60 minutes, 6 count, and the order sells 4.000000001"),
        "{error}"
    );
    let other_way = ExecuteRequest::market("USDC", "SOL", "5000");
    assert_eq!(execute(&daemon, &other_way).await?.1.status, OrderStatus::Finalized);
    assert_eq!(execute(&daemon, &sell("4")).await?.1.status, OrderStatus::Finalized);
    refused(&daemon, &sell("0.001")).await?;
    daemon.stop().await
}
