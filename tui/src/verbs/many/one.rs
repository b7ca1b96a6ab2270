//! One order, named by its id.

use super::Wish;
use crate::{failure::Failure, session::Session, verbs::change::Deed};
use orderd_sdk::wire::{BulkAction, CancelRequest, OrderDto};

/// Has it done.
pub(super) async fn change(session: &mut Session<'_>, wish: &Wish<'_>, id: &str) -> Result<(), Failure> {
    if let Some(expected) = wish.orders.expect.filter(|expected| *expected != 1) {
        return Err(Failure::Unexpected { eligible: 1, expected });
    }
    let action = wish.action.as_str();
    let deed = Deed { action, target: Some(id.to_owned()), words: format!("{action} order {id}") };
    deed.confirm(session, wish.orders.change).await?;
    let order = match wish.action {
        BulkAction::Retry => session.client.retry(id).await?,
        BulkAction::Cancel => {
            let request = CancelRequest { reason: wish.reason.map(str::to_owned) };
            session.client.cancel(id, &request).await?
        }
    };
    deed.done(session, words(&order), &order)
}

/// How the order stands after it.
fn words(order: &OrderDto) -> String {
    match order.cancel_requested {
        true => {
            format!("order {} is {}, its end is asked for, what was sent decides", order.id, order.status)
        }
        false => format!("order {} is {}", order.id, order.status),
    }
}
