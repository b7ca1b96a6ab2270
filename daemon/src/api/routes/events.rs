//! `GET /api/orders/{id}/events`: an order's history.

use crate::{
    api::{
        ApiState,
        parameters::Parameters,
        problem::ApiError,
        reply::{self, RouteResult},
    },
    order::{OrderId, messages},
};
use hyper::StatusCode;
use orderd_sdk::wire::OrderEvents;

/// Answers with every event, or those after `since`; none when nothing has happened since.
pub(in crate::api) async fn events(state: &ApiState, id: OrderId, query: &Parameters) -> RouteResult {
    let since = query.value("since", "the seq of an event")?.unwrap_or(0_u64);
    let order = state.desk.load(id).await?.ok_or_else(|| state.order_not_found())?;
    if since > order.seq() {
        return Err(ApiError::SinceAhead { last: order.seq() });
    }
    let history =
        OrderEvents { success: true, order_id: id.to_string(), events: messages(&order, since + 1) };
    Ok(reply::json(StatusCode::OK, &history))
}
