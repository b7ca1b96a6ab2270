//! What everybody who works on orders shares.

use super::{
    approvals::{ApprovalKey, Approvals},
    backoff::Backoff,
    dispatcher::DispatcherHandle,
    following::TrackerHandle,
    job::{Halt, Job, Journal},
    replace::BumpPolicy,
    router::{Route, Router},
    signal::raised,
    signing::LaneHandle,
    wishes::Wishes,
};
use crate::{
    config::EngineSettings,
    order::{Fact, Intent, Lane, Order},
    telemetry::observe,
};
use orderd_sdk::plugin::Chain;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::sync::watch;

/// The shop floor: chains, lanes, venues, the journal, and the way back to the dispatcher.
pub(super) struct Floor {
    pub(super) settings: EngineSettings,
    pub(super) backoff: Backoff,
    pub(super) journal: Journal,
    pub(super) router: Router,
    pub(super) approvals: Approvals,
    pub(super) wishes: Arc<Wishes>,
    pub(super) posts: BTreeMap<String, Post>,
    pub(super) lanes: BTreeMap<Lane, LaneHandle>,
    pub(super) dispatcher: DispatcherHandle,
    /// On when the daemon closes. It comes last, after the journal: once it is dropped, the store was let go of.
    pub(super) closing: watch::Receiver<bool>,
}

/// A chain and who follows it.
pub(super) struct Post {
    pub(super) chain: Arc<dyn Chain>,
    pub(super) poll: Duration,
    pub(super) bumps: BumpPolicy,
    pub(super) tracker: TrackerHandle,
}

impl Floor {
    /// Waits until the daemon closes: whatever hangs is cut off then, and taken up again at the next start.
    pub(super) async fn closed(&self) {
        raised(&mut self.closing.clone()).await;
    }

    /// The chain of an order.
    pub(super) fn post(&self, chain: &str) -> &Post {
        self.posts.get(chain).expect("orders are taken, and taken up again, for configured chains only")
    }

    /// The lane of an order.
    pub(super) fn lane(&self, lane: &Lane) -> &LaneHandle {
        self.lanes.get(lane).expect("orders are taken, and taken up again, for configured accounts only")
    }

    /// Gives an order to whoever does what it needs next.
    pub(super) async fn place(&self, job: Job) {
        self.dispatcher.place(job).await;
    }

    /// Lets the orders go on that wait for an approval.
    pub(super) async fn end_approval(&self, key: &ApprovalKey) {
        self.approvals.end(key);
        self.dispatcher.approval_ended(key.clone()).await;
    }

    /// What choosing a route commits an order to: the least output after slippage, and the chain's own deadline.
    pub(super) fn choice(&self, intent: &Intent, route: &Route) -> Fact {
        let ttl = u64::try_from(self.settings.transaction_ttl.as_millis()).unwrap_or(u64::MAX);
        let latest = self.journal.clock().now().plus_millis(ttl);
        let deadline = intent.deadline.map_or(latest, |deadline| deadline.min(latest));
        Fact::Chosen {
            quote: route.quote.clone(),
            min_out: intent.slippage.discount(route.amount_out),
            deadline: deadline.unix_seconds(),
        }
    }

    /// Milliseconds until the next attempt of an order whose present one fails: they grow with each.
    pub(super) fn retry_delay_ms(&self, order: &Order) -> u64 {
        self.backoff.delay_ms(order.attempt)
    }

    /// The same, from when somebody can be asked again; no longer pause than the longest counts.
    pub(super) fn retry_delay_ms_after(&self, order: &Order, pause: Duration) -> u64 {
        let pause = u64::try_from(pause.min(self.settings.retry_max).as_millis()).unwrap_or(u64::MAX);
        pause.saturating_add(self.retry_delay_ms(order))
    }

    /// Decides about an order on which work cannot go on: with a broken log the daemon stops; after a bug of ours
    /// the order rests as it is stored, until the next start.
    pub(super) fn set_aside(&self, order: &Order, halt: Halt) -> Result<(), Halt> {
        match halt {
            Halt::Store(_) => Err(halt),
            Halt::Illegal(_) | Halt::Panicked => {
                observe::order_stuck(order.id, &halt);
                Ok(())
            }
        }
    }
}
