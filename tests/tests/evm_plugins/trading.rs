//! Quotes, approvals and swaps on all exchanges.

use crate::desk::{Desk, VENUES, ctx};
use alloy_primitives::U256;
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{Build, BuildRequest, ErrorKind, Quote, ReadRequest, TxStatus};
use orderd_tests::Venue;
use serde_json::json;

const TRADES: [(&str, &str, u64); 5] = [
    ("WETH", "USDC", 2),
    ("USDC", "WETH", 3_000),
    ("WETH", "DAI", 3),
    ("DAI", "WETH", 4_000),
    ("USDC", "DAI", 5_000),
];

fn units(desk: &Desk, symbol: &str, whole: u64) -> U256 {
    U256::from(whole) * U256::from(10).pow(U256::from(desk.token(symbol).decimals))
}

#[tokio::test]
async fn what_is_quoted_is_received_on_every_venue_for_every_pair() {
    let desk = Desk::open().await;
    for venue in VENUES {
        for (sell, buy, whole) in TRADES {
            let amount_in = units(&desk, sell, whole);
            let before = gas_price(&desk).await;
            let quote = desk.quote(venue, sell, buy, amount_in).await.unwrap();
            let gas_prices = [before, gas_price(&desk).await];
            let request = desk.to_build(sell, buy, amount_in, &quote);
            let swap = desk.swap(venue, request).await;
            let prepared = desk.perform(swap).await;
            let TxStatus::Succeeded { received, .. } = desk.received(&prepared, buy).await else {
                panic!("{venue} {sell}/{buy} did not succeed");
            };
            assert_eq!(received, Some(quote.amount_out), "{venue} {sell}/{buy}");
            assert_cost_is_sound(&desk, &prepared.hash, &quote, buy, gas_prices).await;
        }
    }
}

/// The network cost that was quoted is the gas really used at the price of gas then, give or take a third. That price lies
/// between those just before and just after: a block may come in between. Prices of all pools are near 3000.
async fn assert_cost_is_sound(desk: &Desk, hash: &str, quote: &Quote, buy: &str, gas_prices: [U256; 2]) {
    let receipt = desk.node.rpc.receipt(hash.parse().unwrap()).await.unwrap().unwrap();
    let gas = receipt.gas_used;
    let expected = gas_prices.map(|gas_price| {
        let wei = U256::from(gas) * gas_price;
        match buy {
            "WETH" => wei,
            "USDC" => wei * U256::from(3_000) / U256::from(1_000_000_000_000_u64),
            _ => wei * U256::from(3_000),
        }
    });
    let cost = quote.network_cost.unwrap().0;
    let (three, least) = (U256::from(3), expected[0].min(expected[1]) * U256::from(2));
    let most = expected[0].max(expected[1]) * U256::from(4);
    let is_sound = cost * three > least && cost * three < most;
    assert!(is_sound, "{buy}: quoted {cost}, expected {expected:?}, gas {gas}");
}

async fn gas_price(desk: &Desk) -> U256 {
    let query = json!({"gasPrice": true}).into();
    let answer = desk.chain.read(&ctx(), ReadRequest { query }).await.unwrap();
    let answer: serde_json::Value = answer.read().unwrap();
    answer["gasPrice"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn quotes_are_those_of_the_exchanges_own_contracts() {
    let desk = Desk::open().await;
    let world = &desk.node.world;
    for (name, venue) in VENUES.into_iter().zip([Venue::UniswapV2, Venue::Sushiswap, Venue::UniswapV3]) {
        for (sell, buy) in [(&world.weth, &world.usdc), (&world.dai, &world.weth)] {
            let amount_in = sell.units(7);
            let own = world.quote(&desk.node.rpc, venue, (sell, buy), amount_in).await.unwrap();
            let quote = desk.quote(name, &sell.symbol, &buy.symbol, amount_in).await.unwrap();
            assert_eq!(quote.amount_out, Amount(own.amount_out), "{name}");
        }
    }
}

#[tokio::test]
async fn a_larger_trade_moves_the_price_more() {
    let desk = Desk::open().await;
    for venue in VENUES {
        let mut last = 0;
        for whole in [1, 10, 100] {
            let quote = desk.quote(venue, "WETH", "USDC", units(&desk, "WETH", whole)).await.unwrap();
            let impact = quote.price_impact_ppm.unwrap();
            assert!(impact > last && impact < 1_000_000, "{venue}: {impact} after {last}");
            last = impact;
        }
    }
}

/// A constant-product pool of depth x loses a / (x + a) of the price to a trade of a after fees.
#[tokio::test]
async fn impact_is_that_of_the_constant_product() {
    let desk = Desk::open().await;
    let world = &desk.node.world;
    let pool = world.pools_of(Venue::UniswapV2, world.usdc.address).next().unwrap();
    let taken = 10 * 9_970;
    let expected = taken * 1_000_000 / (pool.depth * 10_000 + taken);
    let quote = desk.quote("uniswap-v2", "WETH", "USDC", units(&desk, "WETH", 10)).await.unwrap();
    let impact = u64::from(quote.price_impact_ppm.unwrap());
    assert!(impact.abs_diff(expected) <= 1, "{impact}, expected {expected}");
}

#[tokio::test]
async fn an_approval_is_asked_for_once_and_without_a_limit() {
    let desk = Desk::open().await;
    let amount_in = units(&desk, "WETH", 1);
    let quote = desk.quote("sushiswap", "WETH", "USDC", amount_in).await.unwrap();
    let request = desk.to_build("WETH", "USDC", amount_in, &quote);
    let Build::Approve(approval) = desk.build("sushiswap", request.clone()).await else {
        panic!("nothing is approved yet");
    };
    let router = desk.node.world.router(Venue::Sushiswap);
    assert_eq!((approval.token.as_str(), approval.spender), ("WETH", router.to_string()));
    desk.perform(approval.payload).await;
    let world = &desk.node.world;
    let allowance =
        world.allowance(&desk.node.rpc, world.trader, &world.weth, Venue::Sushiswap).await.unwrap();
    assert_eq!(allowance, U256::MAX);
    let more = BuildRequest { amount_in: Amount(units(&desk, "WETH", 900)), ..request };
    assert!(matches!(desk.build("sushiswap", more).await, Build::Swap { .. }));
}

#[tokio::test]
async fn a_swap_for_more_than_there_is_would_fail_now() {
    let desk = Desk::open().await;
    for (venue, words) in [
        ("uniswap-v2", "INSUFFICIENT_OUTPUT_AMOUNT"),
        ("uniswap-v3", "Too little received"),
        ("uniswap-v4", "V4TooLittleReceived"),
    ] {
        let amount_in = units(&desk, "WETH", 1);
        let mut quote = desk.quote(venue, "WETH", "USDC", amount_in).await.unwrap();
        quote.amount_out = Amount(quote.amount_out.0 + U256::from(1));
        let swap = desk.swap(venue, desk.to_build("WETH", "USDC", amount_in, &quote)).await;
        let error = desk.estimate(swap).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Transient);
        assert!(error.message.contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_deadline_in_the_past_would_fail_now() {
    let desk = Desk::open().await;
    for (venue, words) in [
        ("uniswap-v2", "EXPIRED"),
        ("uniswap-v3", "Transaction too old"),
        ("uniswap-v4", "TransactionDeadlinePassed"),
    ] {
        let amount_in = units(&desk, "WETH", 1);
        let quote = desk.quote(venue, "WETH", "USDC", amount_in).await.unwrap();
        let request = BuildRequest { deadline: 1, ..desk.to_build("WETH", "USDC", amount_in, &quote) };
        let error = desk.estimate(desk.swap(venue, request).await).await.unwrap_err();
        assert!(error.is_transient() && error.message.contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_pair_that_nobody_trades_is_a_permanent_error() {
    let desk = Desk::open().await;
    for venue in VENUES {
        let mut unknown = desk.token("DAI");
        unknown.address = alloy_primitives::Address::repeat_byte(7).to_string();
        unknown.symbol = "DOGE".to_owned();
        let request = orderd_sdk::plugin::QuoteRequest {
            trader: desk.signer.address.clone(),
            token_in: desk.token("WETH"),
            token_out: unknown,
            amount_in: Amount::from(1_000_u64),
        };
        let error = desk.venues[venue].quote(&ctx(), request).await.unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Permanent, "no pool for WETH/DOGE"));
    }
}

#[tokio::test]
async fn a_trade_that_empties_a_pool_is_not_quoted() {
    let desk = Desk::open().await;
    for (venue, amount_in) in
        [("uniswap-v3", U256::MAX >> 8), ("uniswap-v4", U256::MAX >> 129), ("uniswap-v4", U256::MAX >> 127)]
    {
        let error = desk.quote(venue, "WETH", "USDC", amount_in).await.unwrap_err();
        assert!(error.is_transient() && error.message.contains("deep enough"), "{venue}: {error}");
    }
}

#[tokio::test]
async fn a_route_of_another_trade_is_refused() {
    let desk = Desk::open().await;
    for venue in VENUES {
        let amount_in = units(&desk, "WETH", 1);
        let quote = desk.quote(venue, "WETH", "USDC", amount_in).await.unwrap();
        let request = desk.to_build("WETH", "DAI", amount_in, &quote);
        let error = desk.venues[venue].build(&ctx(), request).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid);
    }
}

#[tokio::test]
async fn venues_and_chain_are_healthy() {
    let desk = Desk::open().await;
    for venue in VENUES {
        desk.venues[venue].health(&ctx()).await.unwrap();
    }
    let detail = desk.chain.health(&ctx()).await.unwrap().detail;
    assert!(detail.starts_with("chain 31337 at block "), "{detail}");
}
