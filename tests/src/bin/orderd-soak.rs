//! `make soak`: `kill -9` at random moments, cycle after cycle, with orders in flight on a real EVM node that loses
//! transactions and undoes blocks. In the end the chain says whether any order was lost or executed twice.
//!
//! `orderd-soak [CYCLES] [SEED]`. The same seed gives the same orders, moments and faults; how far the daemon gets by
//! then is up to the machine.

use alloy_primitives::B256;
use anyhow::{Context as _, Result};
use orderd_sdk::wire::OrderStatus;
use orderd_tests::{
    AnvilOptions, Chain, Mining, Rpc, Site, World,
    crashes::{Audit, Dice, Load, Ordeal, Violation},
    market,
};
use std::{
    env, future,
    io::{self, Write as _},
    process::ExitCode,
    time::{Duration, Instant},
};

const CYCLES: u64 = 200;
const IN_FLIGHT: u64 = 50;
const LONGEST_LIFE: Duration = Duration::from_millis(1500);
/// Blocks come on the beat only, so that transactions wait in the pool and daemons die meanwhile.
const BLOCK_TIME: Duration = Duration::from_millis(200);
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
    let mining = Mining::Every(BLOCK_TIME);
    let chain = World::boot_with(AnvilOptions { mining, ..AnvilOptions::default() }).await?;
    let site = Site::new(&market::config(&chain))?;
    let mut ordeal = Ordeal::new(&site, market::order, seed);
    for cycle in 1..=cycles {
        let fault = Fault::roll(ordeal.dice());
        let life = ordeal.live_and_die(Load::InFlight(IN_FLIGHT), LONGEST_LIFE, fault.strike(&chain));
        life.await.with_context(|| format!("cycle {cycle}"))?;
        if cycle % REPORT_EVERY == 0 {
            say(&format!("{cycle} kills"))?;
        }
    }
    let (daemon, mut audit) = ordeal.survive().await?;
    audit.hold_against(&chain, &[]).await?;
    daemon.stop().await?;
    Ok(audit)
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

    /// Happens once, unless the life ends before.
    async fn strike(self, chain: &Chain) -> Result<()> {
        tokio::time::sleep(self.after).await;
        match self.kind {
            FaultKind::None => {}
            FaultKind::Drop => forget_one(&chain.rpc).await?,
            FaultKind::Reorg => chain.rpc.reorg(1).await?,
        }
        future::pending().await
    }
}

async fn forget_one(rpc: &Rpc) -> Result<()> {
    let waiting: Vec<B256> = rpc.waiting_hashes().await?;
    match waiting.first() {
        Some(hash) => Ok(rpc.drop_transaction(*hash).await?),
        None => Ok(()),
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
