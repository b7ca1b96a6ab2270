//! How a simulation has to end: everything is over, and the chain's own records agree.

use crate::{
    chain::address_of,
    client::{Client, Stage},
    disk::DiskPhase,
    faults::Fault,
    laws::{Broken, Law},
    world::State,
};
use futures_util::FutureExt as _;
use orderd::store::Store as _;

/// How long after the last fault everything has to be over, in milliseconds.
const PATIENCE: u64 = 180_000;
/// How long after the last fault a life has to end, whatever it waits for.
pub(crate) const LONGEST: u64 = 2 * PATIENCE;
/// How long a daemon without a disk is left alone, in milliseconds.
const OPERATOR: u64 = 5_000;
/// How late a clock may be, in milliseconds.
const SKEW: u64 = 3_000;

impl State {
    /// Whether everything is over and nothing of it could be undone; after too long that is a broken law of its own.
    pub(crate) fn is_done(&mut self) -> bool {
        let open = self.witness.orders().filter(|order| !order.is_at_rest()).count();
        let waiting = self.clients.iter().filter(|client| !self.has_read_all(client)).count();
        let is_done = self.weather.is_calm && open == 0 && waiting == 0 && self.chain.is_at_rest();
        if !is_done && self.now > self.plan.calm_at + PATIENCE {
            let open: Vec<_> = self.witness.orders().filter(|order| !order.is_at_rest()).collect();
            let how = format!(
                "{waiting} clients wait, the chain is at rest: {}, and open are {:?}",
                self.chain.is_at_rest(),
                open.iter()
                    .map(|order| (order.intent.amount_in.to_string(), &order.state))
                    .collect::<Vec<_>>()
            );
            self.hold(Err(Law::EverythingEnds.broken(how)));
        }
        is_done
    }

    /// Whether a life may end: everything is over, or an operator has seen that the disk has failed.
    pub(crate) fn may_end(&mut self) -> bool {
        self.is_done() || self.disk.failed_at.is_some_and(|at| self.now > at + OPERATOR)
    }

    /// A life does not end.
    pub(crate) fn goes_on(&mut self) {
        self.hold(Err(Law::EverythingEnds.broken("the engine does not come to its end")));
    }

    /// The engine came down by itself.
    pub(crate) fn came_down(&mut self, fault: &str) {
        self.trace.note(|| format!("the engine comes down: {fault}"));
        let held = Law::EngineIsWell.holds(self.disk.phase == DiskPhase::Failed, || fault.to_owned());
        self.hold(held);
    }

    /// The engine's log has an error in it.
    pub(crate) fn logged_an_error(&mut self, text: &str) {
        let held = Law::EngineIsWell.holds(self.disk.phase == DiskPhase::Failed, || text.to_owned());
        self.hold(held);
    }

    pub(crate) fn clock_is_late(&mut self) -> u64 {
        match self.weather.strikes(Fault::Skew) {
            true => self.weather.chance.below(SKEW),
            false => 0,
        }
    }

    /// The laws of a world in which everything is over.
    pub(crate) fn check_ending(&self) -> Result<(), Broken> {
        for client in &self.clients {
            self.check_client(client)?;
        }
        if !self.chain.is_numbered() {
            return Ok(());
        }
        let lanes = self.disk.durable.lanes().now_or_never().expect("memory takes no time");
        for (lane, next) in lanes.expect("memory can be read") {
            let reached = self.chain.final_sequence(&address_of(&lane.account));
            Law::NoHole.holds(reached >= next, || {
                format!("{lane} signed up to {next}, the chain is at {reached}")
            })?;
        }
        Ok(())
    }

    fn check_client(&self, client: &Client) -> Result<(), Broken> {
        let is_its = |amount: &str| amount == client.amount.to_string();
        let orders: Vec<_> =
            self.witness.orders().filter(|order| is_its(&order.intent.amount_in.to_string())).collect();
        Law::OneOrderPerKey
            .holds(orders.len() <= 1, || format!("client {} has {orders:?}", client.amount))?;
        if let Stage::Accepted(id) = client.stage {
            let is_there = orders.iter().any(|order| order.id == id && order.state.is_over());
            Law::AcceptedIsDurable
                .holds(is_there, || format!("{id} was accepted, and there is {orders:?}"))?;
        }
        let finalized =
            orders.iter().filter(|order| matches!(order.state, orderd::order::State::Finalized)).count();
        let effects = self.chain.effects(client.amount);
        Law::ExactlyOnce.holds(effects.for_good.len() == finalized && effects.for_now.is_empty(), || {
            format!("the chain has {effects:?} of {orders:?}")
        })
    }
}
