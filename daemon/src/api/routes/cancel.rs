//! `POST /api/orders/{id}/cancel`: has an order end without effect, if that can still be.

use super::body;
use crate::{
    api::{
        ApiState,
        problem::ApiError,
        reply::{self, RouteResult},
    },
    engine::{CancelError, SubmitError},
    order::{OrderId, State, View},
};
use hyper::{Request, StatusCode, body::Incoming};
use orderd_sdk::wire::{CancelRequest, OrderReply};

/// The longest reason, in characters.
const MAX_REASON: usize = 200;

/// Answers when the wish is on stable storage: 200 when the order is cancelled, 202 when what the chain includes has to
/// decide.
pub(in crate::api) async fn cancel(state: &ApiState, id: OrderId, request: Request<Incoming>) -> RouteResult {
    let body = body::read_optional::<CancelRequest>(request, &state.settings).await?;
    let reason = reason(body.and_then(|body| body.reason), "at the client's wish")?;
    let order = state.desk.cancel(id, reason).await?.ok_or_else(|| state.order_not_found())?;
    let is_done = matches!(order.state, State::Cancelled);
    let status = if is_done { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok(reply::json(status, &OrderReply { success: true, order: View::latest(&order) }))
}

/// The reason that was given, or this one.
pub(super) fn reason(given: Option<String>, otherwise: &str) -> Result<String, ApiError> {
    let reason = given.unwrap_or_else(|| otherwise.to_owned());
    match reason.chars().count() > MAX_REASON || reason.chars().any(char::is_control) {
        true => Err(ApiError::InvalidReason { most: MAX_REASON }),
        false => Ok(reason),
    }
}

impl From<CancelError> for ApiError {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::Refused(refusal) => Self::CancelRefused(refusal),
            CancelError::Busy => Self::Busy,
            CancelError::Draining => Self::Submit(SubmitError::Draining),
            CancelError::Store(error) => Self::Read(error),
        }
    }
}
