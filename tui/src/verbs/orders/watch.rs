//! `orderctl orders --watch`: each order that is meant, anew whenever it changes.

use super::{
    list::{Listing, Meant},
    show::{Lines, Place},
};
use crate::{
    failure::Failure,
    session::Session,
    watch::{Said, Watch},
};
use orderd_sdk::{
    client::{Cache, Changed, Changes, Held},
    wire::{OrderDto, OrderFilter, Status},
};
use std::{collections::HashMap, sync::Arc};

/// Orders that are being watched.
pub(crate) struct Watched {
    watch: Watch,
    changes: Changes,
    seen: Seen,
}

impl Watched {
    /// Shows the orders as they stand. Of what changes from then on nothing is missed.
    pub(crate) async fn begin(session: &mut Session<'_>, mut listing: Listing) -> Result<Self, Failure> {
        // The daemon is asked before it is watched: one that is not there is told at once, and not waited for.
        let mut page = listing.next().await?;
        let mut watch = Watch::orders(&session.client, OrderFilter::default());
        watch.until_current(session).await?;
        let cache = watch.coordinator.cache().clone();
        let changes = cache.changes();
        let mut seen = Seen::new(listing.meant().clone());
        cache.scan(|order| seen.note(&order.order()));
        let mut place = Place::First;
        while let Some(orders) = page {
            session.show(&Lines { orders: orders.iter().collect(), place })?;
            let lasting =
                |order: &&OrderDto| !order.status.is_terminal() || cache.packed(&order.id).is_some();
            orders.iter().filter(lasting).for_each(|order| seen.note(order));
            (page, place) = (listing.next().await?, Place::Further);
        }
        let mut watched = Self { watch, changes, seen };
        // What has changed since it was listed.
        watched.show(session, &Changed::All)?;
        Ok(watched)
    }

    /// Shows what changes, for as long as the daemon lets it.
    pub(crate) async fn follow(mut self, session: &mut Session<'_>) -> Result<(), Failure> {
        loop {
            let changed = self.watch.next(session, self.changes.next()).await?;
            self.show(session, &changed)?;
        }
    }

    /// The same, and how the daemon is besides, as far as that was not said already.
    pub(crate) async fn follow_with_status(
        mut self,
        session: &mut Session<'_>,
        mut said: Said,
    ) -> Result<(), Failure> {
        let mut status = self.watch.coordinator.topic::<Status>();
        loop {
            let news = async {
                tokio::select! {
                    status = status.next() => status.map(News::Status),
                    changed = self.changes.next() => changed.map(News::Orders),
                }
            };
            match self.watch.next(session, news).await? {
                News::Status(status) => said.show(session, &*status)?,
                News::Orders(changed) => self.show(session, &changed)?,
            }
        }
    }

    fn show(&mut self, session: &mut Session<'_>, changed: &Changed) -> Result<(), Failure> {
        let cache = self.watch.coordinator.cache();
        self.seen.of_store(self.watch.coordinator.link().epoch);
        let news = self.seen.news(cache, changed);
        if !news.is_empty() {
            let orders = news.iter().map(|held| &*held.order).collect();
            session.show(&Lines { orders, place: Place::Further })?;
        }
        Ok(())
    }
}

/// What comes next where more is watched than orders.
enum News {
    Status(Arc<Status>),
    Orders(Changed),
}

/// How orders stood when they were last shown, or would have been.
struct Seen {
    meant: Meant,
    /// The store that `seq` counts in.
    epoch: Option<Arc<str>>,
    orders: HashMap<Arc<str>, Standing>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    seq: u64,
    is_meant: bool,
}

impl Seen {
    fn new(meant: Meant) -> Self {
        Self { meant, epoch: None, orders: HashMap::new() }
    }

    /// The daemon has another store: what was seen says nothing of that.
    fn of_store(&mut self, epoch: Option<Arc<str>>) {
        if self.epoch.is_some() && epoch.is_some() && self.epoch != epoch {
            self.orders.clear();
        }
        self.epoch = epoch.or_else(|| self.epoch.take());
    }

    fn note(&mut self, order: &OrderDto) {
        let standing = Standing { seq: order.seq, is_meant: self.meant.matches(order) };
        self.orders.insert(order.id.as_str().into(), standing);
    }

    /// Orders that are meant, or were until now, and have not been shown so.
    fn news(&mut self, cache: &Cache, changed: &Changed) -> Vec<Held> {
        match changed {
            Changed::All => {
                self.orders.retain(|id, _| cache.packed(id).is_some());
                let mut news = cache.orders();
                news.retain(|held| self.is_news(held));
                news
            }
            Changed::Ids(ids) => {
                let mut news = Vec::new();
                for id in ids {
                    match cache.get(id) {
                        Some(held) if self.is_news(&held) => news.push(held),
                        Some(_) => {}
                        None => drop(self.orders.remove(id)),
                    }
                }
                // In the order in which things happened, as far as that can be told.
                news.sort_by_key(|held| held.cursor);
                news
            }
        }
    }

    fn is_news(&mut self, order: &OrderDto) -> bool {
        let before = self.orders.get(order.id.as_str()).copied();
        if before.is_some_and(|before| before.seq >= order.seq) {
            return false;
        }
        self.note(order);
        let is_meant = self.orders.get(order.id.as_str()).is_some_and(|standing| standing.is_meant);
        is_meant || before.is_some_and(|before| before.is_meant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::{confirmed, pending};
    use orderd_sdk::wire::OrderStatus;

    fn seen(statuses: &[OrderStatus]) -> Seen {
        Seen::new(Meant::new(statuses, None).unwrap())
    }

    #[test]
    fn an_order_is_news_once_for_each_event_that_leaves_it_meant_or_ends_that() {
        let mut seen = seen(&[OrderStatus::Pending]);
        let at = |seq, status| OrderDto { seq, status, ..pending() };
        assert!(seen.is_news(&at(1, OrderStatus::Pending)));
        assert!(!seen.is_news(&at(1, OrderStatus::Pending)), "it was shown so");
        assert!(seen.is_news(&at(2, OrderStatus::Routing)), "it leaves");
        assert!(!seen.is_news(&at(3, OrderStatus::Building)), "it has left");
        assert!(!seen.is_news(&at(2, OrderStatus::Pending)), "that is older");
        assert!(seen.is_news(&at(4, OrderStatus::Pending)), "it comes back");
        assert!(!seen.is_news(&confirmed()), "it was never meant");
    }

    #[test]
    fn another_store_counts_anew() {
        let mut seen = seen(&[]);
        seen.of_store(Some("a".into()));
        let order = OrderDto { seq: 7, ..pending() };
        assert!(seen.is_news(&order));
        seen.of_store(None);
        seen.of_store(Some("a".into()));
        assert!(!seen.is_news(&order));
        seen.of_store(Some("b".into()));
        assert!(seen.is_news(&OrderDto { seq: 1, ..pending() }));
    }
}
