//! `GET /api/orders/status/{id}`: where an order stands.

use crate::{
    api::{
        ApiState,
        reply::{self, RouteResult},
    },
    order::{OrderId, View},
};
use hyper::StatusCode;
use orderd_sdk::wire::OrderReply;

/// Answers with the order as of its last durable event.
pub(in crate::api) async fn order(state: &ApiState, id: OrderId) -> RouteResult {
    let order = state.desk.load(id).await?.ok_or_else(|| state.order_not_found())?;
    let order = View::latest(&order);
    Ok(reply::json(StatusCode::OK, &OrderReply { success: true, order }))
}
