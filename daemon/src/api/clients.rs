//! Who is connected by WebSocket: what they follow, how far behind they are, and how they are made to leave.

use crate::stream::{Backlog, Bell, Seat};
use orderd_sdk::{
    timestamp::Timestamp,
    wire::{ClientReport, Clients, SubscriptionReport, Topic},
};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Rung when an operator wants a client to leave.
pub(super) const LEAVE: u64 = 1 << 62;
/// Rung when the interface closes.
pub(super) const CLOSE: u64 = 1 << 63;

/// Every client with a WebSocket.
#[derive(Debug, Default)]
pub(super) struct Registry(Mutex<Connected>);

#[derive(Debug, Default)]
struct Connected {
    cards: BTreeMap<u64, Arc<Card>>,
    last: u64,
    is_closing: bool,
}

/// What is known of a client before it has said anything.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub(super) address: SocketAddr,
    pub(super) user_agent: Option<String>,
    pub(super) since: Timestamp,
}

/// One client.
#[derive(Debug)]
pub(super) struct Card {
    number: u64,
    arrival: Arrival,
    bell: Arc<Bell>,
    sent_messages: AtomicU64,
    sent_bytes: AtomicU64,
    /// Everything up to this event that it asked for was sent.
    complete: AtomicU64,
    subscriptions: Mutex<Vec<Listed>>,
    /// The name of its token.
    name: OnceLock<Arc<str>>,
}

#[derive(Debug)]
struct Listed {
    id: String,
    topic: Topic,
    seat: Option<Arc<Seat>>,
}

/// A client's place in the registry; dropping it takes the client off.
#[derive(Debug)]
pub(super) struct Registered {
    registry: Arc<Registry>,
    card: Arc<Card>,
}

impl Registry {
    /// Puts a client down. When the interface closes already, its bell is rung for that at once.
    pub(super) fn enter(self: &Arc<Self>, arrival: Arrival, bell: Arc<Bell>) -> Registered {
        let mut connected = self.connected();
        connected.last += 1;
        let card = Arc::new(Card {
            number: connected.last,
            arrival,
            bell,
            sent_messages: AtomicU64::new(0),
            sent_bytes: AtomicU64::new(0),
            complete: AtomicU64::new(0),
            subscriptions: Mutex::default(),
            name: OnceLock::new(),
        });
        if connected.is_closing {
            card.bell.ring(CLOSE);
        }
        connected.cards.insert(card.number, card.clone());
        Registered { registry: self.clone(), card }
    }

    /// Has every client leave, also those who are still to come.
    pub(super) fn close(&self) {
        let mut connected = self.connected();
        connected.is_closing = true;
        connected.cards.values().for_each(|card| card.bell.ring(CLOSE));
    }

    /// Has a client leave; tells whether there is one of this name.
    pub(super) fn disconnect(&self, id: &str) -> bool {
        let number = id.strip_prefix("ws-").and_then(|number| number.parse().ok());
        let card = number.and_then(|number: u64| self.connected().cards.get(&number).cloned());
        // A number has other spellings, which are no names.
        let card = card.filter(|card| card.id() == id);
        card.is_some_and(|card| {
            card.bell.ring(LEAVE);
            true
        })
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.connected().cards.len() as u64
    }

    /// At most so many clients, the most behind first; `top` is the cursor of the last event of all.
    pub(super) fn report(&self, most: usize, top: u64) -> Clients {
        let cards: Vec<_> = self.connected().cards.values().cloned().collect();
        let mut clients: Vec<_> = cards.iter().map(|card| card.report(top)).collect();
        // A stable sort: those who are equally behind stay in the order in which they came.
        clients.sort_by_key(|client| std::cmp::Reverse((client.buffered_bytes, client.buffered_messages)));
        clients.truncate(most);
        Clients { total: cards.len() as u64, clients }
    }

    fn connected(&self) -> MutexGuard<'_, Connected> {
        lock(&self.0)
    }
}

impl Card {
    /// Its name.
    pub(super) fn id(&self) -> String {
        format!("ws-{}", self.number)
    }

    /// 1, 2, 3, … since the daemon started.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Rings for news, and for [`LEAVE`] and [`CLOSE`].
    pub(super) fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }

    /// Notes what was written so far, and up to which event that is complete.
    pub(super) fn note(&self, messages: u64, bytes: u64, complete: u64) {
        self.sent_messages.store(messages, Ordering::Relaxed);
        self.sent_bytes.store(bytes, Ordering::Relaxed);
        self.complete.store(complete, Ordering::Relaxed);
    }

    /// It is the bearer of the token of this name. Who says so again stays who it was.
    pub(super) fn identified(&self, name: Arc<str>) {
        let _ = self.name.set(name);
    }

    /// It follows one thing more.
    pub(super) fn subscribed(&self, id: String, topic: Topic, seat: Option<Arc<Seat>>) {
        lock(&self.subscriptions).push(Listed { id, topic, seat });
    }

    /// It follows one thing less.
    pub(super) fn unsubscribed(&self, id: &str) {
        lock(&self.subscriptions).retain(|listed| listed.id != id);
    }

    fn report(&self, top: u64) -> ClientReport {
        let listed = lock(&self.subscriptions);
        let backlogs = listed.iter().filter_map(|listed| listed.seat.as_ref()).map(|seat| seat.backlog());
        let buffered = backlogs.fold(Backlog::default(), |sum, backlog| Backlog {
            messages: sum.messages + backlog.messages,
            bytes: sum.bytes + backlog.bytes,
        });
        let subscription =
            |listed: &Listed| SubscriptionReport { id: listed.id.clone(), topic: listed.topic };
        let follows_orders = listed.iter().any(|listed| listed.topic == Topic::Orders);
        let complete = self.complete.load(Ordering::Relaxed);
        ClientReport {
            id: self.id(),
            address: self.arrival.address.to_string(),
            user_agent: self.arrival.user_agent.clone(),
            name: self.name.get().map(|name| name.to_string()),
            since: self.arrival.since,
            subscriptions: listed.iter().map(subscription).collect(),
            sent_messages: self.sent_messages.load(Ordering::Relaxed),
            sent_bytes: self.sent_bytes.load(Ordering::Relaxed),
            buffered_messages: buffered.messages,
            buffered_bytes: buffered.bytes,
            lag: if follows_orders { top.saturating_sub(complete) } else { 0 },
        }
    }
}

impl Registered {
    pub(super) fn card(&self) -> &Arc<Card> {
        &self.card
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.registry.connected().cards.remove(&self.card.number);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn arrival() -> Arrival {
        Arrival { address: ([127, 0, 0, 1], 9).into(), user_agent: None, since: Timestamp(1) }
    }

    #[test]
    fn clients_are_listed_while_they_are_connected_and_can_be_sent_away() {
        let registry = Arc::new(Registry::default());
        let (one, two) =
            (registry.enter(arrival(), Arc::default()), registry.enter(arrival(), Arc::default()));
        assert_eq!((registry.report(1, 0).total, registry.report(1, 0).clients.len()), (2, 1));
        for no_name in ["ws-3", "ws-02", "ws-", "2", "ws-+2"] {
            assert!(!registry.disconnect(no_name), "{no_name}");
        }
        assert!(registry.disconnect("ws-2"));
        assert_eq!(two.card().bell().rung().now_or_never(), Some(LEAVE));
        assert_eq!(one.card().bell().rung().now_or_never(), None);
        drop(two);
        assert_eq!(registry.report(9, 0).clients[0].id, "ws-1");
    }

    #[test]
    fn whoever_comes_while_the_interface_closes_is_told_so_too() {
        let registry = Arc::new(Registry::default());
        let early = registry.enter(arrival(), Arc::default());
        registry.close();
        let late = registry.enter(arrival(), Arc::default());
        for client in [early, late] {
            assert_eq!(client.card().bell().rung().now_or_never(), Some(CLOSE));
        }
    }
}
