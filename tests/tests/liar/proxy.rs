//! The proxy itself: what a caller sees of each fault, and of what the node has heard.

use alloy_primitives::{B256, U256};
use anyhow::{Result, ensure};
use orderd_tests::{
    Anvil, AnvilOptions, BlockTag, Liar, Mining, Rpc, RpcError, TxRequest,
    http::Http,
    liar::{Calls, Fault, Reach, Times},
    world::{DEPLOYER, TRADER},
};
use serde_json::{Value, json};
use std::pin::pin;

struct Stage {
    _node: Anvil,
    node: Rpc,
    liar: Liar,
    through: Rpc,
}

impl Stage {
    async fn open() -> Result<Self> {
        let options = AnvilOptions { mining: Mining::Manual, ..AnvilOptions::default() };
        let anvil = Anvil::start(&options).await?;
        let liar = Liar::before(&anvil.url()).await?;
        Ok(Self { node: anvil.rpc(), through: Rpc::new(&liar.url())?, liar, _node: anvil })
    }

    /// Has the node send a wei, through the proxy.
    async fn give(&self) -> Result<B256, RpcError> {
        let gift = TxRequest {
            from: TRADER.address,
            to: Some(DEPLOYER),
            value: U256::from(1),
            ..TxRequest::default()
        };
        self.through.send(&gift).await
    }

    async fn sequence(&self, tag: BlockTag) -> Result<u64, RpcError> {
        self.through.transaction_count(TRADER.address, tag).await
    }
}

const GIVE: Calls = Calls::Of("eth_sendTransaction");

#[tokio::test]
async fn without_rules_everything_passes() -> Result<()> {
    let stage = Stage::open().await?;
    let hash = stage.give().await?;
    stage.through.mine(1).await?;
    assert_eq!(stage.through.receipt(hash).await?, stage.node.receipt(hash).await?);
    let tally = stage.liar.tally();
    assert_eq!((tally.calls("eth_sendTransaction"), tally.faults()), (1, 0));
    let unknown: Result<Value, _> = stage.through.call("eth_nothing", json!([])).await;
    assert!(matches!(unknown, Err(RpcError::Node { .. })), "{unknown:?}");
    Ok(())
}

#[tokio::test]
async fn a_fault_keeps_the_answer_and_lets_the_request_through_or_not() -> Result<()> {
    let stage = Stage::open().await?;
    let mut heard = 0;
    for reach in [Reach::Nobody, Reach::Node] {
        for fault in [
            Fault::Reset(reach),
            Fault::Status(503, reach),
            Fault::Html(reach),
            Fault::Refused(-32_000, "no", reach),
        ] {
            stage.liar.on(GIVE, Times::First(1), fault.clone());
            let answer = stage.give().await;
            ensure!(answer.is_err(), "{fault:?}: {answer:?}");
            heard += u64::from(reach == Reach::Node);
            let waiting = stage.node.waiting_transactions().await?;
            ensure!(waiting == heard, "{fault:?}: {waiting} in place of {heard}");
            stage.liar.be_honest();
        }
    }
    let by_fault = [("html", 2), ("refused", 2), ("reset", 2), ("status", 2)];
    ensure!(stage.liar.tally().by_fault().iter().map(|(name, count)| (*name, *count)).eq(by_fault));
    Ok(())
}

#[tokio::test]
async fn distorted_answers_are_no_answers() -> Result<()> {
    let stage = Stage::open().await?;
    for fault in [Fault::Truncated, Fault::Null, Fault::Missing] {
        let rule = stage.liar.on(GIVE, Times::Always, fault.clone());
        let answer = stage.give().await;
        ensure!(matches!(answer, Err(RpcError::Shape { .. })), "{fault:?}: {answer:?}");
        stage.liar.off(rule);
    }
    assert_eq!(stage.node.waiting_transactions().await?, 3, "the node did as it was told");
    Ok(())
}

#[tokio::test]
async fn the_answers_of_a_batch_can_be_shuffled_thinned_and_misnamed() -> Result<()> {
    let stage = Stage::open().await?;
    let chain_id = Calls::Of("eth_chainId");
    let cases = [
        (Calls::Any, Fault::Shuffled, json!([3, 2, 1])),
        (chain_id, Fault::Missing, json!([1, 3])),
        (chain_id, Fault::Foreign, json!([1, "nobody's", 3])),
        (chain_id, Fault::Refused(-1, "no", Reach::Nobody), json!([1, 2, 3])),
    ];
    for (calls, fault, expected) in cases {
        let rule = stage.liar.on(calls, Times::Always, fault.clone());
        let call = |(id, method)| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": [] });
        let batch: Value =
            [(1, "eth_blockNumber"), (2, "eth_chainId"), (3, "eth_gasPrice")].map(call).into_iter().collect();
        let answers = Http::new(&stage.liar.url()).post("", &batch.to_string()).await?.body;
        let ids: Value =
            answers.as_array().into_iter().flatten().map(|answer| answer["id"].clone()).collect();
        ensure!(ids == expected, "{fault:?}: {answers}");
        let refused =
            answers.as_array().is_some_and(|all| all.iter().any(|answer| answer["error"].is_object()));
        ensure!(refused == matches!(fault, Fault::Refused(..)), "{fault:?}: {answers}");
        stage.liar.off(rule);
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_can_be_overtaken_by_a_later_one() -> Result<()> {
    let stage = Stage::open().await?;
    stage.liar.on(Calls::Of("eth_blockNumber"), Times::Nth(1), Fault::Overtaken);
    let mut first = pin!(stage.through.block_number());
    let second = async {
        stage.liar.until(|tally| tally.by_fault().contains_key("overtaken")).await?;
        anyhow::Ok(stage.through.block_number().await?)
    };
    tokio::select! {
        biased;
        second = second => assert_eq!(second?, 0),
        first = &mut first => anyhow::bail!("the first answer came first: {first:?}"),
    }
    first.await?;
    Ok(())
}

#[tokio::test]
async fn a_request_can_be_doubled_and_an_answer_held_back() -> Result<()> {
    let stage = Stage::open().await?;
    stage.liar.on(GIVE, Times::Nth(1), Fault::Twice);
    let rule = stage.liar.on(GIVE, Times::Nth(2), Fault::Held);
    stage.give().await?;
    assert_eq!(stage.node.waiting_transactions().await?, 2);
    let release = async {
        stage.liar.until(|tally| tally.by_fault().contains_key("held")).await?;
        stage.liar.off(rule);
        anyhow::Ok(())
    };
    let (held, released) = tokio::join!(stage.give(), release);
    released?;
    held?;
    assert_eq!(stage.node.waiting_transactions().await?, 3);
    Ok(())
}

#[tokio::test]
async fn a_node_that_lags_is_an_honest_one_of_some_blocks_ago() -> Result<()> {
    let stage = Stage::open().await?;
    let early = stage.give().await?;
    stage.node.mine(5).await?;
    let late = stage.give().await?;
    stage.node.mine(1).await?;
    let balance = stage.node.balance(DEPLOYER).await?;

    let rule = stage.liar.on(Calls::Any, Times::Always, Fault::Stale(1));
    assert_eq!(stage.through.block_number().await?, 5);
    assert_eq!((stage.sequence(BlockTag::Latest).await?, stage.sequence(BlockTag::Finalized).await?), (1, 1));
    assert_eq!(stage.through.balance(DEPLOYER).await?, balance - U256::from(1));
    assert!(stage.through.receipt(early).await?.is_some());
    assert_eq!(stage.through.receipt(late).await?, None);
    let above: Value = stage.through.call("eth_getBlockByNumber", ("0x6", false)).await?;
    assert_eq!(above, Value::Null);

    stage.liar.off(rule);
    assert_eq!(stage.sequence(BlockTag::Latest).await?, 2);
    assert!(stage.through.receipt(late).await?.is_some());
    Ok(())
}

#[tokio::test]
async fn a_hidden_transaction_is_found_in_its_block_alone() -> Result<()> {
    let stage = Stage::open().await?;
    let hash = stage.give().await?;
    stage.node.mine(1).await?;
    stage.liar.on(Calls::Any, Times::Always, Fault::Hidden(vec![hash]));
    stage.liar.on(Calls::Any, Times::Always, Fault::Hasty);
    assert_eq!(stage.through.receipt(hash).await?, None);
    let found: Value = stage.through.call("eth_getTransactionByHash", (hash,)).await?;
    assert_eq!(found, Value::Null);
    let block: Value = stage.through.call("eth_getBlockByNumber", ("0x1", false)).await?;
    assert_eq!(block["transactions"], json!([hash]));
    assert_eq!(stage.sequence(BlockTag::Finalized).await?, 1, "said to be final");
    assert_eq!(stage.node.transaction_count(TRADER.address, BlockTag::Finalized).await?, 0);
    Ok(())
}
