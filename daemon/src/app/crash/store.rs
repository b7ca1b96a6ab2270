//! A store with three points at every commit, named after what is persisted: `persist.WHAT.before`, `.taken` and
//! `.durable`.
//!
//! A commit passes the points of every new event that it carries, and of the lane's advance and the idempotency key if
//! it has them.

use crate::{
    order::{Event, EventKind, Lane, Order, OrderId},
    store::{Applied, Change, Epoch, ListQuery, Page, Receipt, Seen, Show, Store, StoreError, Swept},
    telemetry::{
        crash::{die, is_due, pass},
        spawn,
    },
};
use async_trait::async_trait;
use orderd_sdk::{timestamp::Timestamp, wire::OrderStatus};
use std::{
    collections::BTreeMap,
    future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How long the process lives on after it was given a receipt for what is lost: whoever does not wait for the receipt
/// gives himself away.
const STALL: Duration = Duration::from_millis(300);

/// Passes points at every commit.
pub(super) struct WatchedStore {
    inner: Arc<dyn Store>,
    /// Nothing reaches the disk any more: the process is about to die.
    stalled: AtomicBool,
}

/// When in a commit.
#[derive(Clone, Copy)]
enum Moment {
    /// It was called; nothing was taken.
    Before,
    /// It was taken, the receipt is in the caller's hands, and it never becomes durable.
    Taken,
    /// It is durable; whoever waits for the receipt does not know yet.
    Durable,
}

impl Moment {
    const ALL: [Self; 3] = [Self::Before, Self::Taken, Self::Durable];

    fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Taken => "taken",
            Self::Durable => "durable",
        }
    }
}

/// Gives every kind of event a name, once: a kind without one does not compile.
macro_rules! name_events {
    ($($kind:ident => $name:literal,)*) => {
        const EVENTS: &[&str] = &[$($name),*];

        fn name_of(event: &Event) -> &'static str {
            match &event.kind {
                $(EventKind::$kind { .. } => $name,)*
            }
        }
    };
}

name_events! {
    Pending => "pending",
    QuotesRequested => "quotes-requested",
    QuotesReceived => "quotes-received",
    BuildStarted => "build-started",
    Approving => "approving",
    Approved => "approved",
    ApprovalUndone => "approval-undone",
    Signed => "signed",
    Submitted => "submitted",
    ExecutionFailed => "execution-failed",
    RetryPending => "retry-pending",
    Unknown => "unknown",
    Confirmed => "confirmed",
    Finalized => "finalized",
    Reorged => "reorged",
    Failed => "failed",
    Cancelled => "cancelled",
    Expired => "expired",
    CancelRequested => "cancel-requested",
    CancelRefused => "cancel-refused",
    Replaced => "replaced",
    Voided => "voided",
    Requeued => "requeued",
}

/// The lane's advance, the idempotency key, and a change that no event tells of.
const LANE: &str = "lane";
const CLAIM: &str = "claim";
const QUIET: &str = "quiet";

/// The points of everything that can be persisted.
pub(super) fn points() -> impl Iterator<Item = String> {
    let subjects = EVENTS.iter().chain(&[LANE, CLAIM, QUIET]);
    subjects.flat_map(|subject| Moment::ALL.map(|moment| point(subject, moment)))
}

fn point(subject: &str, moment: Moment) -> String {
    format!("persist.{subject}.{}", moment.name())
}

/// What a change persists.
fn subjects(change: &Change) -> Vec<&'static str> {
    let events = change.order.events[change.first_new..].iter().map(|event| name_of(event));
    let mut subjects: Vec<_> = events.collect();
    if subjects.is_empty() {
        subjects.push(QUIET);
    }
    subjects.extend(change.lane.as_ref().map(|_| LANE));
    subjects.extend(change.claim.as_ref().map(|_| CLAIM));
    subjects
}

impl WatchedStore {
    pub(super) fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner, stalled: AtomicBool::new(false) }
    }

    /// Whether the disk stands still from this change on.
    fn stalls_at(&self, subjects: &[&str]) -> bool {
        for point in subjects.iter().map(|subject| point(subject, Moment::Taken)) {
            if is_due(&point) {
                self.stalled.store(true, Ordering::SeqCst);
                spawn("crash-point", async move {
                    tokio::time::sleep(STALL).await;
                    die(&point)
                });
            }
        }
        self.stalled.load(Ordering::SeqCst)
    }
}

/// A receipt that never resolves.
fn lost() -> Receipt {
    let (answer, receipt) = Receipt::pending();
    spawn("crash-point", async move {
        future::pending::<()>().await;
        drop(answer);
    });
    receipt
}

#[async_trait]
impl Store for WatchedStore {
    async fn commit(&self, change: Change) -> Result<Receipt, StoreError> {
        let subjects = subjects(&change);
        subjects.iter().for_each(|subject| pass(&point(subject, Moment::Before)));
        if self.stalls_at(&subjects) {
            return Ok(lost());
        }
        let written = self.inner.commit(change).await?;
        let (answer, receipt) = Receipt::pending();
        spawn("crash-point", async move {
            let applied = written.durable().await;
            if matches!(applied, Ok(Applied::Kept)) {
                subjects.iter().for_each(|subject| pass(&point(subject, Moment::Durable)));
            }
            // Nobody may be waiting: most steps are written and not waited for.
            answer.send(applied).ok();
        });
        Ok(receipt)
    }

    async fn load(&self, id: OrderId) -> Result<Option<Arc<Order>>, StoreError> {
        self.inner.load(id).await
    }

    async fn show(&self, id: OrderId, show: Show) -> Result<Option<Seen>, StoreError> {
        self.inner.show(id, show).await
    }

    async fn list(&self, query: ListQuery) -> Result<Page, StoreError> {
        self.inner.list(query).await
    }

    async fn live(&self) -> Result<Vec<Arc<Order>>, StoreError> {
        self.inner.live().await
    }

    fn live_counts(&self) -> BTreeMap<OrderStatus, u64> {
        self.inner.live_counts()
    }

    async fn lanes(&self) -> Result<BTreeMap<Lane, u64>, StoreError> {
        self.inner.lanes().await
    }

    fn epoch(&self) -> Epoch {
        self.inner.epoch()
    }

    fn cursor(&self) -> u64 {
        self.inner.cursor()
    }

    fn history(&self, after: u64, limit: usize) -> Option<Vec<OrderId>> {
        self.inner.history(after, limit)
    }

    fn live_at(&self) -> (Vec<Arc<Order>>, u64) {
        self.inner.live_at()
    }

    async fn sweep(&self, now: Timestamp) -> Result<Swept, StoreError> {
        self.inner.sweep(now).await
    }

    fn failure(&self) -> Option<StoreError> {
        self.inner.failure()
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.inner.close().await
    }
}
