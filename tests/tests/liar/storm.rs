//! All lies at once, by chance: while they last nothing is promised but that nothing happens twice; once they are
//! over, everything ends.
//!
//! Chance follows from a seed that a failure tells; `ORDERD_LIAR_SEED` sets it. It decides what is done to the n-th
//! request of a kind and to the node. Which request is the n-th depends on the machine, so a replay is similar, not
//! the same.

use crate::scene::Scene;
use anyhow::{Context as _, Result, ensure};
use futures_util::future::try_join_all;
use orderd_sdk::wire::{ExecuteRequest, ExecuteResponse, OrderStatus};
use orderd_tests::{
    AnvilOptions, Mining, Rpc, World,
    dice::Dice,
    judge::live_through,
    liar::{Calls, Fault, Reach, Tally, Times},
};
use std::{pin::pin, time::Duration};
use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    time::{error::Elapsed, timeout},
};

const ORDERS: usize = 30;
/// The longest time that the faults last.
const STORM: Duration = Duration::from_secs(12);
/// Requests between two troubles of the node.
const CALM: u64 = 80;
const PAIRS: [(&str, &str, &str); 4] =
    [("WETH", "USDC", "0.1"), ("USDC", "WETH", "250"), ("WETH", "DAI", "0.1"), ("DAI", "WETH", "250")];

/// Patience for venues that cannot be asked, and none for transactions that wait.
const OVERRIDES: [(&str, &str); 2] =
    [("ORDERD_ENGINE__MAX_ATTEMPTS", "20"), ("ORDERD_CHAINS__LOCAL__BUMP_AFTER_MS", "1500")];

const EXECUTE: &str = "/api/orders/execute";

/// What is done to so many of a thousand requests with such calls.
const WEATHER: [(Calls, u64, Fault); 24] = [
    (Calls::Any, 15, Fault::Reset(Reach::Nobody)),
    (Calls::Any, 15, Fault::Reset(Reach::Node)),
    (Calls::Any, 10, Fault::Status(429, Reach::Nobody)),
    (Calls::Any, 10, Fault::Status(500, Reach::Node)),
    (Calls::Any, 10, Fault::Status(502, Reach::Nobody)),
    (Calls::Any, 10, Fault::Status(503, Reach::Node)),
    (Calls::Any, 10, Fault::Html(Reach::Nobody)),
    (Calls::Any, 10, Fault::Truncated),
    (Calls::Any, 10, Fault::Missing),
    (Calls::Any, 10, Fault::Foreign),
    (Calls::Any, 10, Fault::Refused(-32_005, "limit exceeded", Reach::Node)),
    (Calls::Any, 100, Fault::Shuffled),
    (Calls::Any, 50, Fault::Delayed(Duration::from_millis(40))),
    (Calls::Any, 80, Fault::Stale(1)),
    (Calls::Any, 40, Fault::Stale(2)),
    (Calls::Any, 20, Fault::Stale(6)),
    (Calls::RECEIPT, 100, Fault::Null),
    (Calls::TRANSACTION, 100, Fault::Null),
    (Calls::SEND, 100, Fault::Reset(Reach::Nobody)),
    (Calls::SEND, 100, Fault::Reset(Reach::Node)),
    (Calls::SEND, 50, Fault::Refused(-32_000, "nonce too low", Reach::Node)),
    (Calls::SEND, 50, Fault::Refused(-32_000, "already known", Reach::Nobody)),
    (Calls::SEND, 100, Fault::Overtaken),
    (Calls::SEND, 50, Fault::Twice),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_storm_of_all_faults_every_order_is_over_and_happened_once() -> Result<()> {
    let seed = seed()?;
    weather(seed).await.with_context(|| format!("replay with ORDERD_LIAR_SEED={seed}"))
}

/// Four blocks make a block final, and no reorganisation is as deep: what is final is final in a storm, too.
async fn weather(seed: u64) -> Result<()> {
    let mining = Mining::Every(Duration::from_millis(200));
    let options = AnvilOptions { mining, slots_in_an_epoch: 2, ..AnvilOptions::default() };
    let scene = Scene::begin(World::boot_with(options).await?, &OVERRIDES).await?;
    for (number, (calls, per_mille, fault)) in (0..).zip(WEATHER) {
        let chance = Times::Chance { seed: seed ^ number, per_mille };
        scene.liar.on(calls, chance, fault);
    }
    let ids = try_join_all((0..ORDERS).map(|number| post(&scene, number))).await?;
    let ends = try_join_all(ids.iter().map(|id| live_through(&scene.daemon, id)));
    trouble(&scene, Dice::new(seed), timeout(STORM, ends)).await?;
    let tally = scene.liar.tally();
    ensure!(tally.faults() * 10 > tally.requests(), "there was a storm");
    scene.liar.be_honest();
    try_join_all(ids.iter().map(|id| see_through(&scene, id))).await?;
    let orders = scene.close().await?;
    ensure!(orders.len() == ORDERS, "{} orders came of {ORDERS}", orders.len());
    let others: Vec<_> = orders.iter().filter(|order| order.status != OrderStatus::Finalized).collect();
    ensure!(others.is_empty(), "each is executed in the end: {others:?}");
    Ok(())
}

/// Posts an order as a client does whose connection breaks before it has an answer: again, under the same key.
async fn post(scene: &Scene, number: usize) -> Result<String> {
    let (sold, bought, amount) = PAIRS[number % PAIRS.len()];
    let mut order = ExecuteRequest::market(sold, bought, amount);
    order.slippage = Some("5".into());
    let (key, body) = (format!("storm-{number}"), serde_json::to_string(&order)?);
    break_off(scene.daemon.url(), &key, &body, number.is_multiple_of(2)).await?;
    let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
    let reply = scene.daemon.http().request("POST", EXECUTE, &headers, body.as_bytes()).await?;
    ensure!(reply.status == 202, "{}: {}", reply.status, reply.body);
    Ok(serde_json::from_value::<ExecuteResponse>(reply.body)?.order_id)
}

/// Sends an order and leaves without an answer; where `reset`, the daemon may not even see all of it.
async fn break_off(url: &str, key: &str, body: &str, reset: bool) -> Result<()> {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await?;
    if reset {
        stream.set_zero_linger()?;
    }
    let request = format!(
        "POST {EXECUTE} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\nidempotency-key: {key}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    Ok(stream.write_all(request.as_bytes()).await?)
}

/// Sees an order through once the storm is over. In the storm one may fail for good: behind a node that lags, an
/// allowance may look as if it was there, or as if it was not.
async fn see_through(scene: &Scene, id: &str) -> Result<()> {
    live_through(&scene.daemon, id).await?;
    if scene.daemon.http().order(id).await?.status == OrderStatus::Failed {
        scene.insist(id).await?;
        live_through(&scene.daemon, id).await?;
    }
    Ok(())
}

/// Makes the node forget, reorganise and become dear from time to time, until all orders are over or the storm is.
/// Nothing of that is broken off, as the node would go on with it.
async fn trouble<T>(
    scene: &Scene,
    mut dice: Dice,
    over: impl Future<Output = Result<Result<T>, Elapsed>>,
) -> Result<()> {
    let mut over = pin!(over);
    loop {
        let requests = scene.liar.tally().requests();
        let tally = tokio::select! {
            ended = &mut over => return ended.map_or(Ok(()), |ended| ended.map(drop)),
            tally = scene.liar.until(|tally| tally.requests() >= requests + CALM) => tally?,
        };
        strike(&scene.chain.rpc, &tally, dice.roll(4)).await?;
    }
}

async fn strike(rpc: &Rpc, tally: &Tally, kind: u64) -> Result<()> {
    match kind {
        0 => rpc.reorg(1).await?,
        1 => rpc.reorg(2).await?,
        2 => {
            if let Some(last) = tally.sends().last() {
                rpc.drop_transaction(*last).await?;
            }
        }
        _ => {
            for base_fee in [900_000_000_000, 1_000_000_000] {
                rpc.set_next_base_fee(base_fee).await?;
                rpc.mine(1).await?;
            }
        }
    }
    Ok(())
}

fn seed() -> Result<u64> {
    #[expect(clippy::disallowed_methods, reason = "the seed of a failed run is given by its environment")]
    match std::env::var("ORDERD_LIAR_SEED") {
        Ok(seed) => seed.parse().context("ORDERD_LIAR_SEED is no number"),
        Err(_) => Ok(Dice::fresh_seed()),
    }
}
