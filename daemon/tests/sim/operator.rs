//! An operator, who pauses the queue and lets it go on. What they want is on the disk before it takes effect, and outlives
//! the engine.

use crate::{
    faults::Fault,
    laws::{Broken, Law},
    life::Life,
    sabotage::Sabotage,
    time::{SkewedClock, pause},
    world::State,
};
use orderd::{
    engine::{Engine, Gate},
    order::EventKind,
    store::Change,
    telemetry::Clock as _,
};
use orderd_sdk::timestamp::Timestamp;

/// How long they look on before they do something, in milliseconds.
const THOUGHT: u64 = 5_000;

/// Whether the queue is paused.
#[derive(Default)]
pub(crate) struct Pauses {
    /// What is on the disk.
    kept: Gate,
    /// The pauses of the present life, by its clock: from when, and until when if they are over.
    seen: Vec<(Timestamp, Option<Timestamp>)>,
}

impl State {
    /// How a life begins whose clock shows this.
    pub(crate) fn gate_at_start(&mut self, now: Timestamp) -> Gate {
        let Pauses { kept, seen } = &mut self.pauses;
        seen.clear();
        // At the instant of the start, too, nothing may begin.
        seen.extend((*kept == Gate::Closed).then_some((Timestamp(now.0 - 1), None)));
        match self.plan.sabotage == Sabotage::PauseForgotten {
            true => Gate::Open,
            false => *kept,
        }
    }

    /// A change is handed to the store: no attempt in it was begun during a pause.
    pub(crate) fn check_begun(&self, change: &Change) -> Result<(), Broken> {
        let new = change.order.events.iter().skip(change.first_new);
        for event in new.filter(|event| matches!(event.kind, EventKind::QuotesRequested { .. })) {
            let is_within = |(from, to): &&(Timestamp, Option<Timestamp>)| {
                *from < event.at && to.is_none_or(|to| event.at < to)
            };
            let pause = self.pauses.seen.iter().find(is_within);
            Law::PausedBeginsNothing.holds(pause.is_none(), || {
                format!("{} begins an attempt at {}, in the pause {pause:?}", change.order.id, event.at)
            })?;
        }
        Ok(())
    }

    /// What the operator wants now, if they want anything else than what is.
    fn wish(&mut self) -> Option<Gate> {
        match self.pauses.kept {
            Gate::Closed => Some(Gate::Open),
            Gate::Open => self.weather.strikes(Fault::Paused).then_some(Gate::Closed),
        }
    }
}

/// Operates until it is calm and the queue runs.
pub(crate) async fn operate(life: Life, engine: Engine, clock: SkewedClock) {
    while !life.with(|state| state.weather.is_calm && state.pauses.kept == Gate::Open).await {
        let thought = life.with(|state| state.weather.chance.below(THOUGHT)).await;
        pause(thought).await;
        if let Some(gate) = life.with(State::wish).await {
            switch(&life, &engine, &clock, gate).await;
        }
    }
}

async fn switch(life: &Life, engine: &Engine, clock: &SkewedClock, gate: Gate) {
    life.pass("pause").await;
    life.with(|state| state.pauses.kept = gate).await;
    life.pass("switch").await;
    engine.switch(gate);
    life.with(|state| {
        state.trace.note(|| format!("the gate is {gate:?}"));
        let now = clock.now();
        match gate {
            Gate::Closed => state.pauses.seen.push((now, None)),
            Gate::Open => {
                if let Some((_, to @ None)) = state.pauses.seen.last_mut() {
                    *to = Some(now);
                }
            }
        }
    })
    .await;
}
