//! What the chain plugin says of transactions, lanes and balances.

use crate::desk::{Desk, ctx, nothing, open_chain};
use alloy_primitives::U256;
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{
    AddressRequest, BalanceRequest, ErrorKind, HexBytes, LaneRequest, LaneStatus, ReadRequest, SendOutcome,
    StatusRequest, TxQuery, TxStatus,
};
use orderd_tests::AnvilOptions;
use serde_json::{Value, json};

async fn lane(desk: &Desk) -> LaneStatus {
    let address = desk.signer.address.clone();
    desk.chain.lane(&ctx(), LaneRequest { address }).await.unwrap()
}

fn is_final(status: &TxStatus) -> bool {
    matches!(status, TxStatus::Succeeded { finalized: true, .. })
}

#[tokio::test]
async fn a_block_is_final_when_the_node_says_so() {
    let desk = Desk::open().await;
    let prepared = desk.perform(nothing(&desk)).await;
    let before = desk.status(&prepared).await;
    assert!(matches!(before, TxStatus::Succeeded { finalized: false, .. }), "{before:?}");
    assert_eq!(lane(&desk).await, LaneStatus::at(1, 0));
    desk.node.rpc.mine(2).await.unwrap();
    assert!(is_final(&desk.status(&prepared).await));
    assert_eq!(lane(&desk).await, LaneStatus::at(1, 1));
}

#[tokio::test]
async fn a_block_is_final_under_as_many_blocks_as_configured() {
    let desk = Desk::open_on(AnvilOptions::default(), json!({"confirmations": 3})).await;
    let prepared = desk.perform(nothing(&desk)).await;
    desk.node.rpc.mine(2).await.unwrap();
    assert!(!is_final(&desk.status(&prepared).await));
    assert_eq!(lane(&desk).await.finalized, 0);
    desk.node.rpc.mine(1).await.unwrap();
    assert!(is_final(&desk.status(&prepared).await));
    assert_eq!(lane(&desk).await.finalized, 1);
}

#[tokio::test]
async fn on_a_chain_younger_than_the_confirmations_nothing_is_final() {
    let desk = Desk::open_on(AnvilOptions::default(), json!({"confirmations": 1_000_000})).await;
    let prepared = desk.perform(nothing(&desk)).await;
    assert!(!is_final(&desk.status(&prepared).await));
    assert_eq!(lane(&desk).await, LaneStatus::at(1, 0));
}

#[tokio::test]
async fn unknown_waiting_and_included_are_told_apart() {
    let desk = Desk::open().await;
    desk.node.rpc.set_automine(false).await.unwrap();
    let payload = desk.estimate(nothing(&desk)).await.unwrap();
    let prepared = desk.prepare(payload, 0).await.unwrap();
    assert_eq!(desk.status(&prepared).await, TxStatus::NotFound);
    assert_eq!(desk.send(&prepared).await, SendOutcome::Accepted);
    assert_eq!(desk.status(&prepared).await, TxStatus::Pending);
    desk.node.rpc.mine(1).await.unwrap();
    assert!(matches!(desk.status(&prepared).await, TxStatus::Succeeded { .. }));
}

#[tokio::test]
async fn a_transaction_whose_block_is_undone_is_not_called_included() {
    let desk = Desk::open().await;
    let prepared = desk.perform(nothing(&desk)).await;
    desk.node.rpc.reorg(1).await.unwrap();
    assert_eq!(lane(&desk).await.latest, 0);
    let status = desk.status(&prepared).await;
    assert!(matches!(status, TxStatus::NotFound | TxStatus::Pending), "{status:?}");
    assert_eq!(desk.send(&prepared).await, SendOutcome::Accepted);
    desk.settle(&prepared).await;
    assert!(matches!(desk.status(&prepared).await, TxStatus::Succeeded { .. }));
}

#[tokio::test]
async fn a_swap_that_comes_too_late_reverts_with_its_reason() {
    let desk = Desk::open().await;
    let world = &desk.node.world;
    for (venue, other, words) in [
        ("uniswap-v2", orderd_tests::Venue::UniswapV2, "UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT"),
        ("uniswap-v3", orderd_tests::Venue::UniswapV3, "Too little received"),
    ] {
        let amount_in = world.weth.units(1);
        let quote = desk.quote(venue, "WETH", "USDC", amount_in).await.unwrap();
        let swap = desk.swap(venue, desk.to_build("WETH", "USDC", amount_in, &quote)).await;
        let payload = desk.estimate(swap).await.unwrap();
        front_run(&desk, other).await;
        let prepared = desk.prepare(payload, desk.sequence().await).await.unwrap();
        assert_eq!(desk.send(&prepared).await, SendOutcome::Accepted);
        desk.settle(&prepared).await;
        let TxStatus::Reverted { reason, .. } = desk.received(&prepared, "USDC").await else {
            panic!("{venue}: it should revert");
        };
        assert_eq!(reason, words);
    }
}

/// Somebody else takes the price away.
async fn front_run(desk: &Desk, venue: orderd_tests::Venue) {
    let (rpc, world) = (&desk.node.rpc, &desk.node.world);
    world.approve(rpc, world.deployer, &world.weth, venue).await.unwrap();
    let pair = (&world.weth, &world.usdc);
    let quote = world.quote(rpc, venue, pair, world.weth.units(5)).await.unwrap();
    let hash = world.swap(rpc, &quote, world.deployer).await.unwrap();
    assert!(rpc.wait_for_receipt(hash).await.unwrap().succeeded());
}

#[tokio::test]
async fn many_transactions_are_answered_in_their_order() {
    let desk = Desk::open().await;
    let first = desk.perform(nothing(&desk)).await;
    let second = desk.perform(nothing(&desk)).await;
    let missing = format!("0x{}", "7".repeat(64));
    let hashes = [second.hash, missing, first.hash];
    let queries = (0..99).map(|n| TxQuery { hash: hashes[n % 3].clone(), receive: None });
    let queries = queries.collect();
    let statuses = desk.chain.status(&ctx(), StatusRequest { queries }).await.unwrap();
    for (n, status) in statuses.iter().enumerate() {
        assert_eq!(n % 3 == 1, *status == TxStatus::NotFound, "{n}: {status:?}");
    }
}

#[tokio::test]
async fn balances_are_those_of_the_chain() {
    let desk = Desk::open().await;
    let world = &desk.node.world;
    let ask = |token: Option<String>| {
        let address = desk.signer.address.clone();
        let chain = &desk.chain;
        async move { chain.balance(&ctx(), BalanceRequest { address, token }).await }
    };
    assert_eq!(ask(None).await.unwrap(), Amount(world.weth.units(1_000)));
    let usdc = world.usdc.address.to_string();
    assert_eq!(ask(Some(usdc)).await.unwrap(), Amount(world.usdc.units(5_000_000)));
    let error = ask(Some(desk.signer.address.clone())).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Permanent);
}

#[tokio::test]
async fn an_account_has_the_address_of_its_key() {
    let desk = Desk::open().await;
    let key =
        k256::ecdsa::SigningKey::from_slice(&hex::decode(orderd_tests::world::TRADER.private_key).unwrap())
            .unwrap();
    let point = key.verifying_key().to_encoded_point(true);
    let mut request =
        AddressRequest { account: "main".to_owned(), public_key: Some(HexBytes(point.as_bytes().to_vec())) };
    assert_eq!(desk.chain.address(&ctx(), request.clone()).await.unwrap(), desk.signer.address);
    request.public_key = None;
    assert!(desk.chain.address(&ctx(), request).await.is_err());
}

#[tokio::test]
async fn a_node_of_another_chain_is_not_healthy() {
    let desk = Desk::open().await;
    let other = open_chain(json!({"rpc": desk.node.anvil.url(), "chainId": 5})).await;
    let error = other.health(&ctx()).await.unwrap_err();
    assert_eq!(error.message, "the node serves chain 31337, configured is 5");
}

#[tokio::test]
async fn a_read_tells_results_refusals_and_the_price_of_gas() {
    let desk = Desk::open().await;
    let weth = desk.token("WETH").address;
    let balance = format!("0x70a08231{:0>64}", &desk.signer.address[2..]);
    let transfer = format!("0xa9059cbb{:0>64}{:064x}", &desk.signer.address[2..], 1);
    let query = json!({
        "calls": [{"to": weth, "data": balance}, {"to": desk.token("DAI").address, "data": transfer, "from": weth}],
        "gasPrice": true,
    });
    let answer = desk.chain.read(&ctx(), ReadRequest { query: query.into() }).await.unwrap();
    let answer: Value = answer.read().unwrap();
    let thousand = U256::from(1_000) * U256::from(10).pow(U256::from(18));
    assert_eq!(answer["results"][0]["ok"], format!("0x{thousand:064x}"));
    assert_eq!(answer["results"][1]["revert"], "ERC20: transfer amount exceeds balance");
    assert!(answer["results"][1]["data"].as_str().unwrap().starts_with("0x08c379a0"));
    assert!(answer["gasPrice"].as_str().unwrap().parse::<u128>().unwrap() > 0);
    let query = json!({"calls": [], "gas": true});
    let error = desk.chain.read(&ctx(), ReadRequest { query: query.into() }).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
}
