//! `GET /api/orders/status/{id}`: where an order stands.

use crate::{
    api::{
        ApiState,
        reply::{self, JSON, RouteResult},
    },
    order::OrderId,
};
use hyper::StatusCode;

/// Answers with the order as of its last durable event.
pub(in crate::api) async fn order(state: &ApiState, id: OrderId) -> RouteResult {
    let order = state.desk.load(id).await?.ok_or_else(|| state.order_not_found())?;
    Ok(reply::encoded(StatusCode::OK, JSON, state.shown.reply(&order)))
}
