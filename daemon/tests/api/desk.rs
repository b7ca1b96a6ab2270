//! A desk without an engine: it accepts, remembers and publishes, and tests say what happens to orders.

use async_trait::async_trait;
use orderd::{
    engine::{CancelError, Desk, Phase, Readiness, RetryError, SubmitError, Submitted},
    order::{Catalog, ChainEntry, Fact, Intent, Order, OrderId, OrderIds, Ppm, read_request},
    store::{Claim, Epoch, ListQuery, Page, StoreError},
    stream::Hub,
};
use orderd_sdk::{
    plugin::Token,
    timestamp::Timestamp,
    wire::{ExecuteRequest, OrderStatus},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tokio::sync::{Semaphore, watch};

pub(crate) const NOW: Timestamp = Timestamp(1_790_000_000_000);
pub(crate) const GATE_PERMITS: u32 = 1000;
pub(crate) const EPOCH: Epoch = Epoch(7);

pub(crate) struct MemoryDesk {
    hub: Arc<Hub>,
    book: Mutex<Book>,
    /// Orders are taken and retried while this has permits: a test can hold them up.
    pub(crate) gate: Semaphore,
    /// Retries that were begun.
    pub(crate) retries: watch::Sender<usize>,
}

#[derive(Default)]
struct Book {
    ids: OrderIds,
    orders: BTreeMap<OrderId, Arc<Order>>,
    claims: BTreeMap<String, (Claim, OrderId)>,
    /// To which order each event belongs, from the event with cursor 1 on.
    history: Vec<OrderId>,
    /// The events up to this cursor are not remembered.
    forgotten: u64,
    /// What happens while an order is being looked at the next time: one event for each of these.
    meanwhile: Vec<OrderId>,
    /// It is removed while an order is being looked at the next time.
    removed_meanwhile: Option<OrderId>,
    refusal: Option<SubmitError>,
    unreadable: Option<StoreError>,
    is_draining: bool,
    cancel_refusal: Option<CancelError>,
    retry_refusal: Option<RetryError>,
    readiness: Readiness,
}

impl Book {
    fn cursor(&self) -> u64 {
        self.history.len() as u64
    }
}

impl MemoryDesk {
    pub(crate) fn new(hub: Arc<Hub>) -> Self {
        Self {
            hub,
            book: Mutex::default(),
            gate: Semaphore::new(GATE_PERMITS as usize),
            retries: watch::Sender::new(0),
        }
    }

    /// Every order from now on is refused so.
    pub(crate) fn refuse(&self, refusal: SubmitError) {
        self.book.lock().unwrap().refusal = Some(refusal);
    }

    /// Every cancellation and every retry from now on is refused so.
    pub(crate) fn refuse_verbs(&self, cancel: CancelError, retry: RetryError) {
        let mut book = self.book.lock().unwrap();
        (book.cancel_refusal, book.retry_refusal) = (Some(cancel), Some(retry));
    }

    pub(crate) fn report(&self, readiness: Readiness) {
        self.book.lock().unwrap().readiness = readiness;
    }

    /// No order can be read from now on.
    pub(crate) fn fail_to_read(&self, error: StoreError) {
        self.book.lock().unwrap().unreadable = Some(error);
    }

    /// Which orders the events so far belong to is not remembered any more.
    pub(crate) fn forget_history(&self) {
        let mut book = self.book.lock().unwrap();
        book.forgotten = book.cursor();
    }

    /// This happens just before the next look at an order.
    pub(crate) fn meanwhile(&self, events_of: impl IntoIterator<Item = OrderId>) {
        self.book.lock().unwrap().meanwhile = events_of.into_iter().collect();
    }

    /// Just before the next look at an order this one is removed, with what is remembered of its time.
    pub(crate) fn remove_meanwhile(&self, order: OrderId) {
        self.book.lock().unwrap().removed_meanwhile = Some(order);
    }

    pub(crate) fn drain(&self) {
        self.book.lock().unwrap().is_draining = true;
    }

    /// An order is there.
    pub(crate) fn accept(&self) -> OrderId {
        let request = ExecuteRequest::market("SOL", "USDC", "1.5");
        let intent = read_request(&request, &catalog(), NOW).unwrap();
        self.take(intent)
    }

    fn take(&self, intent: Intent) -> OrderId {
        let id = self.book.lock().unwrap().ids.next(NOW, 0);
        self.keep(Order::accept(id, intent, 0, NOW))
    }

    /// Something happens to an order: it becomes visible, then its readers are told, as with a real store.
    pub(crate) fn step(&self, id: OrderId, fact: Fact) -> u64 {
        let mut order = Order::clone(&self.book.lock().unwrap().orders[&id]);
        order.apply(fact, NOW).unwrap();
        let seq = order.seq();
        self.keep(order);
        seq
    }

    /// The number of its last event.
    pub(crate) fn seq(&self, id: OrderId) -> u64 {
        self.book.lock().unwrap().orders[&id].seq()
    }

    /// One event more.
    pub(crate) fn grow(&self, id: OrderId) -> u64 {
        let fresh = self.book.lock().unwrap().orders[&id].seq() == 1;
        self.step(
            id,
            match fresh {
                true => Fact::QuotesRequested { venues: 2 },
                false => Fact::QuotesReceived { quotes: Vec::new().into() },
            },
        )
    }

    pub(crate) fn expire(&self, id: OrderId) {
        self.step(id, Fact::Expired { reason: "waiting".into() });
    }

    fn keep(&self, order: Order) -> OrderId {
        let order = Arc::new(order);
        let mut book = self.book.lock().unwrap();
        let first_new = order.events.iter().take_while(|event| event.cursor.get() != 0).count();
        for event in &order.events[first_new..] {
            book.history.push(order.id);
            event.cursor.set(book.cursor());
        }
        book.orders.insert(order.id, Arc::clone(&order));
        // While the book is held, so that events are published in the order of their cursors.
        self.hub.publish(&order, first_new);
        drop(book);
        order.id
    }
}

#[async_trait]
impl Desk for MemoryDesk {
    async fn submit(&self, request: ExecuteRequest, claim: Option<Claim>) -> Result<Submitted, SubmitError> {
        let _open = self.gate.acquire().await.unwrap();
        if let Some(refusal) = self.book.lock().unwrap().refusal.clone() {
            return Err(refusal);
        }
        let intent = read_request(&request, &catalog(), NOW).map_err(SubmitError::Invalid)?;
        if let Some(claim) = &claim {
            let book = self.book.lock().unwrap();
            match book.claims.get(&claim.key) {
                Some((known, id)) if known == claim => {
                    let order = Arc::clone(&book.orders[id]);
                    return Ok(Submitted { order, replayed: true });
                }
                Some(_) => return Err(SubmitError::KeyReused),
                None => {}
            }
        }
        let id = self.take(intent);
        let mut book = self.book.lock().unwrap();
        if let Some(claim) = claim {
            book.claims.insert(claim.key.clone(), (claim, id));
        }
        let order = Arc::clone(&book.orders[&id]);
        Ok(Submitted { order, replayed: false })
    }

    async fn load(&self, id: OrderId) -> Result<Option<Arc<Order>>, StoreError> {
        let events = std::mem::take(&mut self.book.lock().unwrap().meanwhile);
        for id in events {
            self.grow(id);
        }
        let mut book = self.book.lock().unwrap();
        if let Some(removed) = book.removed_meanwhile.take().and_then(|id| book.orders.remove(&id)) {
            book.forgotten = removed.events.last().map_or(0, |event| event.cursor.get());
        }
        match &book.unreadable {
            Some(error) => Err(error.clone()),
            None => Ok(book.orders.get(&id).cloned()),
        }
    }

    async fn list(&self, query: ListQuery) -> Result<Page, StoreError> {
        let book = self.book.lock().unwrap();
        let fits = |order: &&Arc<Order>| {
            query.before.is_none_or(|before| order.id < before)
                && (query.statuses.is_empty() || query.statuses.contains(&order.state.status()))
        };
        let mut orders: Vec<_> =
            (book.orders.values().rev().filter(fits)).take(query.limit + 1).cloned().collect();
        let has_more = orders.len() > query.limit;
        orders.truncate(query.limit);
        let next = orders.last().map(|order| order.id).filter(|_| has_more);
        Ok(Page { orders, next })
    }

    async fn cancel(&self, id: OrderId, reason: String) -> Result<Option<Arc<Order>>, CancelError> {
        if let Some(refusal) = self.book.lock().unwrap().cancel_refusal.clone() {
            return Err(refusal);
        }
        let Some(order) = self.load(id).await? else {
            return Ok(None);
        };
        if let Some(refusal) = order.cancel_refusal() {
            return Err(refusal.into());
        }
        self.step(id, Fact::CancelRequested { reason });
        Ok(self.load(id).await?)
    }

    async fn retry(&self, id: OrderId) -> Result<Option<Arc<Order>>, RetryError> {
        self.retries.send_modify(|begun| *begun += 1);
        let _open = self.gate.acquire().await.unwrap();
        if let Some(refusal) = self.book.lock().unwrap().retry_refusal.clone() {
            return Err(refusal);
        }
        let Some(order) = self.load(id).await? else {
            return Ok(None);
        };
        if let Some(refusal) = order.retry_refusal(NOW) {
            return Err(refusal.into());
        }
        self.step(id, Fact::RetryRequested { queue_position: 0 });
        Ok(self.load(id).await?)
    }

    fn retry_refusal(&self, order: &Order) -> Option<RetryError> {
        order.retry_refusal(NOW).map(RetryError::Refused)
    }

    fn readiness(&self) -> Readiness {
        self.book.lock().unwrap().readiness.clone()
    }

    fn live_counts(&self) -> BTreeMap<OrderStatus, u64> {
        let mut counts = BTreeMap::new();
        let book = self.book.lock().unwrap();
        for order in book.orders.values().filter(|order| !order.state.is_over()) {
            *counts.entry(order.state.status()).or_default() += 1;
        }
        counts
    }

    fn position(&self) -> (Epoch, u64) {
        (EPOCH, self.book.lock().unwrap().cursor())
    }

    fn history(&self, after: u64, limit: usize) -> Option<Vec<OrderId>> {
        let book = self.book.lock().unwrap();
        let known = usize::try_from(after).unwrap().min(book.history.len());
        let later = book.history[known..].iter().take(limit).copied().collect();
        (after >= book.forgotten).then_some(later)
    }

    fn live_at(&self) -> (Vec<Arc<Order>>, u64) {
        let book = self.book.lock().unwrap();
        let live = book.orders.values().filter(|order| !order.state.is_over()).cloned().collect();
        (live, book.cursor())
    }

    fn phase(&self) -> Phase {
        match self.book.lock().unwrap().is_draining {
            true => Phase::Draining,
            false => Phase::Running,
        }
    }
}

pub(crate) fn catalog() -> Catalog {
    let token = |symbol: &str| Token { symbol: symbol.into(), address: symbol.into(), decimals: 9 };
    let paper = ChainEntry {
        tokens: ["SOL", "USDC"].map(|symbol| (symbol.to_owned(), token(symbol))).into(),
        accounts: ["main".to_owned()].into(),
        venues: ["alpha".to_owned()].into(),
    };
    Catalog { chains: [("paper".to_owned(), paper)].into(), default_slippage: Ppm(5_000), max_attempts: 3 }
}
