//! `POST /api/orders/{id}/retry`: gives a failed order one more attempt.

use super::body;
use crate::{
    api::{
        ApiState,
        deed::Deed,
        problem::ApiError,
        reply::{self, RouteResult},
    },
    engine::{RetryError, SubmitError},
    order::{OrderId, View},
};
use hyper::{Request, StatusCode, body::Incoming};
use orderd_sdk::wire::{NoFields, OrderReply};

/// Answers when the attempt is on stable storage.
pub(in crate::api) async fn retry(
    state: &ApiState,
    id: OrderId,
    request: Request<Incoming>,
    deed: &mut Deed,
) -> RouteResult {
    body::read_optional::<NoFields>(request, &state.settings).await?;
    let order = state.desk.retry(id).await?.ok_or_else(|| state.order_not_found())?;
    deed.tells("it has one more attempt");
    Ok(reply::json(StatusCode::ACCEPTED, &OrderReply { success: true, order: View::latest(&order) }))
}

impl From<RetryError> for ApiError {
    fn from(error: RetryError) -> Self {
        match error {
            RetryError::Refused(refusal) => Self::RetryRefused(refusal),
            RetryError::NotServed(lane) => Self::NotServed(lane),
            RetryError::Busy => Self::Busy,
            RetryError::QueueFull { limit } => Self::Submit(SubmitError::QueueFull { limit }),
            RetryError::Draining => Self::Submit(SubmitError::Draining),
            RetryError::Store(error) => Self::Read(error),
        }
    }
}
