//! `POST /api/stream/ticket`: a ticket with which a browser opens one stream.

use super::body;
use crate::api::{
    ApiState,
    auth::{Access, TicketError},
    problem::ApiError,
    reply::{self, RouteResult},
};
use hyper::{Request, StatusCode, body::Incoming};
use orderd_sdk::wire::NoFields;

/// Answers with a ticket that gives leave to what the caller may do.
pub(in crate::api) async fn ticket(
    state: &ApiState,
    access: Access,
    request: Request<Incoming>,
) -> RouteResult {
    body::read_optional::<NoFields>(request, &state.settings).await?;
    Ok(reply::json(StatusCode::OK, &state.auth.issue_ticket(access)?))
}

impl From<TicketError> for ApiError {
    fn from(error: TicketError) -> Self {
        Self::NoTicket(error)
    }
}
