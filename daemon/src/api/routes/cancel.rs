//! `POST /api/orders/{id}/cancel`: has an order end without effect, if that can still be.

use super::{body, reason};
use crate::{
    api::{
        ApiState,
        deed::Deed,
        problem::ApiError,
        reply::{self, RouteResult},
    },
    engine::{CancelError, SubmitError},
    order::{OrderId, State, View},
};
use hyper::{Request, StatusCode, body::Incoming};
use orderd_sdk::wire::{CancelRequest, OrderReply};

/// Answers when the wish is on stable storage: 200 when the order is cancelled, 202 when what the chain includes has to
/// decide.
pub(in crate::api) async fn cancel(
    state: &ApiState,
    id: OrderId,
    request: Request<Incoming>,
    deed: &mut Deed,
) -> RouteResult {
    let body = body::read_optional::<CancelRequest>(request, &state.settings).await?;
    let reason = reason::checked(body.and_then(|body| body.reason))?;
    deed.because(reason.clone());
    let reason = reason.unwrap_or_else(|| "at the client's wish".to_owned());
    let order = state.desk.cancel(id, reason).await?.ok_or_else(|| state.order_not_found())?;
    let is_done = matches!(order.state, State::Cancelled);
    let status = if is_done { StatusCode::OK } else { StatusCode::ACCEPTED };
    deed.tells(if is_done { "it is cancelled" } else { "what the chain includes decides" });
    Ok(reply::json(status, &OrderReply { success: true, order: View::latest(&order) }))
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
