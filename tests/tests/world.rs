//! The test market: what is deployed, what each exchange pays, and that worlds keep out of each other's way.

use alloy_primitives::{Address, U256};
use orderd_tests::{
    BlockTag, Chain, Token, TxRequest, Venue, World,
    contracts::Erc20,
    history::{sent_by, successful_swaps},
    swaps::swaps,
    world::{Funds, TRADER},
};

async fn boot() -> Chain {
    World::boot().await.unwrap_or_else(|error| panic!("{error:#}"))
}

fn one_weth(world: &World) -> U256 {
    world.weth.units(1)
}

#[tokio::test]
async fn tokens_have_their_decimals() {
    let Chain { rpc, world, anvil: _node } = boot().await;
    for token in world.tokens() {
        let decimals = rpc.eth_call(token.address, &Erc20::decimalsCall {}).await.unwrap();
        assert_eq!(decimals, token.decimals, "{}", token.symbol);
    }
    assert_eq!((world.weth.decimals, world.usdc.decimals, world.dai.decimals), (18, 6, 18));
}

#[tokio::test]
async fn the_trader_has_money_and_nothing_else() {
    let Chain { rpc, world, anvil: _node } = boot().await;
    let Funds { ether, weth, usdc, dai } = Funds::default();
    assert_eq!(world.trader, TRADER.address);
    assert_eq!(rpc.balance(world.trader).await.unwrap(), world.weth.units(ether));
    for (token, whole) in [(&world.weth, weth), (&world.usdc, usdc), (&world.dai, dai)] {
        let held = rpc.erc20_balance(token.address, world.trader).await.unwrap();
        assert_eq!(held, token.units(whole), "{}", token.symbol);
        for venue in Venue::ALL {
            let allowance = world.allowance(&rpc, world.trader, token, venue).await.unwrap();
            assert_eq!(allowance, U256::ZERO, "{} on {venue:?}", token.symbol);
        }
    }
    assert_eq!(rpc.transaction_count(world.trader, BlockTag::Latest).await.unwrap(), 0);
}

/// For each trade the exchanges are in a known order, each at least 0.05 % better than the next.
#[tokio::test]
async fn each_exchange_is_the_best_one_for_some_trade() {
    use Venue::{Sushiswap, UniswapV2, UniswapV3};
    let Chain { rpc, world, anvil: _node } = boot().await;
    let (weth, usdc, dai) = (&world.weth, &world.usdc, &world.dai);
    let expected = [
        ((weth, usdc), weth.units(1), [Sushiswap, UniswapV3, UniswapV2]),
        ((usdc, weth), usdc.units(3_000), [UniswapV2, UniswapV3, Sushiswap]),
        ((weth, dai), weth.units(1), [UniswapV3, UniswapV2, Sushiswap]),
        ((dai, weth), dai.units(3_000), [Sushiswap, UniswapV2, UniswapV3]),
    ];
    for (pair, amount, order) in expected {
        let quotes = world.quotes(&rpc, pair, amount).await.unwrap();
        println!("{} to {}:", pair.0.symbol, pair.1.symbol);
        for quote in &quotes {
            println!("  {:?} pays {} (fee {})", quote.venue, quote.amount_out, quote.fee);
        }
        assert_eq!(quotes.iter().map(|quote| quote.venue).collect::<Vec<_>>(), order);
        for better in quotes.windows(2) {
            let lead = better[0].amount_out - better[1].amount_out;
            assert!(lead * U256::from(2_000) > better[1].amount_out, "too close: {better:?}");
        }
    }
}

#[tokio::test]
async fn each_exchange_pays_what_it_quoted() {
    let Chain { rpc, world, anvil: _node } = boot().await;
    let amount = one_weth(&world);
    for venue in Venue::ALL {
        world.approve(&rpc, world.trader, &world.weth, venue).await.unwrap();
        for token in [&world.usdc, &world.dai] {
            let quote = world.quote(&rpc, venue, (&world.weth, token), amount).await.unwrap();
            let before = rpc.erc20_balance(token.address, world.trader).await.unwrap();
            let hash = world.swap(&rpc, &quote, world.trader).await.unwrap();
            let receipt = rpc.wait_for_receipt(hash).await.unwrap();
            let after = rpc.erc20_balance(token.address, world.trader).await.unwrap();
            println!("{venue:?} WETH to {}: {} gas", token.symbol, receipt.gas_used);
            assert!(receipt.succeeded());
            assert_eq!(after - before, quote.amount_out);
            let [swap] = swaps(&receipt)[..] else { panic!("one swap in {receipt:?}") };
            assert_eq!((swap.amount_in, swap.amount_out), (amount, quote.amount_out));
            assert_eq!(world.venue_of(swap.pool), Some(venue));
        }
    }
}

#[tokio::test]
async fn swaps_are_read_in_both_directions() {
    let Chain { rpc, world, anvil: _node } = boot().await;
    for token in [&world.usdc, &world.dai] {
        for venue in Venue::ALL {
            world.approve(&rpc, world.trader, token, venue).await.unwrap();
            let amount = token.units(3_000);
            let quote = world.quote(&rpc, venue, (token, &world.weth), amount).await.unwrap();
            let hash = world.swap(&rpc, &quote, world.trader).await.unwrap();
            let receipt = rpc.wait_for_receipt(hash).await.unwrap();
            let [swap] = swaps(&receipt)[..] else { panic!("one swap in {receipt:?}") };
            assert_eq!((swap.amount_in, swap.amount_out), (amount, quote.amount_out));
        }
    }
}

#[tokio::test]
async fn two_hundred_orders_hardly_move_the_price() {
    let Chain { rpc, world, anvil: _node } = boot().await;
    let pair = (&world.weth, &world.usdc);
    for venue in Venue::ALL {
        world.approve(&rpc, world.trader, &world.weth, venue).await.unwrap();
        let before = world.quote(&rpc, venue, pair, one_weth(&world)).await.unwrap();
        let all = world.quote(&rpc, venue, pair, world.weth.units(20)).await.unwrap();
        let hash = world.swap(&rpc, &all, world.trader).await.unwrap();
        assert!(rpc.wait_for_receipt(hash).await.unwrap().succeeded());
        let after = world.quote(&rpc, venue, pair, one_weth(&world)).await.unwrap();
        let lost = before.amount_out - after.amount_out;
        assert!(lost * U256::from(500) < before.amount_out, "{venue:?} lost {lost} of {before:?}");
    }
}

#[tokio::test]
async fn a_trade_without_approval_reverts_and_pays_nothing() {
    let Chain { rpc, world, anvil: _node } = boot().await;
    let pair = (&world.weth, &world.usdc);
    let quote = world.quote(&rpc, Venue::UniswapV3, pair, one_weth(&world)).await.unwrap();
    let before = rpc.erc20_balance(world.weth.address, world.trader).await.unwrap();
    let hash = world.swap(&rpc, &quote, world.trader).await.unwrap();
    let receipt = rpc.wait_for_receipt(hash).await.unwrap();
    assert!(!receipt.succeeded());
    assert_eq!(swaps(&receipt), []);
    assert_eq!(rpc.erc20_balance(world.weth.address, world.trader).await.unwrap(), before);
    assert_eq!(successful_swaps(&rpc, world.trader).await.unwrap(), 0);
}

#[tokio::test]
async fn the_history_tells_trades_from_other_transactions() {
    let Chain { rpc, world, anvil: _node } = boot().await;
    let approval = world.approve(&rpc, world.trader, &world.weth, Venue::UniswapV2).await.unwrap();
    let pair = (&world.weth, &world.usdc);
    let quote = world.quote(&rpc, Venue::UniswapV2, pair, one_weth(&world)).await.unwrap();
    let swap = world.swap(&rpc, &quote, world.trader).await.unwrap();
    rpc.wait_for_receipt(swap).await.unwrap();

    let sent = sent_by(&rpc, world.trader).await.unwrap();
    let hashes: Vec<_> = sent.iter().map(|sent| (sent.nonce, sent.hash)).collect();
    assert_eq!(hashes, [(0, approval.transaction_hash), (1, swap)]);
    assert_eq!(successful_swaps(&rpc, world.trader).await.unwrap(), 1);
}

#[tokio::test]
async fn another_account_can_be_given_money() {
    let Chain { rpc, world, anvil: _node } = boot().await;
    let somebody = Address::repeat_byte(0x42);
    world.fund(&rpc, somebody, Funds { ether: 3, weth: 2, usdc: 7, dai: 0 }).await.unwrap();
    assert_eq!(rpc.balance(somebody).await.unwrap(), world.weth.units(3));
    assert_eq!(rpc.erc20_balance(world.weth.address, somebody).await.unwrap(), world.weth.units(2));
    assert_eq!(rpc.erc20_balance(world.usdc.address, somebody).await.unwrap(), world.usdc.units(7));
    assert_eq!(rpc.erc20_balance(world.dai.address, somebody).await.unwrap(), U256::ZERO);
}

#[tokio::test]
async fn the_deflating_token_arrives_with_a_loss() {
    let Chain { rpc, world, anvil: _node } = boot().await;
    let Token { address, .. } = world.deflating;
    let to = Address::repeat_byte(0x42);
    let transfer = Erc20::transferCall { to, amount: world.deflating.units(100) };
    let receipt = rpc.execute(&TxRequest::call(world.deployer, address, &transfer)).await.unwrap();
    assert!(receipt.succeeded());
    assert_eq!(rpc.erc20_balance(address, to).await.unwrap(), world.deflating.units(99));
}

#[tokio::test]
async fn two_worlds_do_not_disturb_each_other() {
    let (one, other) = tokio::join!(boot(), boot());
    assert_eq!(one.world, other.world);
    assert_ne!(one.anvil.port(), other.anvil.port());
    one.world.approve(&one.rpc, one.world.trader, &one.world.weth, Venue::Sushiswap).await.unwrap();
    let count = async |chain: &Chain| {
        chain.rpc.transaction_count(chain.world.trader, BlockTag::Latest).await.unwrap()
    };
    assert_eq!((count(&one).await, count(&other).await), (1, 0));
}

/// Code that confuses a pool's two sides is found by one of the two dollars.
#[tokio::test]
async fn weth_is_the_first_token_of_one_pool_and_the_second_of_another() {
    let Chain { world, .. } = boot().await;
    assert!(world.dai.address < world.weth.address);
    assert!(world.weth.address < world.usdc.address);
}

#[tokio::test]
async fn a_world_survives_json() {
    let Chain { world, .. } = boot().await;
    let text = serde_json::to_string(&world).unwrap();
    assert_eq!(serde_json::from_str::<World>(&text).unwrap(), world);
}

/// A node that loads a state knows older blocks' accounts only when the dump kept the history.
#[tokio::test]
async fn finality_works_from_the_first_block_on() {
    let Chain { rpc, world, anvil: _node } = boot().await;
    world.approve(&rpc, world.trader, &world.weth, Venue::UniswapV2).await.unwrap();
    let count = async |tag| rpc.transaction_count(world.trader, tag).await.unwrap();
    assert_eq!((count(BlockTag::Latest).await, count(BlockTag::Finalized).await), (1, 0));
    rpc.mine(2).await.unwrap();
    assert_eq!(count(BlockTag::Finalized).await, 1);
}
