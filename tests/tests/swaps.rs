//! Real swaps: the daemon as a process, the plugins as libraries, a real EVM node, real exchanges. What counts is
//! what the chain says.

use alloy_primitives::U256;
use anyhow::Result;
use orderd_sdk::wire::{ExecuteRequest, OrderStatus};
use orderd_tests::{
    AnvilOptions, BlockTag, Chain, Daemon, Life, Mining, Site, Venue, World,
    history::{sent_by, successful_swaps},
    market,
    world::TRADER,
};
use std::time::Duration;

async fn boot() -> Result<Chain> {
    let mining = Mining::Mixed(Duration::from_millis(200));
    World::boot_with(AnvilOptions { mining, ..AnvilOptions::default() }).await
}

async fn start(chain: &Chain) -> Result<(Site, Daemon)> {
    let site = Site::new(&market::config(chain))?;
    let daemon = site.start_with(market::give_key).await?;
    Ok((site, daemon))
}

#[tokio::test]
async fn each_order_is_swapped_on_the_venue_that_gives_most() -> Result<()> {
    let chain = boot().await?;
    let (_site, daemon) = start(&chain).await?;
    let world = &chain.world;
    let pairs = [
        (&world.weth, &world.usdc, "1", Venue::Sushiswap),
        (&world.usdc, &world.weth, "3000", Venue::UniswapV2),
        (&world.weth, &world.dai, "1.5", Venue::UniswapV3),
        (&world.dai, &world.weth, "2999.999999999999999999", Venue::Sushiswap),
    ];
    for (sold, bought, amount, best) in pairs {
        let before = (
            chain.rpc.erc20_balance(sold.address, TRADER.address).await?,
            chain.rpc.erc20_balance(bought.address, TRADER.address).await?,
        );
        let expected =
            world.quotes(&chain.rpc, (sold, bought), market::units(amount, sold.decimals)?).await?;
        let order = ExecuteRequest::market(&sold.symbol, &bought.symbol, amount);
        let accepted = daemon.http().submit(&order).await?;
        let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
        let confirmed = life.until(OrderStatus::Confirmed).await?.order.clone();
        life.until(OrderStatus::Finalized).await?;

        assert_eq!(confirmed.dex.as_deref(), Some(market::name(best)));
        assert_eq!(expected[0].venue, best, "the world is made so");
        let received = market::units(confirmed.amount_out.as_deref().unwrap(), bought.decimals)?;
        assert_eq!(received, expected[0].amount_out, "nothing else moved the price");
        assert_eq!(confirmed.quotes.len(), 3);
        assert!(confirmed.quotes.iter().all(|quote| quote.error.is_none()), "{:?}", confirmed.quotes);
        market::verify(&chain, &confirmed).await?;
        let after = (
            chain.rpc.erc20_balance(sold.address, TRADER.address).await?,
            chain.rpc.erc20_balance(bought.address, TRADER.address).await?,
        );
        assert_eq!(before.0 - after.0, market::units(amount, sold.decimals)?);
        assert_eq!(after.1 - before.1, received);
    }
    daemon.stop().await
}

#[tokio::test]
async fn a_life_is_told_from_the_first_event_with_its_approval() -> Result<()> {
    let chain = boot().await?;
    let (_site, daemon) = start(&chain).await?;
    let first = daemon.http().submit(&ExecuteRequest::market("WETH", "USDC", "0.5")).await?;
    let mut life = Life::follow(daemon.url(), &first.order_id).await?;
    life.until(OrderStatus::Finalized).await?;
    let expected = [
        "pending",
        "routing",
        "routing",
        "building:started",
        "building:approving",
        "building:approved",
        "routing",
        "routing",
        "building:started",
        "building:signed",
        "submitted",
        "confirmed",
        "finalized",
    ];
    assert_eq!(life.stages(), expected);
    let approving = &life.told()[4].fields;
    let router = chain.world.router(Venue::Sushiswap);
    assert_eq!(approving.spender.as_deref().map(str::to_lowercase), Some(format!("{router:#x}")));
    assert_eq!((approving.sequence, life.told()[10].fields.sequence), (Some(0), Some(1)));

    let second = daemon.http().submit(&ExecuteRequest::market("WETH", "USDC", "0.5")).await?;
    let mut life = Life::follow(daemon.url(), &second.order_id).await?;
    life.until(OrderStatus::Finalized).await?;
    assert!(!life.stages().contains(&"building:approving".to_owned()), "once is enough");
    daemon.stop().await
}

#[tokio::test]
async fn http_and_stream_show_the_same_order() -> Result<()> {
    let chain = boot().await?;
    let (_site, daemon) = start(&chain).await?;
    let accepted = daemon.http().submit(&ExecuteRequest::market("USDC", "WETH", "100")).await?;
    let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
    let last = life.until(OrderStatus::Finalized).await?.clone();
    assert_eq!(daemon.http().order(&accepted.order_id).await?, last.order);
    assert_eq!(daemon.http().orders().await?, [last.order]);
    let events = daemon.http().get(&format!("/api/orders/{}/events", accepted.order_id)).await?;
    assert_eq!(events.body["events"], serde_json::to_value(life.told())?);
    daemon.stop().await
}

#[tokio::test]
async fn two_hundred_orders_at_once_take_a_dense_run_of_sequences() -> Result<()> {
    const ORDERS: usize = 200;
    let chain = boot().await?;
    let (_site, daemon) = start(&chain).await?;
    let http = daemon.http();
    let pairs =
        [("WETH", "USDC", "0.1"), ("USDC", "WETH", "250"), ("WETH", "DAI", "0.1"), ("DAI", "WETH", "250")];
    let posts = (0..ORDERS).map(|number| {
        let ((sold, bought, amount), http) = (pairs[number % pairs.len()], http.clone());
        async move {
            let mut order = ExecuteRequest::market(sold, bought, amount);
            order.slippage = Some("5".into());
            http.submit(&order).await
        }
    });
    let accepted = futures_util::future::try_join_all(posts).await?;
    for order in &accepted {
        let mut life = Life::follow(daemon.url(), &order.order_id).await?;
        life.until_any(&[OrderStatus::Finalized, OrderStatus::Failed]).await?;
    }
    let orders = http.orders().await?;
    assert_eq!(orders.len(), ORDERS);
    for order in &orders {
        assert_eq!(order.status, OrderStatus::Finalized, "{order:?}");
        market::verify(&chain, order).await?;
    }
    // `sent_by` fails on a hole. Three routers take WETH, two each of the others need leave: approvals are few.
    let sent = sent_by(&chain.rpc, TRADER.address).await?;
    assert_eq!(successful_swaps(&chain.rpc, TRADER.address).await?, ORDERS);
    let venues: std::collections::BTreeSet<_> = orders.iter().filter_map(|order| order.dex.clone()).collect();
    assert_eq!(venues.len(), 3, "every venue is the best for some of them");
    let others = sent.len() - ORDERS;
    assert!((4..=9).contains(&others), "{others} transactions beside the swaps: each approval is given once");
    let hashes: std::collections::BTreeSet<_> =
        orders.iter().filter_map(|order| order.tx_hash.clone()).collect();
    assert_eq!(hashes.len(), ORDERS, "one transaction for each order");
    daemon.stop().await
}

#[tokio::test]
async fn a_venue_that_is_not_there_does_not_hold_the_order_up() -> Result<()> {
    let chain = boot().await?;
    let config = market::config(&chain);
    let nowhere = "0x00000000000000000000000000000000000000ff";
    let sushi = format!("{}", chain.world.router(Venue::Sushiswap));
    let site = Site::new(&config.replace(&sushi, nowhere))?;
    let daemon = site.start_with(market::give_key).await?;
    let accepted = daemon.http().submit(&ExecuteRequest::market("WETH", "USDC", "1")).await?;
    let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
    let order = life.until(OrderStatus::Confirmed).await?.order.clone();
    assert_eq!(order.dex.as_deref(), Some("uniswap-v3"), "the second best");
    let broken = order.quotes.iter().find(|quote| quote.dex == "sushiswap");
    assert!(broken.is_some_and(|quote| quote.error.is_some()), "{:?}", order.quotes);
    daemon.stop().await
}

#[tokio::test]
async fn what_cannot_be_paid_fails_without_touching_the_chain() -> Result<()> {
    let chain = boot().await?;
    let (_site, daemon) = start(&chain).await?;
    let http = daemon.http();
    // More than the account holds, on a pair whose router is approved by a first order.
    let warm_up = http.submit(&ExecuteRequest::market("WETH", "USDC", "0.1")).await?;
    Life::follow(daemon.url(), &warm_up.order_id).await?.until(OrderStatus::Finalized).await?;
    let before = chain.rpc.transaction_count(TRADER.address, BlockTag::Latest).await?;
    let accepted = http.submit(&ExecuteRequest::market("WETH", "USDC", "5000")).await?;
    let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
    let failed = life.until(OrderStatus::Failed).await?.clone();
    assert_eq!((failed.fields.is_final, failed.order.attempts), (Some(true), 1), "{failed:?}");
    assert_eq!(chain.rpc.transaction_count(TRADER.address, BlockTag::Latest).await?, before);
    let next = http.submit(&ExecuteRequest::market("WETH", "USDC", "0.1")).await?;
    Life::follow(daemon.url(), &next.order_id).await?.until(OrderStatus::Finalized).await?;
    assert_eq!(chain.rpc.transaction_count(TRADER.address, BlockTag::Latest).await?, before + 1);
    assert_ne!(chain.rpc.erc20_balance(chain.world.usdc.address, TRADER.address).await?, U256::ZERO);
    daemon.stop().await
}
