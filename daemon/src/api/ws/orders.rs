//! The orders of a filter, as a source of messages: a snapshot or what was missed, then every event as it happens.
//!
//! The reader takes its seat first and the store is asked afterwards, so that nothing falls in between; what the store has
//! shown already is left out of what is read.

use super::{
    End, Pipe, Progress,
    catching_up::{CatchingUp, Missed},
    request::OrdersRequest,
    snapshot::{self, Showing, Shown},
};
use crate::{
    api::ApiState,
    order::{Order, OrderId},
    store::StoreError,
    stream::{Bell, Frame, Pulled, Reader, Seat},
};
use orderd_sdk::wire::{GapReason, Signal, Since, SnapshotOf, Subscribed, Topic};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// Who is wholly behind again within this time is closed.
const SLOW_AGAIN: Duration = Duration::from_secs(60);

/// Tells the events of all orders that match a filter.
pub(super) struct Orders {
    id: String,
    snapshot: SnapshotOf,
    reader: Reader,
    /// What is told before the reader is asked, in this order.
    steps: VecDeque<Step>,
    /// Events up to this one were told, or are not wanted.
    after: u64,
    /// Orders that were shown as of a later event than `after`, and that event.
    shown: Shown,
    /// Everything up to this event of all was told, as far as it matches.
    complete: u64,
    /// Whether it is nobody's fault when the reader is too far behind: it has not been read since something was told before
    /// it, or the hub could not tell it everything.
    is_catching_up: bool,
    /// When the reader was last too far behind.
    slow_at: Option<Instant>,
}

/// One thing to tell before the reader is asked.
pub(super) enum Step {
    /// The orders as they stand.
    Show(Showing),
    /// Events that were missed.
    CatchUp(CatchingUp),
}

/// Why a subscription of orders does not begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NotBegun {
    /// Too many large snapshots are under way.
    Busy,
    /// An order cannot be read.
    Unreadable,
}

impl From<StoreError> for NotBegun {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a subscription met a failing store");
        Self::Unreadable
    }
}

impl Orders {
    /// Takes a seat, finds out where to begin, and puts the first messages into the pipe.
    pub(super) async fn begin(
        state: &ApiState,
        id: String,
        request: OrdersRequest,
        (bell, bit): (Arc<Bell>, u64),
        pipe: &mut Pipe,
    ) -> Result<Self, NotBegun> {
        let OrdersRequest { filter, delivery, since, snapshot } = request;
        let (reader, after) = state.hub.read(filter, delivery, bell, bit);
        let mut orders = Self {
            id,
            snapshot,
            reader,
            steps: VecDeque::new(),
            after,
            shown: Shown::default(),
            complete: 0,
            is_catching_up: false,
            slow_at: None,
        };
        match since {
            None => orders.begin_afresh(state, pipe, None).await?,
            Some(Since::Cursor { epoch, cursor }) => match orders.where_it_left_off(state, &epoch, cursor) {
                Ok(()) => orders.confirm(pipe, true, cursor),
                Err(reason) => orders.begin_afresh(state, pipe, Some(reason)).await?,
            },
            Some(Since::Seq { seq }) => {
                let seqs = seq.into_iter().filter_map(|(id, seq)| Some((id.parse().ok()?, seq))).collect();
                orders.begin_by_seq(state, pipe, &seqs).await?;
            }
        }
        Ok(orders)
    }

    /// Puts what is ready into the pipe.
    ///
    /// # Errors
    /// When the client does not keep up, again.
    pub(super) async fn pull(&mut self, state: &ApiState, pipe: &mut Pipe) -> Result<Progress, End> {
        if !self.steps.is_empty() {
            self.take_step(state, pipe).await?;
            return Ok(Progress::More);
        }
        // Looked at first: what is told up to here is in the feed when it is read.
        let told = state.hub.told();
        while !pipe.is_full() {
            match self.reader.pull() {
                Pulled::Event(event) => {
                    self.is_catching_up = false;
                    if event.cursor() > self.after && !self.shown.has(&event) {
                        pipe.push(event.frame());
                        self.complete = event.cursor();
                    }
                }
                Pulled::Nothing => {
                    self.is_catching_up = false;
                    self.complete = self.complete.max(told);
                    return Ok(Progress::Drained);
                }
                Pulled::Torn => {
                    self.is_catching_up = true;
                    self.lose(state, pipe).await?;
                    return Ok(Progress::More);
                }
                Pulled::Lost => {
                    self.lose(state, pipe).await?;
                    return Ok(Progress::More);
                }
            }
        }
        Ok(Progress::More)
    }

    pub(super) fn complete(&self) -> u64 {
        self.complete
    }

    pub(super) fn seat(&self) -> &Arc<Seat> {
        self.reader.seat()
    }

    /// The client continues after this event, if that can be.
    fn where_it_left_off(&mut self, state: &ApiState, epoch: &str, cursor: u64) -> Result<(), GapReason> {
        let (current, top) = state.desk.position();
        if epoch != current.to_string() {
            return Err(GapReason::Epoch);
        }
        if cursor > top {
            return Err(GapReason::Ahead);
        }
        if cursor < self.after {
            self.steps.push_back(self.missed(state, cursor, self.after)?);
        }
        self.after = self.after.max(cursor);
        self.complete = cursor;
        Ok(())
    }

    /// Begins with a snapshot, or with nothing when none is wanted.
    async fn begin_afresh(
        &mut self,
        state: &ApiState,
        pipe: &mut Pipe,
        gap: Option<GapReason>,
    ) -> Result<(), NotBegun> {
        let step = self.show(state).await?;
        self.confirm(pipe, false, self.after);
        if let Some(reason) = gap {
            self.tell_gap(pipe, reason);
        }
        self.steps.extend(step);
        Ok(())
    }

    /// Continues each order where the client has left it, and shows the others.
    async fn begin_by_seq(
        &mut self,
        state: &ApiState,
        pipe: &mut Pipe,
        seqs: &HashMap<OrderId, u64>,
    ) -> Result<(), NotBegun> {
        let loaded = snapshot::load_named(state, self.reader.filter().ids()).await?;
        let is_ahead = |order: &Arc<Order>| seqs.get(&order.id).is_some_and(|seq| *seq > order.seq());
        let has_gap = loaded.orders.iter().any(is_ahead);
        let (known, others): (Vec<_>, Vec<_>) =
            loaded.orders.into_iter().partition(|order| seqs.contains_key(&order.id) && !is_ahead(order));
        self.confirm(pipe, others.is_empty(), self.after);
        if has_gap {
            self.tell_gap(pipe, GapReason::Ahead);
        }
        snapshot::tell_missing(&loaded.missing, &self.id, pipe);
        self.shown.note(&known);
        let next = |order: &Arc<Order>| seqs[&order.id] + 1;
        let missed = CatchingUp::lives(known.into_iter().map(|order| (order.clone(), next(&order))));
        self.steps.push_back(Step::CatchUp(missed));
        if self.snapshot == SnapshotOf::Live && !others.is_empty() {
            self.shown.note(&others);
            self.steps.push_back(Step::Show(Showing::new(others, self.after)));
        }
        Ok(())
    }

    /// The snapshot that this subscription begins with, or begins anew with.
    async fn show(&mut self, state: &ApiState) -> Result<Option<Step>, NotBegun> {
        if self.snapshot == SnapshotOf::None {
            return Ok(None);
        }
        let filter = self.reader.filter().clone();
        let showing = match filter.ids().is_empty() {
            true => {
                let showing = snapshot::live(state, &filter)?;
                self.after = self.after.max(showing.cursor());
                showing
            }
            false => {
                let loaded = snapshot::load_named(state, filter.ids()).await?;
                self.shown.note(&loaded.orders);
                loaded.into_showing(&filter, self.after)
            }
        };
        Ok(Some(Step::Show(showing)))
    }

    async fn take_step(&mut self, state: &ApiState, pipe: &mut Pipe) -> Result<(), End> {
        self.is_catching_up = true;
        let is_done = match &mut self.steps[0] {
            Step::Show(showing) => {
                let is_last = showing.tell_page(&self.id, pipe);
                if is_last {
                    self.complete = self.complete.max(self.after);
                }
                is_last
            }
            Step::CatchUp(missed) => match missed.tell_page(state, pipe).await {
                Ok(Missed { up_to, is_all }) => {
                    self.complete = self.complete.max(up_to);
                    is_all
                }
                Err(reason) => {
                    self.steps.clear();
                    return self.resume_after_gap(state, pipe, reason).await;
                }
            },
        };
        if is_done {
            self.steps.pop_front();
        }
        Ok(())
    }

    /// The reader is too far behind. When that is nobody's fault, what has come meanwhile is told as what was missed, if it
    /// is remembered.
    async fn lose(&mut self, state: &ApiState, pipe: &mut Pipe) -> Result<(), End> {
        if self.is_catching_up {
            let until = self.reader.skip();
            if let Ok(missed) = self.missed(state, self.after.max(self.complete), until) {
                self.steps.push_back(missed);
                self.after = until;
                return Ok(());
            }
        }
        let now = Instant::now();
        if self.slow_at.replace(now).is_some_and(|before| now.duration_since(before) < SLOW_AGAIN) {
            return Err(End::Slow);
        }
        self.resume_after_gap(state, pipe, GapReason::Slow).await
    }

    /// Leaves out what cannot be told, says so, and shows how things stand.
    async fn resume_after_gap(
        &mut self,
        state: &ApiState,
        pipe: &mut Pipe,
        reason: GapReason,
    ) -> Result<(), End> {
        self.after = self.reader.skip();
        self.shown = Shown::default();
        let step = self.show(state).await.map_err(|_| End::Slow)?;
        self.tell_gap(pipe, reason);
        self.steps.extend(step);
        Ok(())
    }

    fn missed(&self, state: &ApiState, after: u64, until: u64) -> Result<Step, GapReason> {
        CatchingUp::events(state, self.reader.filter(), &self.shown, after, until).map(Step::CatchUp)
    }

    fn confirm(&self, pipe: &mut Pipe, recovered: bool, cursor: u64) {
        let (id, topic) = (self.id.clone(), Topic::Orders);
        pipe.push(&Frame::encode(&Subscribed { id, topic, recovered, order: None, cursor }));
    }

    fn tell_gap(&self, pipe: &mut Pipe, reason: GapReason) {
        let (id, cursor) = (self.id.clone(), self.after);
        pipe.push(&Frame::encode(&Signal::Gap { id, reason, cursor, missed: None }));
    }
}
