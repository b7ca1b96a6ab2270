//! Does what a preview has shown, one order after the other, each by the rules that hold then.

use crate::{
    api::problem::ApiError,
    engine::Desk,
    order::{OrderId, State},
};
use futures_util::{StreamExt, stream};
use orderd_sdk::wire::{BulkAction, BulkOutcome, BulkRefused, BulkReport};
use std::collections::BTreeMap;
use tokio::sync::watch;

/// Orders in hand at one time: enough for the store to write many together, and few among what others ask for.
const IN_HAND: usize = 16;

/// Orders, and what is to be done to each.
pub(in crate::api) struct Run {
    action: BulkAction,
    orders: Vec<OrderId>,
    told: watch::Sender<Progress>,
}

/// How far a run is.
#[derive(Clone, Debug)]
pub(in crate::api) struct Progress {
    action: BulkAction,
    expected: u64,
    outcomes: BTreeMap<BulkOutcome, u64>,
    /// By code.
    refused: BTreeMap<&'static str, Refused>,
    standing: Standing,
}

#[derive(Clone, Debug)]
struct Refused {
    title: &'static str,
    orders: Vec<OrderId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    UnderWay,
    Over,
}

impl Run {
    /// A run, and where it tells how far it is.
    pub(super) fn of(action: BulkAction, orders: Vec<OrderId>) -> (Self, watch::Receiver<Progress>) {
        let (told, progress) = watch::channel(Progress {
            action,
            expected: orders.len() as u64,
            outcomes: BTreeMap::new(),
            refused: BTreeMap::new(),
            standing: Standing::UnderWay,
        });
        (Self { action, orders, told }, progress)
    }

    /// Does it.
    pub(in crate::api) async fn go(mut self, desk: &dyn Desk, reason: &str) {
        let action = self.action;
        let acting = std::mem::take(&mut self.orders)
            .into_iter()
            .map(|id| async move { (id, act(desk, action, id, reason).await) });
        let mut acted = stream::iter(acting).buffer_unordered(IN_HAND);
        while let Some((id, outcome)) = acted.next().await {
            self.told.send_modify(|progress| progress.note(id, outcome));
        }
    }
}

/// However it ends, it says so: nobody waits for what does not come.
impl Drop for Run {
    fn drop(&mut self) {
        self.told.send_modify(|progress| progress.standing = Standing::Over);
    }
}

/// What the call for this one order does.
async fn act(
    desk: &dyn Desk,
    action: BulkAction,
    id: OrderId,
    reason: &str,
) -> Result<BulkOutcome, ApiError> {
    let order = match action {
        BulkAction::Retry => desk.retry(id).await?,
        BulkAction::Cancel => desk.cancel(id, reason.to_owned()).await?,
    };
    let order = order.ok_or(ApiError::OrderNotFound { kept: None })?;
    Ok(match action {
        BulkAction::Retry if matches!(order.state, State::RetryPending { .. }) => BulkOutcome::Hurried,
        BulkAction::Retry => BulkOutcome::Retried,
        BulkAction::Cancel if matches!(order.state, State::Cancelled) => BulkOutcome::Cancelled,
        BulkAction::Cancel => BulkOutcome::CancelRequested,
    })
}

impl Progress {
    pub(in crate::api) fn is_over(&self) -> bool {
        self.standing == Standing::Over
    }

    fn note(&mut self, id: OrderId, outcome: Result<BulkOutcome, ApiError>) {
        match outcome {
            Ok(outcome) => *self.outcomes.entry(outcome).or_default() += 1,
            Err(error) => {
                let kind = error.kind();
                let fresh = Refused { title: kind.title, orders: Vec::new() };
                self.refused.entry(kind.code).or_insert(fresh).orders.push(id);
            }
        }
    }

    pub(in crate::api) fn report(&self) -> BulkReport {
        let told = |(code, refused): (&&str, &Refused)| BulkRefused {
            code: (*code).to_owned(),
            detail: refused.title.to_owned(),
            count: refused.orders.len() as u64,
            ids: refused.orders.iter().map(OrderId::to_string).collect(),
        };
        BulkReport {
            success: true,
            action: self.action,
            finished: self.is_over(),
            expected: self.expected,
            done: self.outcomes.values().sum(),
            outcomes: self.outcomes.clone(),
            refused: self.refused.iter().map(told).collect(),
        }
    }
}
