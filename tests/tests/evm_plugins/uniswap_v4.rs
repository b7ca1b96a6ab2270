//! What Uniswap V4 has of its own: pools that are no contracts, an approval in two steps, and a router that is told
//! what to do in commands.

use crate::desk::{Desk, ctx};
use alloy_primitives::{
    Address, Bytes, U256,
    aliases::{U48, U160},
};
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{Build, BuildRequest, Payload, Prepared, SendOutcome, TxStatus};
use orderd_tests::{
    Token, TxRequest, World,
    contracts::{Permit2, V4Quoter},
    world::V4_FEES,
};

const V4: &str = "uniswap-v4";

fn pairs(world: &World) -> [(&Token, &Token, u64); 4] {
    let World { weth, usdc, dai, .. } = world;
    [(weth, usdc, 1), (usdc, weth, 3_000), (weth, dai, 1), (dai, weth, 3_000)]
}

/// What the better pool of two tokens pays, by Uniswap's own quoter.
async fn quoters_own(desk: &Desk, sell: &Token, buy: &Token, amount_in: U256) -> U256 {
    let mut best = U256::ZERO;
    for fee in V4_FEES {
        let params = V4Quoter::QuoteExactSingleParams {
            poolKey: World::v4_pool(sell, buy, fee),
            zeroForOne: sell.address < buy.address,
            exactAmount: amount_in.to(),
            hookData: Bytes::new(),
        };
        let call = V4Quoter::quoteExactInputSingleCall { params };
        let quoted = desk.node.rpc.eth_call(desk.node.world.uniswap_v4.quoter, &call).await.unwrap();
        best = best.max(quoted.amountOut);
    }
    best
}

async fn balances(desk: &Desk, sell: &Token, buy: &Token) -> (U256, U256) {
    let of = async |token: &Token| {
        desk.node.rpc.erc20_balance(token.address, desk.node.world.trader).await.unwrap()
    };
    (of(sell).await, of(buy).await)
}

#[tokio::test]
async fn quotes_are_the_quoters_own_and_are_received_in_both_directions_and_any_size() {
    let desk = Desk::open().await;
    for (sell, buy, unit) in pairs(&desk.node.world) {
        let unit = sell.units(unit);
        for amount_in in [unit / U256::from(1_000), unit, unit * U256::from(150) + U256::from(7)] {
            let own = quoters_own(&desk, sell, buy, amount_in).await;
            let quote = desk.quote(V4, &sell.symbol, &buy.symbol, amount_in).await.unwrap();
            assert_eq!(quote.amount_out, Amount(own), "{amount_in} {}", sell.symbol);
            let request = desk.to_build(&sell.symbol, &buy.symbol, amount_in, &quote);
            let swap = desk.swap(V4, request).await;
            let before = balances(&desk, sell, buy).await;
            desk.perform(swap).await;
            let after = balances(&desk, sell, buy).await;
            assert_eq!((before.0 - after.0, after.1 - before.1), (amount_in, own));
        }
    }
}

/// Liquidity over the whole range is a constant product: a trade of a after fees loses a / (x + a) of the price.
#[tokio::test]
async fn impact_is_that_of_the_pools_depth_whatever_its_fee() {
    let desk = Desk::open().await;
    let weth = &desk.node.world.weth;
    let quote = desk.quote(V4, "WETH", "USDC", weth.units(500)).await.unwrap();
    let (taken, depth) = (500 * 9_995, 50_000 * 10_000);
    let expected = taken * 1_000_000 / (depth + taken);
    let impact = u64::from(quote.price_impact_ppm.unwrap());
    assert!(impact.abs_diff(expected) <= 1, "{impact}, expected {expected}");
}

/// Grants what a build asks for, and tells to whom.
async fn grant(desk: &Desk, request: &BuildRequest) -> Option<Address> {
    let Build::Approve(approval) = desk.build(V4, request.clone()).await else {
        return None;
    };
    assert_eq!(approval.token, request.token_in.symbol);
    desk.perform(approval.payload).await;
    Some(approval.spender.parse().unwrap())
}

async fn one_weth(desk: &Desk) -> BuildRequest {
    let amount_in = desk.node.world.weth.units(1);
    let quote = desk.quote(V4, "WETH", "USDC", amount_in).await.unwrap();
    desk.to_build("WETH", "USDC", amount_in, &quote)
}

#[tokio::test]
async fn the_token_lets_permit2_take_it_and_permit2_the_router_once_and_without_a_limit() {
    let desk = Desk::open().await;
    let (request, v4) = (one_weth(&desk).await, &desk.node.world.uniswap_v4);
    assert_eq!(grant(&desk, &request).await, Some(v4.permit2));
    assert_eq!(grant(&desk, &request).await, Some(v4.router));
    let more = BuildRequest { amount_in: Amount(desk.node.world.weth.units(900)), ..request };
    let Build::Swap { payload } = desk.build(V4, more.clone()).await else {
        panic!("everything is granted");
    };
    let swap: serde_json::Value = payload.read().unwrap();
    assert_eq!(swap["spends"]["spender"], serde_json::json!(v4.permit2));
    desk.perform(payload).await;
    assert_eq!(grant(&desk, &one_weth(&desk).await).await, None, "it is not used up");
}

#[tokio::test]
async fn a_leave_of_permit2_that_is_too_small_or_ends_too_early_is_asked_for_again() {
    let desk = Desk::open().await;
    let request = one_weth(&desk).await;
    let (units, deadline) = (request.amount_in.0.to::<U160>(), U48::from(request.deadline));
    while grant(&desk, &request).await.is_some() {}
    let cases = [
        ((units - U160::from(1), U48::MAX), false),
        ((units, deadline - U48::from(1)), false),
        ((units, deadline), true),
    ];
    let World { uniswap_v4: v4, weth, trader, .. } = &desk.node.world;
    for ((amount, expiration), enough) in cases {
        let limit = Permit2::approveCall { token: weth.address, spender: v4.router, amount, expiration };
        let limited = desk.node.rpc.execute(&TxRequest::call(*trader, v4.permit2, &limit)).await.unwrap();
        assert!(limited.succeeded());
        assert_eq!(grant(&desk, &request).await.is_none(), enough, "{amount} until {expiration}");
    }
}

/// The reason that a transaction in a block was undone for.
async fn undone(desk: &Desk, prepared: &Prepared) -> String {
    assert_eq!(desk.send(prepared).await, SendOutcome::Accepted);
    desk.settle(prepared).await;
    let TxStatus::Reverted { reason, .. } = desk.received(prepared, "USDC").await else {
        panic!("it should revert");
    };
    reason
}

async fn prepare(desk: &Desk, swap: Payload) -> Prepared {
    let payload = desk.estimate(swap).await.unwrap();
    desk.prepare(payload, desk.sequence().await).await.unwrap()
}

#[tokio::test]
async fn the_chain_undoes_a_swap_that_would_bring_less_than_asked_for() {
    let desk = Desk::open().await;
    let World { weth, usdc, .. } = &desk.node.world;
    let request = one_weth(&desk).await;
    let swap = desk.swap(V4, request.clone()).await;
    let estimated = desk.estimate(swap).await.unwrap();
    desk.perform(desk.swap(V4, request).await).await;
    let late = desk.prepare(estimated, desk.sequence().await).await.unwrap();
    let before = balances(&desk, weth, usdc).await;
    assert_eq!(undone(&desk, &late).await, "V4TooLittleReceived");
    assert_eq!(balances(&desk, weth, usdc).await, before);
}

#[tokio::test]
async fn the_chain_performs_a_swap_at_its_deadline_and_undoes_it_after_that() {
    const FAR: u64 = 3_000_000_000;
    let desk = Desk::open().await;
    let World { weth, usdc, .. } = &desk.node.world;
    let in_time = BuildRequest { deadline: FAR, ..one_weth(&desk).await };
    let prepared = prepare(&desk, desk.swap(V4, in_time.clone()).await).await;
    let before = balances(&desk, weth, usdc).await;
    desk.node.rpc.set_next_time(FAR).await.unwrap();
    assert_eq!(desk.send(&prepared).await, SendOutcome::Accepted);
    desk.settle(&prepared).await;
    let after = balances(&desk, weth, usdc).await;
    assert_eq!(after.1 - before.1, in_time.min_out.0);

    let too_late = BuildRequest { deadline: FAR + 1_000, ..one_weth(&desk).await };
    let prepared = prepare(&desk, desk.swap(V4, too_late).await).await;
    desk.node.rpc.set_next_time(FAR + 1_001).await.unwrap();
    assert_eq!(undone(&desk, &prepared).await, "TransactionDeadlinePassed");
    assert_eq!(balances(&desk, weth, usdc).await, after);
}

#[tokio::test]
async fn more_than_a_pool_can_count_is_neither_quoted_nor_built() {
    let desk = Desk::open().await;
    let mut request = one_weth(&desk).await;
    request.amount_in = Amount(U256::from(1) << 127);
    let error = desk.venues[V4].build(&ctx(), request).await.unwrap_err();
    assert_eq!(error.kind, orderd_sdk::plugin::ErrorKind::Invalid, "{error}");
}
