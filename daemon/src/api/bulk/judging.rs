//! What a verb would do to many orders, as they stand now.

use crate::{
    api::{ApiState, problem::ApiError, search::Search},
    order::{Order, OrderId},
};
use orderd_sdk::{
    filter::Filter,
    wire::{BulkAction, BulkBlocked},
};
use std::collections::BTreeMap;

/// Orders looked at for one preview, whatever the filter.
const LOOKS: usize = 200_000;
/// Orders that are named for each reason.
const EXAMPLES: usize = 5;

/// Which orders are meant.
pub(in crate::api) enum Choice {
    /// Those that match.
    Filter(Filter),
    /// These.
    Ids(Vec<OrderId>),
}

/// What would be done, and what would be refused.
pub(in crate::api) struct Judged {
    pub(in crate::api) eligible: Vec<OrderId>,
    pub(in crate::api) extent: Extent,
    blocked: BTreeMap<&'static str, Blocked>,
    /// Eligible orders at the most.
    most: usize,
}

/// Whether every order was looked at that may be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Extent {
    Whole,
    Truncated,
}

struct Blocked {
    title: &'static str,
    count: u64,
    examples: Vec<OrderId>,
}

/// Judges the orders that are meant, as the calls for one order would.
pub(in crate::api) async fn judge(
    state: &ApiState,
    action: BulkAction,
    choice: Choice,
) -> Result<Judged, ApiError> {
    let most = state.settings.max_bulk_orders;
    let mut judged = Judged { eligible: Vec::new(), extent: Extent::Whole, blocked: BTreeMap::new(), most };
    match choice {
        Choice::Filter(filter) => {
            let mut search = Search::new(filter, Vec::new(), None, state.stats.now());
            while judged.has_room() && search.goes_on(LOOKS) {
                for found in search.step(&*state.desk).await? {
                    judged.note(found.order.id, refusal(state, action, &found.order));
                }
            }
            if search.goes_on(usize::MAX) {
                judged.extent = Extent::Truncated;
            }
        }
        Choice::Ids(ids) => {
            for id in ids {
                let refusal = match state.desk.load(id).await? {
                    Some(order) => refusal(state, action, &order),
                    None => Some(state.order_not_found()),
                };
                judged.note(id, refusal);
            }
        }
    }
    Ok(judged)
}

fn refusal(state: &ApiState, action: BulkAction, order: &Order) -> Option<ApiError> {
    match action {
        BulkAction::Retry => state.desk.retry_refusal(order).map(ApiError::from),
        BulkAction::Cancel => order.cancel_refusal().map(ApiError::CancelRefused),
    }
}

impl Judged {
    fn has_room(&self) -> bool {
        self.eligible.len() < self.most
    }

    fn note(&mut self, id: OrderId, refusal: Option<ApiError>) {
        let Some(refusal) = refusal else {
            match self.has_room() {
                true => self.eligible.push(id),
                false => self.extent = Extent::Truncated,
            }
            return;
        };
        let kind = refusal.kind();
        let fresh = Blocked { title: kind.title, count: 0, examples: Vec::new() };
        let blocked = self.blocked.entry(kind.code).or_insert(fresh);
        blocked.count += 1;
        if blocked.examples.len() < EXAMPLES {
            blocked.examples.push(id);
        }
    }

    /// Those that it would not be done to, by reason.
    pub(in crate::api) fn blocked(&self) -> Vec<BulkBlocked> {
        let told = |(code, blocked): (&&str, &Blocked)| BulkBlocked {
            code: (*code).to_owned(),
            detail: blocked.title.to_owned(),
            count: blocked.count,
            examples: blocked.examples.iter().map(OrderId::to_string).collect(),
        };
        self.blocked.iter().map(told).collect()
    }
}
