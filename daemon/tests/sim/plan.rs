//! What a seed stands for: how large the world is, how the engine is set up, and how each of its lives ends.

use crate::{
    chance::Chance,
    faults::{Fault, Faults},
    sabotage::Sabotage,
};
use orderd_sdk::plugin::Numbering;

/// One simulation, before it runs. Times are in milliseconds since its begin.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) accounts: u64,
    pub(crate) venues: u64,
    pub(crate) orders: u64,
    /// From when on nothing goes wrong any more.
    pub(crate) calm_at: u64,
    pub(crate) lives: Vec<LifePlan>,
    pub(crate) faults: Faults,
    pub(crate) engine: EnginePlan,
    pub(crate) chain: ChainPlan,
    /// A bug that is planted on purpose.
    pub(crate) sabotage: Sabotage,
}

/// One life of the engine that does not last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LifePlan {
    pub(crate) end: End,
    /// How long the machine stays down afterwards.
    pub(crate) pause: u64,
}

/// How a life ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Everything stops at this moment.
    CrashAt(u64),
    /// Everything stops when something leaves the engine for the so-many-th time: to the disk, a chain, a venue.
    CrashAtCall(u64),
    /// The disk refuses its so-many-th window.
    DiskFailsAt(u64),
    /// In good order, from this moment on.
    ShutDownAt(u64),
    /// When everything is over.
    Done,
}

/// How the engine is set up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EnginePlan {
    pub(crate) workers: u64,
    pub(crate) max_open_orders: u64,
    pub(crate) max_pending: u64,
    pub(crate) max_attempts: u64,
    pub(crate) poll: u64,
    pub(crate) resend: u64,
    pub(crate) bump_after: u64,
    pub(crate) transaction_ttl: u64,
    /// How long a call may take.
    pub(crate) timeout: u64,
}

/// How the chain lives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChainPlan {
    /// From one block to the next, on average.
    pub(crate) block_time: u64,
    /// Blocks on top of one that cannot be undone any more.
    pub(crate) depth: u64,
    /// What every account has of the token that is sold.
    pub(crate) balance: u64,
    /// Whether it has sequences.
    pub(crate) numbering: Numbering,
}

impl Plan {
    pub(crate) fn of(seed: u64, left_out: &[Fault], sabotage: Sabotage) -> Self {
        let chance = &mut Chance::of(seed, 1);
        let calm_at = chance.between(4_000..=20_000);
        let crashes = chance.pick(&[0, 1, 1, 2, 2, 3, 4]);
        Self {
            seed,
            accounts: chance.pick(&[1, 1, 1, 2, 3]),
            venues: chance.between(1..=3),
            orders: chance.between(1..=8),
            calm_at,
            lives: (0..crashes).map(|_| LifePlan::of(chance, calm_at)).collect(),
            faults: Faults::of(chance, left_out),
            engine: EnginePlan::of(chance),
            chain: ChainPlan::of(chance),
            sabotage,
        }
    }

    pub(crate) fn account_names(&self) -> impl Iterator<Item = String> + use<> {
        (0..self.accounts).map(|number| format!("account-{number}"))
    }

    pub(crate) fn venue_names(&self) -> impl Iterator<Item = String> + use<> {
        (0..self.venues).map(|number| format!("venue-{number}"))
    }
}

impl LifePlan {
    fn of(chance: &mut Chance, calm_at: u64) -> Self {
        let at = chance.below(calm_at);
        let end = match chance.below(10) {
            0..=2 => End::CrashAt(at),
            // Most of what leaves an engine leaves it early in its life.
            3..=5 => End::CrashAtCall(chance.between(1..=60)),
            6..=7 => End::CrashAtCall(chance.between(1..=400)),
            8 => End::DiskFailsAt(chance.between(1..=40)),
            _ => End::ShutDownAt(at),
        };
        Self { end, pause: chance.pick(&[0, 5, 200, 5_000]) }
    }
}

impl EnginePlan {
    fn of(chance: &mut Chance) -> Self {
        Self {
            workers: chance.between(1..=8),
            max_open_orders: chance.pick(&[2, 8, 8, 8]),
            max_pending: chance.pick(&[1, 2, 3, 8]),
            max_attempts: chance.between(1..=4),
            poll: chance.pick(&[100, 250, 700]),
            resend: chance.pick(&[500, 1_500, 4_000]),
            bump_after: chance.pick(&[1_000, 3_000, 15_000]),
            transaction_ttl: chance.pick(&[3_000, 10_000, 60_000]),
            timeout: chance.pick(&[150, 400]),
        }
    }
}

impl ChainPlan {
    fn of(chance: &mut Chance) -> Self {
        Self {
            block_time: chance.pick(&[100, 400, 1_000]),
            depth: chance.between(1..=6),
            balance: chance.pick(&[1_500, 4_000, 100_000, 100_000]),
            numbering: chance.pick(&[Numbering::Chain, Numbering::Chain, Numbering::Chain, Numbering::Lane]),
        }
    }
}
