//! Which transaction consumed a sequence: proven only by final blocks, and never guessed.

use crate::desk::{Desk, ctx, nothing, open_chain};
use alloy_consensus::{SignableTransaction, TxEip7702, transaction::RlpEcdsaEncodableTx};
use alloy_eips::eip7702::Authorization;
use alloy_primitives::{Address, B256, Bytes, Signature, U256};
use k256::ecdsa::SigningKey;
use orderd_sdk::plugin::{
    CancelRequest, Consumer, ConsumerRequest, ErrorKind, PluginError, Prepared, SendOutcome, TxStatus,
};
use orderd_tests::{AnvilOptions, TxRequest, world::TRADER};
use serde_json::json;

async fn consumer(desk: &Desk, sequence: u64) -> Result<Consumer, PluginError> {
    let address = desk.signer.address.clone();
    desk.chain.consumer(&ctx(), ConsumerRequest { address, sequence }).await
}

/// That this transaction consumed the sequence, in the block that its status names.
async fn assert_consumed_by(desk: &Desk, sequence: u64, prepared: &Prepared) {
    let Ok(Consumer::Consumed { hash, block }) = consumer(desk, sequence).await else {
        panic!("{sequence}: {:?}", consumer(desk, sequence).await);
    };
    assert_eq!(hash, prepared.hash, "{sequence}");
    let status = desk.status(prepared).await;
    let same_block =
        matches!(&status, TxStatus::Succeeded { block: seen, finalized: true, .. } if *seen == block);
    assert!(same_block, "{status:?}");
}

#[tokio::test]
async fn a_sequence_is_open_until_its_block_is_final_and_then_has_its_consumer() {
    let desk = Desk::open().await;
    assert_eq!(consumer(&desk, 0).await, Ok(Consumer::Open), "nothing was ever sent");
    let prepared = desk.perform(nothing(&desk)).await;
    assert_eq!(consumer(&desk, 0).await, Ok(Consumer::Open), "it is in a block, which may be undone");
    desk.node.rpc.mine(2).await.unwrap();
    assert_consumed_by(&desk, 0, &prepared).await;
    assert_eq!(consumer(&desk, 1).await, Ok(Consumer::Open));
}

#[tokio::test]
async fn confirmations_are_the_same_finality_here_as_everywhere() {
    let desk = Desk::open_on(AnvilOptions::default(), json!({"confirmations": 3})).await;
    let prepared = desk.perform(nothing(&desk)).await;
    desk.node.rpc.mine(2).await.unwrap();
    assert_eq!(consumer(&desk, 0).await, Ok(Consumer::Open));
    desk.node.rpc.mine(1).await.unwrap();
    assert_consumed_by(&desk, 0, &prepared).await;
    let settings = json!({"rpc": desk.node.anvil.url(), "chainId": 31_337, "confirmations": 1_000_000});
    let young = open_chain(settings).await;
    let request = ConsumerRequest { address: desk.signer.address.clone(), sequence: 0 };
    assert_eq!(young.consumer(&ctx(), request).await, Ok(Consumer::Open), "nothing is final yet");
}

#[tokio::test]
async fn each_of_several_transactions_in_one_block_has_its_own_sequence() {
    let desk = Desk::open().await;
    desk.node.rpc.set_automine(false).await.unwrap();
    let payload = desk.estimate(nothing(&desk)).await.unwrap();
    let mut sent = Vec::new();
    for sequence in 0..4 {
        let prepared = desk.prepare(payload.clone(), sequence).await.unwrap();
        assert_eq!(desk.send(&prepared).await, SendOutcome::Accepted);
        sent.push(prepared);
    }
    desk.node.rpc.mine(3).await.unwrap();
    for (sequence, prepared) in (0..).zip(&sent) {
        assert_consumed_by(&desk, sequence, prepared).await;
    }
}

#[tokio::test]
async fn it_is_found_however_long_ago_it_was() {
    let desk = Desk::open().await;
    let mut sent = Vec::new();
    for blocks in [1, 2, 5, 37, 260] {
        sent.push(desk.perform(nothing(&desk)).await);
        desk.node.rpc.mine(blocks).await.unwrap();
    }
    for (sequence, prepared) in (0..).zip(&sent) {
        assert_consumed_by(&desk, sequence, prepared).await;
    }
}

/// Somebody else holds the key too.
#[tokio::test]
async fn a_strangers_transaction_at_our_sequence_is_named() {
    let desk = Desk::open().await;
    let payload = desk.estimate(nothing(&desk)).await.unwrap();
    let ours = desk.prepare(payload, 0).await.unwrap();
    let (from, to) = (desk.node.world.trader, Some(desk.node.world.deployer));
    let foreign = TxRequest { from, to, value: U256::from(7), ..TxRequest::default() };
    let receipt = desk.node.rpc.execute(&foreign).await.unwrap();
    desk.node.rpc.mine(2).await.unwrap();
    let Ok(Consumer::Consumed { hash, block }) = consumer(&desk, 0).await else {
        panic!("it is consumed");
    };
    assert_eq!(hash, receipt.transaction_hash.to_string());
    assert_eq!(block.number, receipt.block_number);
    assert_ne!(hash, ours.hash);
    assert_eq!(desk.status(&ours).await, TxStatus::NotFound);
}

#[tokio::test]
async fn what_a_reorganisation_put_in_the_place_of_ours_is_named() {
    let desk = Desk::open().await;
    let first = desk.perform(nothing(&desk)).await;
    desk.node.rpc.set_automine(false).await.unwrap();
    desk.node.rpc.reorg(1).await.unwrap();
    assert_eq!(consumer(&desk, 0).await, Ok(Consumer::Open));
    let replaces = vec![first.raw.clone()];
    let request = CancelRequest { signer: desk.signer.clone(), sequence: 0, replaces };
    let second = desk.chain.cancel(&ctx(), request).await.unwrap();
    assert_eq!(desk.send(&second).await, SendOutcome::Accepted);
    desk.node.rpc.mine(3).await.unwrap();
    assert_consumed_by(&desk, 0, &second).await;
    assert_eq!(desk.status(&first).await, TxStatus::NotFound);
}

#[tokio::test]
async fn where_the_history_is_gone_nothing_is_called_open() {
    let extra = vec!["--prune-history=10".to_owned()];
    let desk = Desk::open_on(AnvilOptions { extra, ..AnvilOptions::default() }, json!({})).await;
    let early = desk.perform(nothing(&desk)).await;
    desk.node.rpc.mine(40).await.unwrap();
    let late = desk.perform(nothing(&desk)).await;
    desk.node.rpc.mine(3).await.unwrap();
    assert!(matches!(desk.status(&early).await, TxStatus::Succeeded { finalized: true, .. }));
    let error = consumer(&desk, 0).await.unwrap_err();
    assert!(error.message.contains("history does not reach back"), "{error}");
    assert_consumed_by(&desk, 1, &late).await;
}

/// The account's own transaction, which also authorizes it to be code: that takes one more sequence, without a
/// transaction.
async fn delegate(desk: &Desk, nonce: u64) -> B256 {
    let key = SigningKey::from_slice(&hex::decode(TRADER.private_key).unwrap()).unwrap();
    let sign = |digest: B256| {
        let (signature, id) = key.sign_prehash_recoverable(digest.as_slice()).unwrap();
        let [r, s] = [signature.r(), signature.s()].map(|scalar| B256::from_slice(&scalar.to_bytes()));
        Signature::from_scalars_and_parity(r, s, id.is_y_odd())
    };
    let chain_id = desk.node.world.chain_id;
    let code = desk.node.world.weth.address;
    let authorization = Authorization { chain_id: U256::from(chain_id), address: code, nonce: nonce + 1 };
    let signature = sign(authorization.signature_hash());
    let transaction = TxEip7702 {
        chain_id,
        nonce,
        gas_limit: 200_000,
        max_fee_per_gas: 100_000_000_000,
        max_priority_fee_per_gas: 1_000_000_000,
        to: Address::repeat_byte(9),
        authorization_list: vec![authorization.into_signed(signature)],
        ..TxEip7702::default()
    };
    let signature = sign(transaction.signature_hash());
    let mut raw = Vec::new();
    transaction.eip2718_encode(&signature, &mut raw);
    desk.node.rpc.send_raw(&Bytes::from(raw)).await.unwrap()
}

#[tokio::test]
async fn a_sequence_that_an_authorization_took_has_no_consumer() {
    let options = AnvilOptions { extra: vec!["--hardfork=prague".to_owned()], ..AnvilOptions::default() };
    let desk = Desk::open_on(options, json!({})).await;
    let by = delegate(&desk, 0).await;
    assert!(desk.node.rpc.wait_for_receipt(by).await.unwrap().succeeded());
    desk.node.rpc.mine(2).await.unwrap();
    assert_eq!(desk.sequence().await, 2, "one for the transaction, one for the authorization");
    let Ok(Consumer::Consumed { hash, .. }) = consumer(&desk, 0).await else {
        panic!("the transaction consumed it");
    };
    assert_eq!(hash, by.to_string());
    let error = consumer(&desk, 1).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Permanent);
    assert!(error.message.contains("EIP-7702"), "{error}");
}

#[tokio::test]
async fn a_node_that_is_gone_leaves_a_sequence_undecided() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let chain = open_chain(json!({"rpc": url, "chainId": 31_337})).await;
    let request = ConsumerRequest { address: TRADER.address.to_string(), sequence: 0 };
    assert!(chain.consumer(&ctx(), request).await.unwrap_err().is_transient());
}
