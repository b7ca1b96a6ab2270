//! `make soak`: `kill -9` at random moments, cycle after cycle, with orders in flight on a real EVM node that loses
//! transactions and undoes blocks. In the end the chain says whether any order was lost or executed twice.
//!
//! `orderd-soak [CYCLES] [SEED]`. The same seed gives the same orders, moments and faults; how far the daemon gets by
//! then is up to the machine.

use anyhow::{Context as _, Result, ensure};
use orderd_sdk::wire::OrderStatus;
use orderd_tests::{
    AnvilOptions, Chain, Mining, Site, World,
    crashes::{Audit, Load, Ordeal, Violation},
    dice::Dice,
    market,
};
use std::{
    convert::Infallible,
    env,
    io::{self, Write as _},
    process::ExitCode,
    time::{Duration, Instant},
};
use tokio::{sync::watch, time::MissedTickBehavior};

const CYCLES: u64 = 200;
const IN_FLIGHT: u64 = 50;
const LONGEST_LIFE: Duration = Duration::from_millis(1500);
/// Blocks come on the beat only, so that transactions wait in the pool and daemons die meanwhile.
const BLOCK_TIME: Duration = Duration::from_millis(150);
/// A chain of its own, so that no other node takes its transactions.
const CHAIN_ID: u64 = 31_341;
/// How often it is said how far it has come.
const REPORT_EVERY: u64 = 20;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut arguments = env::args().skip(1);
    let cycles = arguments.next().map_or(Ok(CYCLES), |text| text.parse()).context("CYCLES is no number")?;
    let seed = arguments.next().map_or_else(|| Ok(Dice::fresh_seed()), |text| text.parse());
    let seed = seed.context("SEED is no number")?;
    let begin = Instant::now();
    say(&format!("{cycles} cycles with {IN_FLIGHT} orders in flight, seed {seed}"))?;
    let audit = soak(cycles, seed).await.with_context(|| format!("seed {seed}"))?;
    report(&audit, cycles, seed, begin.elapsed())?;
    Ok(if audit.violations().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn soak(cycles: u64, seed: u64) -> Result<Audit> {
    let options = AnvilOptions { chain_id: CHAIN_ID, mining: Mining::Manual, ..AnvilOptions::default() };
    let node = Node { chain: World::boot_with(options).await?, fault: watch::Sender::new(FaultKind::None) };
    tokio::select! {
        audit = suffer(&node, cycles, seed) => audit,
        failed = node.make_blocks() => match failed? {},
    }
}

async fn suffer(node: &Node, cycles: u64, seed: u64) -> Result<Audit> {
    let site = Site::new(&market::config(&node.chain))?;
    let mut ordeal = Ordeal::new(&site, market::order, seed);
    for cycle in 1..=cycles {
        let fault = Fault::roll(ordeal.dice());
        let life = ordeal.live_and_die(Load::InFlight(IN_FLIGHT), LONGEST_LIFE, node.suffer(fault));
        life.await.with_context(|| format!("cycle {cycle}"))?;
        if cycle % REPORT_EVERY == 0 {
            say(&format!("{cycle} kills"))?;
        }
    }
    let (daemon, mut audit) = ordeal.survive().await?;
    audit.hold_against(&node.chain, &[]).await?;
    let (executed, orders) = (audit.count(OrderStatus::Finalized), audit.orders().count());
    if audit.violations().is_empty() {
        ensure!(executed * 10 > orders * 9, "of {orders} orders only {executed} were executed");
    }
    daemon.stop().await?;
    Ok(audit)
}

/// A node that does one thing after the other, blocks as well as faults: what is final stays so however busy the machine.
struct Node {
    chain: Chain,
    fault: watch::Sender<FaultKind>,
}

impl Node {
    /// Makes blocks for ever, and faults where they are due.
    async fn make_blocks(&self) -> Result<Infallible> {
        let mut beat = tokio::time::interval(BLOCK_TIME);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            match self.fault.send_replace(FaultKind::None) {
                FaultKind::None => {}
                FaultKind::Drop => self.forget_one().await?,
                FaultKind::Reorg => self.chain.rpc.reorg(1).await?,
            }
            self.chain.rpc.mine(1).await?;
        }
    }

    async fn forget_one(&self) -> Result<()> {
        match self.chain.rpc.waiting_hashes().await?.first() {
            Some(hash) => Ok(self.chain.rpc.drop_transaction(*hash).await?),
            None => Ok(()),
        }
    }

    /// The fault becomes due once, unless the life ends before.
    async fn suffer(&self, fault: Fault) -> Result<()> {
        tokio::time::sleep(fault.after).await;
        self.fault.send_replace(fault.kind);
        Ok(())
    }
}

/// What the node does wrong during one life.
#[derive(Clone, Copy, Debug)]
struct Fault {
    kind: FaultKind,
    after: Duration,
}

#[derive(Clone, Copy, Debug)]
enum FaultKind {
    None,
    /// It forgets a transaction that waits.
    Drop,
    /// It undoes its newest block, which is not final.
    Reorg,
}

impl Fault {
    fn roll(dice: &mut Dice) -> Self {
        let kind = match dice.roll(4) {
            0 => FaultKind::Drop,
            1 => FaultKind::Reorg,
            _ => FaultKind::None,
        };
        Self { kind, after: Duration::from_millis(dice.roll(1000)) }
    }
}

fn report(audit: &Audit, kills: u64, seed: u64, took: Duration) -> Result<()> {
    let (mut lost, mut duplicates, mut holes) = (0, 0, 0);
    for violation in audit.violations() {
        match violation {
            Violation::Lost(_) => lost += 1,
            Violation::Duplicate(_) => duplicates += 1,
            Violation::Hole(_) => holes += 1,
        }
        say(&violation.to_string())?;
    }
    let finalized = audit.count(OrderStatus::Finalized);
    let rows = [
        ("orders", format!("{}, of which {finalized} were executed", audit.orders().count())),
        ("chain", format!("{} swaps in {} transactions", audit.swaps(), audit.transactions())),
        ("kills", kills.to_string()),
        ("duplicates", duplicates.to_string()),
        ("losses", lost.to_string()),
        ("holes", holes.to_string()),
        ("duration", format!("{} s", took.as_secs())),
        ("seed", seed.to_string()),
    ];
    rows.iter().try_for_each(|(name, value)| say(&format!("{name:<11}{value}")))
}

fn say(line: &str) -> Result<()> {
    Ok(writeln!(io::stdout(), "{line}")?)
}
