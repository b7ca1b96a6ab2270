//! What clients ask of their orders afterwards: to take them back, to try them again.

use crate::{faults::Fault, laws::Law, life::Life, time::pause};
use orderd::{
    engine::{Desk as _, Engine},
    order::{Order, OrderId},
};
use std::sync::Arc;

/// How long clients think before they ask, in milliseconds.
const THOUGHT: u64 = 6_000;
/// How often one asks in one life of the engine at the most.
const ASKS: usize = 4;

/// Asks for this and that.
pub(crate) async fn ask(life: &Life, engine: &Engine, id: OrderId) {
    for _ in 0..ASKS {
        let thought = life.with(|state| state.weather.chance.below(THOUGHT)).await;
        pause(thought).await;
        if life.with(|state| state.weather.strikes(Fault::Withdrawn)).await {
            let answer = engine.cancel(id, "changed my mind".to_owned()).await;
            hear(life, id, "cancel", answer.map_err(|error| error.to_string())).await;
        }
        if life.with(|state| state.weather.strikes(Fault::Retried)).await {
            let answer = engine.retry(id).await;
            hear(life, id, "retry", answer.map_err(|error| error.to_string())).await;
        }
    }
}

/// What was promised has to be on stable storage.
async fn hear(life: &Life, id: OrderId, what: &'static str, answer: Result<Option<Arc<Order>>, String>) {
    life.with(|state| {
        let told = answer.as_ref().map(|order| order.as_ref().map(|order| &order.state));
        state.trace.note(|| format!("{what} {id}: {told:?}"));
        let Ok(answered) = answer else {
            return;
        };
        let durable = state.witness.order(id).map(|order| order.seq());
        let promised = answered.map(|order| order.seq());
        let held = Law::AcceptedIsDurable.holds(promised.is_some() && promised <= durable, || {
            format!("{what} of {id} was promised with event {promised:?}, and {durable:?} is the last in the store")
        });
        state.hold(held);
    })
    .await;
}
