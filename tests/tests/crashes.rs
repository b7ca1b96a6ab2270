//! `kill -9` at random moments under load: no accepted order is lost, none has two effects on the chain, no history
//! has a hole.

use anyhow::{Context as _, Result};
use hyper::StatusCode;
use orderd_sdk::wire::{ExecuteRequest, ExecuteResponse, OrderStatus};
use orderd_tests::{
    AnvilOptions, Daemon, Life, Mining, Site, World,
    history::{sent_by, successful_swaps},
    http::Http,
    market, paper,
    world::TRADER,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{BuildHasher as _, Hasher as _, RandomState},
    time::Duration,
};
use tokio::{task::JoinSet, time::timeout};

const KILLS: u64 = 24;
const ORDERS_PER_LIFE: u64 = 9;
const ENDS: [OrderStatus; 4] =
    [OrderStatus::Finalized, OrderStatus::Failed, OrderStatus::Expired, OrderStatus::Cancelled];

/// What is sold, what is bought, how much.
type Pair = (&'static str, &'static str, &'static str);

const ON_PAPER: [Pair; 2] = [("SOL", "USDC", "1"), ("USDC", "SOL", "150")];
const ON_CHAIN: [Pair; 4] =
    [("WETH", "USDC", "0.1"), ("USDC", "WETH", "250"), ("WETH", "DAI", "0.1"), ("DAI", "WETH", "250")];

/// Numbers that look random and follow from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// What clients know: every key they used, and the order they were told for it.
#[derive(Default)]
struct Ledger {
    unanswered: BTreeSet<u64>,
    accepted: BTreeMap<u64, String>,
}

impl Ledger {
    fn note(&mut self, key: u64, answer: Result<ExecuteResponse>) {
        match answer {
            Ok(accepted) => {
                self.unanswered.remove(&key);
                let known = self.accepted.insert(key, accepted.order_id.clone());
                assert!(known.is_none_or(|known| known == accepted.order_id), "key {key} gave two orders");
            }
            Err(_) => drop(self.unanswered.insert(key)),
        }
    }
}

/// Posts an order under its key, as a client does that does not know whether an earlier try went through.
async fn post(http: Http, pairs: &'static [Pair], key: u64) -> (u64, Result<ExecuteResponse>) {
    let (sold, bought, amount) = pairs[key as usize % pairs.len()];
    let mut order = ExecuteRequest::market(sold, bought, amount);
    order.slippage = Some("5".into());
    let body = serde_json::to_string(&order).expect("an order has string keys only");
    let name = format!("crash-{key}");
    let headers = [("content-type", "application/json"), ("idempotency-key", name.as_str())];
    let answer = match http.request("POST", "/api/orders/execute", &headers, body.as_bytes()).await {
        Ok(reply) if reply.status == StatusCode::ACCEPTED => {
            serde_json::from_value(reply.body).map_err(Into::into)
        }
        Ok(reply) => Err(anyhow::anyhow!("{}: {}", reply.status, reply.body)),
        Err(error) => Err(error),
    };
    (key, answer)
}

/// Kills daemons of this site at random moments, each under new orders, and then lets one finish everything. Checks
/// what holds on any chain: no order is lost, none appears from nowhere, every history is dense and comes to an end.
async fn survive(site: &Site, pairs: &'static [Pair], kills: u64, longest_life_ms: u64) -> Result<Daemon> {
    let seed = RandomState::new().build_hasher().finish();
    let (mut dice, mut ledger) = (Dice(seed), Ledger::default());
    for round in 0..kills {
        let daemon =
            site.start_with(market::give_key).await.with_context(|| format!("seed {seed}, round {round}"))?;
        let mut keys: Vec<_> = (round * ORDERS_PER_LIFE..(round + 1) * ORDERS_PER_LIFE).collect();
        keys.extend(&ledger.unanswered);
        let posts = keys.into_iter().map(|key| post(daemon.http(), pairs, key)).collect();
        live_and_die(daemon, posts, Duration::from_millis(dice.roll(longest_life_ms)), &mut ledger).await?;
    }

    let daemon = site.start_with(market::give_key).await?;
    for key in ledger.unanswered.clone() {
        let (key, answer) = post(daemon.http(), pairs, key).await;
        ledger.note(key, answer);
    }
    assert_eq!(ledger.accepted.len() as u64, kills * ORDERS_PER_LIFE, "seed {seed}: every key got its order");
    for id in ledger.accepted.values() {
        // Following checks that the history has no hole.
        let mut life = Life::follow(daemon.url(), id).await?;
        life.until_any(&ENDS).await.with_context(|| format!("seed {seed}, order {id}"))?;
    }
    let orders = daemon.http().orders().await?;
    let ids: BTreeSet<_> = orders.iter().map(|order| order.id.clone()).collect();
    assert_eq!(
        ids,
        ledger.accepted.values().cloned().collect(),
        "seed {seed}: no order is missing, none appeared"
    );
    let executed: Vec<_> = orders.iter().filter(|order| order.status == OrderStatus::Finalized).collect();
    let hashes: BTreeSet<_> = executed.iter().filter_map(|order| order.tx_hash.as_ref()).collect();
    assert_eq!(hashes.len(), executed.len(), "seed {seed}: one transaction for each order");
    assert!(executed.len() * 10 > orders.len() * 9, "seed {seed}: nearly all succeed");
    Ok(daemon)
}

/// Lets a daemon live for so long under load, and kills it.
async fn live_and_die(
    mut daemon: Daemon,
    mut posts: JoinSet<(u64, Result<ExecuteResponse>)>,
    life: Duration,
    ledger: &mut Ledger,
) -> Result<()> {
    let survived = timeout(life, daemon.ended()).await.is_err();
    assert!(survived, "the daemon ended by itself:\n{}", daemon.log()?);
    daemon.kill().await?;
    while let Some(answer) = posts.join_next().await {
        let (key, answer) = answer?;
        ledger.note(key, answer);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments_every_order_has_one_effect_at_most() -> Result<()> {
    let mining = Mining::Mixed(Duration::from_millis(200));
    let chain = World::boot_with(AnvilOptions { mining, ..AnvilOptions::default() }).await?;
    let site = Site::new(&market::config(&chain))?;
    let daemon = survive(&site, &ON_CHAIN, KILLS, 700).await?;

    let orders = daemon.http().orders().await?;
    let executed: Vec<_> = orders.iter().filter(|order| order.status == OrderStatus::Finalized).collect();
    for order in &executed {
        market::verify(&chain, order).await?;
    }
    let effects = successful_swaps(&chain.rpc, TRADER.address).await?;
    assert_eq!(effects, executed.len(), "the chain saw as many swaps as orders were executed");
    let sequences = sent_by(&chain.rpc, TRADER.address).await?.len();
    println!("{} orders, {KILLS} kills, {effects} swaps, {sequences} transactions", orders.len());
    daemon.stop().await
}

/// The paper chain lives in the daemon's process and dies with it; its journal has to hold as the store does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_paper_chain_survives_kills_as_a_real_one_does() -> Result<()> {
    let site = Site::new(&paper::config("inclusionMs = 30\nfinalityMs = 60"))?;
    let daemon = survive(&site, &ON_PAPER, 12, 200).await?;
    let mut sequences = BTreeSet::new();
    for order in daemon.http().orders().await? {
        let mut life = Life::follow(daemon.url(), &order.id).await?;
        life.until_any(&ENDS).await?;
        let confirmed = life.told().iter().filter(|event| event.kind == OrderStatus::Confirmed).count();
        assert_eq!(confirmed, usize::from(order.status == OrderStatus::Finalized), "{order:?}");
        let signed = life.told().iter().filter(|event| event.fields.stage.as_deref() == Some("signed"));
        assert!(signed.filter_map(|event| event.fields.sequence).all(|sequence| sequences.insert(sequence)));
    }
    assert!(sequences.iter().copied().eq(0..sequences.len() as u64), "a dense run: {sequences:?}");
    daemon.stop().await
}
