//! `GET /api/orders/status/{id}`: where an order stands.

use crate::{
    api::{
        ApiState,
        reply::{self, JSON, RouteResult},
        shown,
    },
    order::OrderId,
    store::Seen,
};
use hyper::StatusCode;

/// Answers with the order as of its last durable event.
pub(in crate::api) async fn order(state: &ApiState, id: OrderId) -> RouteResult {
    let seen = state.desk.show(id, shown::encode).await?.ok_or_else(|| state.order_not_found())?;
    let body = match seen {
        Seen::Order(order) => state.shown.reply(&order),
        Seen::Shown(body) => body,
    };
    Ok(reply::encoded(StatusCode::OK, JSON, body))
}
