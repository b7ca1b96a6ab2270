//! The test node: its options, its life as a process, and what tests can make it do.

use std::time::Duration;

use alloy_primitives::{Address, U256};
use orderd_tests::{
    Anvil, AnvilOptions, BlockTag, Chain, Mining, Rpc, RpcError, TxRequest, Venue, World,
    contracts::Erc20,
    world::{DEPLOYER, TRADER},
};

async fn start(options: AnvilOptions) -> (Anvil, Rpc) {
    let node = Anvil::start(&options).await.unwrap_or_else(|error| panic!("{error}"));
    let rpc = node.rpc();
    (node, rpc)
}

fn one_wei() -> TxRequest {
    TxRequest { from: TRADER.address, to: Some(DEPLOYER), value: U256::from(1), ..TxRequest::default() }
}

async fn count(rpc: &Rpc) -> u64 {
    let count = rpc.transaction_count(TRADER.address, BlockTag::Latest).await;
    count.expect("a node counts an account's transactions")
}

#[tokio::test]
async fn a_manual_node_makes_blocks_only_when_asked() {
    let options = AnvilOptions { mining: Mining::Manual, chain_id: 1_234, ..AnvilOptions::default() };
    let Chain { rpc, world, anvil: _node } = World::boot_with(options).await.unwrap();
    assert_eq!(world.chain_id, 1_234);
    let approve = Erc20::approveCall { spender: world.deployer, amount: U256::from(1) };
    let hash = rpc.send(&TxRequest::call(world.trader, world.weth.address, &approve)).await.unwrap();
    assert_eq!(rpc.receipt(hash).await.unwrap(), None);
    assert_eq!(rpc.waiting_transactions().await.unwrap(), 1);
    rpc.mine(1).await.unwrap();
    assert!(rpc.receipt(hash).await.unwrap().unwrap().succeeded());
}

#[tokio::test]
async fn a_paced_node_makes_blocks_by_itself() {
    let mining = Mining::Every(Duration::from_secs(1));
    let Chain { rpc, world, anvil: _node } =
        World::boot_with(AnvilOptions { mining, ..AnvilOptions::default() }).await.unwrap();
    let receipt = world.approve(&rpc, world.trader, &world.weth, Venue::UniswapV2).await.unwrap();
    assert!(receipt.succeeded());
}

#[tokio::test]
async fn a_taken_port_is_told_with_the_output_of_the_node() {
    let first = Anvil::start(&AnvilOptions::default()).await.unwrap();
    let options = AnvilOptions { port: first.port(), ..AnvilOptions::default() };
    let error = Anvil::start(&options).await.unwrap_err().to_string();
    assert!(error.contains("in use"), "{error}");
}

#[tokio::test]
async fn a_node_goes_on_where_it_was_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let dumping = AnvilOptions { dump_state: Some(state.clone()), ..AnvilOptions::default() };
    let Chain { anvil, rpc, world } = World::boot_with(dumping).await.unwrap();
    world.approve(&rpc, world.trader, &world.weth, Venue::UniswapV2).await.unwrap();
    anvil.stop().await.unwrap();
    rpc.block_number().await.unwrap_err();

    let (_node, again) = start(AnvilOptions { load_state: Some(state), ..AnvilOptions::default() }).await;
    assert_eq!(count(&again).await, 1);
}

#[tokio::test]
async fn a_node_ends_with_its_handle() {
    let node = Anvil::start(&AnvilOptions::default()).await.unwrap();
    let rpc = node.rpc();
    rpc.block_number().await.unwrap();
    drop(node);
    rpc.block_number().await.unwrap_err();
}

#[tokio::test]
async fn a_frozen_node_answers_after_it_resumes() {
    let node = Anvil::start(&AnvilOptions::default()).await.unwrap();
    let rpc = node.rpc();
    node.freeze().unwrap();
    let asked = rpc.block_number();
    tokio::pin!(asked);
    tokio::time::timeout(Duration::from_millis(100), &mut asked).await.unwrap_err();
    node.resume().unwrap();
    asked.await.unwrap();
}

#[tokio::test]
async fn a_reorganisation_takes_transactions_back() {
    let (_node, rpc) = start(AnvilOptions::default()).await;
    let hash = rpc.execute(&one_wei()).await.unwrap().transaction_hash;
    assert_eq!(count(&rpc).await, 1);
    rpc.reorg(1).await.unwrap();
    assert_eq!((count(&rpc).await, rpc.receipt(hash).await.unwrap()), (0, None));
}

#[tokio::test]
async fn a_waiting_transaction_can_be_forgotten() {
    let (_node, rpc) = start(AnvilOptions { mining: Mining::Manual, ..AnvilOptions::default() }).await;
    let hash = rpc.send(&one_wei()).await.unwrap();
    assert_eq!(rpc.waiting_transactions().await.unwrap(), 1);
    rpc.drop_transaction(hash).await.unwrap();
    rpc.mine(1).await.unwrap();
    assert_eq!((count(&rpc).await, rpc.receipt(hash).await.unwrap()), (0, None));
}

#[tokio::test]
async fn a_remembered_state_comes_back() {
    let (_node, rpc) = start(AnvilOptions::default()).await;
    let before = rpc.snapshot().await.unwrap();
    rpc.execute(&one_wei()).await.unwrap();
    assert!(rpc.revert_to(before).await.unwrap());
    assert_eq!(count(&rpc).await, 0);
}

#[tokio::test]
async fn the_base_fee_of_the_next_block_can_be_set() {
    let (_node, rpc) = start(AnvilOptions::default()).await;
    rpc.set_next_base_fee(77_000_000_000).await.unwrap();
    let receipt = rpc.execute(&one_wei()).await.unwrap();
    assert!(receipt.effective_gas_price >= 77_000_000_000, "{receipt:?}");
}

#[tokio::test]
async fn mining_can_be_paced_later() {
    let (_node, rpc) = start(AnvilOptions { mining: Mining::Manual, ..AnvilOptions::default() }).await;
    let hash = rpc.send(&one_wei()).await.unwrap();
    rpc.set_interval_mining(1).await.unwrap();
    assert!(rpc.wait_for_receipt(hash).await.unwrap().succeeded());
}

#[tokio::test]
async fn a_refusal_keeps_the_words_and_the_code_of_the_node() {
    let (_node, rpc) = start(AnvilOptions::default()).await;
    let stranger = TxRequest { from: Address::repeat_byte(0x42), ..one_wei() };
    let error = rpc.send(&stranger).await.unwrap_err();
    let RpcError::Node { method, code, message, .. } = error else { panic!("{error:?}") };
    assert_eq!((method.as_str(), code), ("eth_sendTransaction", -32602), "{message}");
}
