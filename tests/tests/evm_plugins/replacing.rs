//! Two transactions at one sequence: the later one has to outbid the earlier, and only one takes effect.

use crate::desk::{Desk, ctx};
use orderd_sdk::plugin::{CancelRequest, ErrorKind, HexBytes, Prepared, SendOutcome, TxStatus};

async fn cancel(desk: &Desk, sequence: u64, replaces: Vec<HexBytes>) -> Prepared {
    let request = CancelRequest { signer: desk.signer.clone(), sequence, replaces };
    desk.chain.cancel(&ctx(), request).await.unwrap()
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
async fn a_transaction_of_another_sequence_cannot_be_replaced() {
    let desk = Desk::open().await;
    let swap = waiting_swap(&desk).await;
    let request = CancelRequest { signer: desk.signer.clone(), sequence: 2, replaces: vec![swap.raw] };
    let error = desk.chain.cancel(&ctx(), request).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
}
