//! Two transactions at one sequence: the later one has to outbid the earlier, and only one takes effect.

use crate::desk::{Desk, ctx, open_chain};
use alloy_consensus::{TxEip1559, transaction::RlpEcdsaDecodableTx};
use orderd_sdk::plugin::{
    self, BumpRequest, CancelRequest, Context, ErrorKind, HexBytes, PluginError, Prepared, SendOutcome,
    TxStatus,
};
use orderd_tests::AnvilOptions;
use serde_json::json;
use std::{sync::Arc, time::Duration};

async fn cancel(desk: &Desk, sequence: u64, replaces: Vec<HexBytes>) -> Prepared {
    let request = CancelRequest { signer: desk.signer.clone(), sequence, replaces };
    desk.chain.cancel(&ctx(), request).await.unwrap()
}

async fn bump(desk: &Desk, sequence: u64, replaces: Vec<HexBytes>) -> Result<Prepared, PluginError> {
    let request = BumpRequest { signer: desk.signer.clone(), sequence, replaces };
    desk.chain.bump(&ctx(), request).await
}

fn read(prepared: &Prepared) -> TxEip1559 {
    TxEip1559::eip2718_decode(&mut prepared.raw.0.as_slice()).unwrap().strip_signature()
}

/// Another instance of the chain, which has not seen the market yet: what the desk's own saw counts as now for a while.
async fn afresh(desk: &Desk, max_fee_gwei: &str) -> Arc<dyn plugin::Chain> {
    open_chain(json!({"rpc": desk.node.anvil.url(), "chainId": 31_337, "maxFeeGwei": max_fee_gwei})).await
}

/// A swap that waits in the pool.
async fn waiting_swap(desk: &Desk) -> Prepared {
    let amount_in = desk.node.world.weth.units(1);
    let quote = desk.quote("uniswap-v2", "WETH", "USDC", amount_in).await.unwrap();
    let swap = desk.swap("uniswap-v2", desk.to_build("WETH", "USDC", amount_in, &quote)).await;
    desk.node.rpc.set_automine(false).await.unwrap();
    let prepared = desk.submit(swap).await;
    assert_eq!(desk.status(&prepared).await, TxStatus::Pending);
    prepared
}

/// Makes an empty block of this base fee. Anvil would throw away what waits and bids less; what has no room in a block
/// it leaves alone.
async fn mine_past_it(desk: &Desk, base_fee: u64) {
    let rpc = &desk.node.rpc;
    rpc.set_next_base_fee(base_fee).await.unwrap();
    rpc.set_block_gas_limit(21_000).await.unwrap();
    rpc.mine(1).await.unwrap();
    rpc.set_block_gas_limit(30_000_000).await.unwrap();
}

#[tokio::test]
async fn a_cancellation_takes_the_place_of_a_waiting_swap() {
    let desk = Desk::open().await;
    let swap = waiting_swap(&desk).await;
    let cancellation = cancel(&desk, 1, vec![swap.raw.clone()]).await;
    assert_eq!(desk.send(&cancellation).await, SendOutcome::Accepted);
    desk.node.rpc.mine(3).await.unwrap();
    assert!(matches!(
        desk.received(&cancellation, "USDC").await,
        TxStatus::Succeeded { finalized: true, .. }
    ));
    assert_eq!(desk.status(&swap).await, TxStatus::NotFound);
    assert_eq!(desk.sequence().await, 2);
}

#[tokio::test]
async fn a_cancellation_outbids_another_cancellation() {
    let desk = Desk::open().await;
    let swap = waiting_swap(&desk).await;
    let first = cancel(&desk, 1, vec![swap.raw.clone()]).await;
    assert_eq!(desk.send(&first).await, SendOutcome::Accepted);
    let second = cancel(&desk, 1, vec![swap.raw.clone(), first.raw.clone()]).await;
    assert_eq!(desk.send(&second).await, SendOutcome::Accepted);
    desk.node.rpc.mine(1).await.unwrap();
    assert!(matches!(desk.status(&second).await, TxStatus::Succeeded { .. }));
}

#[tokio::test]
async fn who_does_not_outbid_is_certainly_not_sent() {
    let desk = Desk::open().await;
    waiting_swap(&desk).await;
    let same_fees = cancel(&desk, 1, Vec::new()).await;
    let outcome = desk.send(&same_fees).await;
    assert!(
        matches!(&outcome, SendOutcome::NotSent { reason } if reason.contains("underpriced")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_swap_that_bids_too_little_is_bumped_and_included() {
    let desk = Desk::open().await;
    let swap = waiting_swap(&desk).await;
    let base_fee = 5 * u64::try_from(read(&swap).max_fee_per_gas).unwrap();
    mine_past_it(&desk, base_fee).await;
    assert_eq!(desk.status(&swap).await, TxStatus::Pending, "it is stuck");
    let request = BumpRequest { signer: desk.signer.clone(), sequence: 1, replaces: vec![swap.raw.clone()] };
    let bumped = afresh(&desk, "500").await.bump(&ctx(), request).await.unwrap();
    assert!(read(&bumped).max_fee_per_gas >= u128::from(base_fee));
    assert_eq!(desk.send(&bumped).await, SendOutcome::Accepted);
    desk.node.rpc.mine(1).await.unwrap();
    let status = desk.received(&bumped, "USDC").await;
    assert!(
        matches!(&status, TxStatus::Succeeded { received: Some(usdc), .. } if !usdc.is_zero()),
        "{status:?}"
    );
    assert_eq!(desk.status(&swap).await, TxStatus::NotFound);
    assert_eq!(desk.sequence().await, 2);
}

#[tokio::test]
async fn a_bump_changes_the_fees_and_nothing_else() {
    let desk = Desk::open().await;
    let swap = waiting_swap(&desk).await;
    let bumped = bump(&desk, 1, vec![swap.raw.clone()]).await.unwrap();
    let (before, after) = (read(&swap), read(&bumped));
    assert!(after.max_fee_per_gas >= before.max_fee_per_gas * 9 / 8);
    assert!(after.max_priority_fee_per_gas >= before.max_priority_fee_per_gas * 9 / 8);
    let TxEip1559 { max_fee_per_gas, max_priority_fee_per_gas, .. } = before;
    assert_eq!(TxEip1559 { max_fee_per_gas, max_priority_fee_per_gas, ..after }, before);
}

#[tokio::test]
async fn a_bump_outbids_a_bump_and_the_node_takes_each_in_the_place_of_the_last() {
    let desk = Desk::open().await;
    let mut signed = vec![waiting_swap(&desk).await];
    for _ in 0..5 {
        let earlier = signed.iter().map(|prepared| prepared.raw.clone()).collect();
        let bumped = bump(&desk, 1, earlier).await.unwrap();
        assert_eq!(desk.send(&bumped).await, SendOutcome::Accepted);
        signed.push(bumped);
        assert_eq!(desk.node.rpc.waiting_transactions().await.unwrap(), 1);
    }
    desk.node.rpc.mine(1).await.unwrap();
    let last = signed.pop().unwrap();
    let status = desk.received(&last, "USDC").await;
    assert!(matches!(status, TxStatus::Succeeded { .. }), "{status:?}");
    for replaced in &signed {
        assert_eq!(desk.status(replaced).await, TxStatus::NotFound);
        assert!(!matches!(desk.send(replaced).await, SendOutcome::Accepted), "its place is taken for good");
    }
}

/// Whoever asks last wins, and the other is without effect.
#[tokio::test]
async fn a_bump_and_a_cancellation_outbid_each_other() {
    let desk = Desk::open().await;
    let swap = waiting_swap(&desk).await;
    let bumped = bump(&desk, 1, vec![swap.raw.clone()]).await.unwrap();
    assert_eq!(desk.send(&bumped).await, SendOutcome::Accepted);
    let earlier = vec![swap.raw.clone(), bumped.raw.clone()];
    let cancellation = cancel(&desk, 1, earlier).await;
    assert_eq!(desk.send(&cancellation).await, SendOutcome::Accepted);
    let late = desk.send(&bumped).await;
    assert!(matches!(late, SendOutcome::NotSent { .. }), "{late:?}");
    let earlier = vec![cancellation.raw.clone(), swap.raw.clone()];
    let again = bump(&desk, 1, earlier).await.unwrap();
    assert_eq!(read(&again).input, read(&swap).input, "it repeats the last one it was told of");
    assert_eq!(desk.send(&again).await, SendOutcome::Accepted);
    desk.node.rpc.mine(1).await.unwrap();
    assert!(matches!(desk.received(&again, "USDC").await, TxStatus::Succeeded { .. }));
    for loser in [&swap, &bumped, &cancellation] {
        assert_eq!(desk.status(loser).await, TxStatus::NotFound);
    }
}

#[tokio::test]
async fn nothing_is_bumped_or_cancelled_above_the_cap() {
    let desk = Desk::open_on(AnvilOptions::default(), json!({"maxFeeGwei": "4"})).await;
    let mut earlier = vec![waiting_swap(&desk).await.raw];
    let refused = loop {
        match bump(&desk, 1, earlier.clone()).await {
            Ok(bumped) => {
                assert!(read(&bumped).max_fee_per_gas <= 4_000_000_000);
                earlier.push(bumped.raw);
            }
            Err(error) => break error,
        }
    };
    assert_eq!(refused.kind, ErrorKind::Permanent, "{refused}");
    assert!(refused.message.contains("raise maxFeeGwei"), "{refused}");
    let request = CancelRequest { signer: desk.signer.clone(), sequence: 1, replaces: earlier };
    let refused = desk.chain.cancel(&ctx(), request).await.unwrap_err();
    assert!(refused.message.contains("raise maxFeeGwei"), "{refused}");
}

#[tokio::test]
async fn while_the_market_is_above_the_cap_a_bump_is_refused_for_now_and_a_cancellation_is_not() {
    let desk = Desk::open().await;
    let swap = waiting_swap(&desk).await;
    mine_past_it(&desk, 51_000_000_000).await;
    let chain = afresh(&desk, "50").await;
    let (signer, replaces) = (desk.signer.clone(), vec![swap.raw.clone()]);
    let request = BumpRequest { signer: signer.clone(), sequence: 1, replaces: replaces.clone() };
    let refused = chain.bump(&ctx(), request).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Transient, "{refused}");
    assert!(refused.message.contains("raise maxFeeGwei"), "{refused}");
    let request = CancelRequest { signer, sequence: 1, replaces };
    let cancellation = read(&chain.cancel(&ctx(), request).await.unwrap());
    assert!(cancellation.max_fee_per_gas >= read(&swap).max_fee_per_gas * 9 / 8);
}

/// A node that answers nobody is asked for half of the time; then outbidding has to do.
#[tokio::test]
async fn a_node_that_does_not_answer_does_not_hold_a_bump_up() {
    let desk = Desk::open().await;
    let swap = waiting_swap(&desk).await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let chain = open_chain(json!({"rpc": url, "chainId": 31_337})).await;
    let request = BumpRequest { signer: desk.signer.clone(), sequence: 1, replaces: vec![swap.raw.clone()] };
    let bumped = chain.bump(&Context::within(Duration::from_secs(4)), request).await.unwrap();
    let fee = read(&swap).max_fee_per_gas;
    assert_eq!(read(&bumped).max_fee_per_gas, fee + fee.div_ceil(8), "it outbids, and asks for no more");
    assert_eq!(desk.send(&bumped).await, SendOutcome::Accepted);
}

#[tokio::test]
async fn what_is_of_another_sequence_or_chain_or_unreadable_cannot_be_replaced() {
    let desk = Desk::open().await;
    let swap = waiting_swap(&desk).await;
    let other = open_chain(json!({"rpc": desk.node.anvil.url(), "chainId": 5})).await;
    let garbage = HexBytes(vec![2, 1]);
    let cases = [
        (&desk.chain, 2, vec![swap.raw.clone()]),
        (&desk.chain, 1, vec![swap.raw.clone(), garbage.clone()]),
        (&desk.chain, 1, vec![garbage, swap.raw.clone()]),
        (&other, 1, vec![swap.raw.clone()]),
    ];
    for (chain, sequence, replaces) in cases {
        let signer = desk.signer.clone();
        let request = BumpRequest { signer: signer.clone(), sequence, replaces: replaces.clone() };
        assert_eq!(chain.bump(&ctx(), request).await.unwrap_err().kind, ErrorKind::Invalid);
        let request = CancelRequest { signer, sequence, replaces };
        assert_eq!(chain.cancel(&ctx(), request).await.unwrap_err().kind, ErrorKind::Invalid);
    }
    assert_eq!(bump(&desk, 1, Vec::new()).await.unwrap_err().kind, ErrorKind::Invalid);
}
