//! One whole simulation: life after life, until everything is over.

use crate::{
    faults::Fault,
    laws::Broken,
    life::Life,
    logs,
    plan::{End, LifePlan, Plan},
    trace::Wanted,
    world::World,
};
use orderd_sdk::wire::OrderStatus;
use std::{collections::BTreeSet, sync::Arc};
use tokio::runtime::Builder;

/// What became of a simulation.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    pub(crate) broken: Option<Broken>,
    pub(crate) seen: Seen,
    /// Its story, where it was wanted.
    pub(crate) lines: Vec<String>,
    /// Of its story.
    pub(crate) fingerprint: u64,
}

/// What simulations have come across.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// What went wrong.
    pub(crate) faults: BTreeSet<Fault>,
    /// Where orders stood.
    pub(crate) statuses: BTreeSet<OrderStatus>,
}

/// Runs a simulation to its end, or to the first broken law.
pub(crate) fn run(plan: Plan, wanted: Wanted) -> Report {
    let seed = plan.seed;
    let last = LifePlan { end: End::Done, pause: 0 };
    let lives: Vec<_> = plan.lives.iter().copied().chain([last]).collect();
    let world = Arc::new(World::new(plan, wanted));
    world.lock().describe();
    let _listening = logs::listen(&world);
    for (life, number) in lives.into_iter().zip(1..) {
        if live(&world, life, number) == Afterwards::Nothing {
            break;
        }
    }
    let mut state = world.lock();
    if state.broken.is_none() {
        let held = state.check_ending();
        state.hold(held);
    }
    Report {
        seed,
        broken: state.broken.clone(),
        seen: Seen { faults: state.weather.struck.clone(), statuses: state.witness.statuses.clone() },
        lines: state.trace.lines().to_vec(),
        fingerprint: state.trace.fingerprint(),
    }
}

/// What comes after a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Afterwards {
    AnotherLife,
    Nothing,
}

fn live(world: &Arc<World>, plan: LifePlan, number: u64) -> Afterwards {
    {
        let mut state = world.now();
        state.trace.note(|| format!("life {number} begins, to end {:?}", plan.end));
        let (mut calls, mut windows) = (None, None);
        match plan.end {
            End::CrashAtCall(left) => calls = Some(left),
            End::DiskFailsAt(left) => windows = Some(left),
            End::CrashAt(_) | End::ShutDownAt(_) | End::Done => {}
        }
        state.calls_left = calls;
        state.disk.open(windows);
        state.begin_life(number);
    }
    let life = Life { world: world.clone(), number };
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(async {
        world.time.begin();
        life.live(plan.end).await;
        let mut state = world.now();
        if state.life == number {
            state.end_life();
        }
        world.time.end(plan.pause);
    });
    drop(runtime);
    let mut state = world.now();
    match state.broken.is_some() || state.is_done() {
        true => Afterwards::Nothing,
        false => Afterwards::AnotherLife,
    }
}
