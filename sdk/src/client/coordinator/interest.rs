//! What is subscribed to: the orders of the cache, and besides only what somebody reads.

use super::{
    line::Line,
    logs::LogSlot,
    session::{Cursors, Said},
    task::Task,
};
use crate::wire::{LogLine, OrderFilter, Subscribe, Topic};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::time::Instant;

/// The subscription that feeds the cache.
pub(super) const ORDERS: &str = "orders";
/// How long readers may come and go before the daemon is told.
const PAUSE: Duration = Duration::from_millis(50);

/// Orders that somebody follows and that may not be among those of the cache. They have subscriptions of their own, with
/// new names whenever the set has changed.
#[derive(Debug, Default)]
pub(super) struct Followed {
    ids: BTreeSet<Arc<str>>,
    generation: u64,
}

impl Followed {
    fn update(&mut self, ids: BTreeSet<Arc<str>>) {
        if ids != self.ids {
            self.ids = ids;
            self.generation += 1;
        }
    }

    /// The subscriptions that they need, with so many orders in each at the most.
    fn subscriptions(&self, most: usize) -> impl Iterator<Item = Subscribe> {
        let ids: Vec<_> = self.ids.iter().map(|id| id.to_string()).collect();
        let chunks: Vec<_> = ids.chunks(most).map(<[_]>::to_vec).collect();
        chunks.into_iter().enumerate().map(|(chunk, ids)| {
            let filter = OrderFilter { ids, ..OrderFilter::default() };
            let id = format!("followed-{}-{chunk}", self.generation);
            Subscribe { filter: Some(json(&filter)), ..Subscribe::to(Topic::Orders, id) }
        })
    }
}

impl Task {
    /// Somebody reads something else than before. Others may do so in the same moment.
    pub(super) fn settle_soon(&mut self) {
        self.settle_at.get_or_insert(Instant::now() + PAUSE);
    }

    /// Has the daemon send what is wanted, and nothing else.
    pub(super) fn settle(&mut self) {
        self.settle_at = None;
        self.sweep();
        if self.is_polling() && self.polling.outcome.is_some() {
            self.poll_reports();
        }
        let Some(wants) = self.wants() else { return };
        let Line::Up(session) = &mut self.line else { return };
        let wanted: BTreeSet<_> = wants.iter().map(|subscribe| subscribe.id.clone()).collect();
        let ended: Vec<_> = session.names.difference(&wanted).cloned().collect();
        let mut said = Said::Yes;
        for subscribe in wants {
            if said == Said::Yes && !session.names.contains(&subscribe.id) {
                if subscribe.topic == Topic::Orders && subscribe.id != ORDERS {
                    session.cursors = Cursors::OfSigns;
                }
                said = session.subscribe(subscribe);
            }
        }
        for name in ended {
            if said == Said::Yes {
                said = session.unsubscribe(&name);
            }
        }
        if said == Said::Later {
            self.settle_at = Some(session.may_say_at());
        }
    }

    /// Every subscription that there should be; none before the daemon has greeted.
    fn wants(&self) -> Option<Vec<Subscribe>> {
        let Line::Up(session) = &self.line else { return None };
        let greeting = session.greeting.as_ref()?;
        let mut wants = vec![self.orders()];
        wants.extend(self.followed.subscriptions(greeting.max_filter_ids));
        wants.extend(self.topics.read().into_iter().map(|topic| Subscribe::to(topic, name(topic))));
        wants.extend(self.logs.iter().map(LogSlot::subscribe));
        Some(wants)
    }

    fn orders(&self) -> Subscribe {
        let options = &self.options;
        Subscribe {
            filter: (options.filter != OrderFilter::default()).then(|| json(&options.filter)),
            delivery: Some(options.delivery),
            batch_ms: (options.batch_ms > 0).then_some(options.batch_ms),
            since: self.position.since(),
            snapshot: Some(options.snapshot),
            ..Subscribe::to(Topic::Orders, ORDERS)
        }
    }

    /// Lets go of what nobody reads any more.
    fn sweep(&mut self) {
        self.logs.retain(LogSlot::is_read);
        let left = self.followers.sweep();
        if self.options.filter == OrderFilter::default() {
            return;
        }
        self.followed.update(self.followers.ids().cloned().collect());
        self.flush();
        for id in left {
            // Nothing more will be told of it.
            if self.cache.get(&id).is_some_and(|held| !self.options.filter.matches(&held.order)) {
                self.ledger.forget(&id);
            }
        }
    }

    pub(super) fn add_log(&mut self, mut slot: LogSlot) {
        self.logs_named += 1;
        slot.name = format!("logs-{}", self.logs_named);
        self.logs.push(slot);
        self.settle_soon();
    }

    pub(super) fn tell_log(&mut self, name: &str, lines: Vec<LogLine>) {
        if let Some(slot) = self.logs.iter_mut().find(|slot| slot.name == name) {
            slot.tell(lines);
        }
    }
}

fn json(filter: &OrderFilter) -> serde_json::Value {
    serde_json::to_value(filter).expect("a filter has string keys only")
}

fn name(topic: Topic) -> &'static str {
    match topic {
        Topic::Orders => ORDERS,
        Topic::Queue => "queue",
        Topic::Venues => "venues",
        Topic::Clients => "clients",
        Topic::Logs => "logs",
        Topic::Status => "status",
        Topic::Actions => "actions",
    }
}
