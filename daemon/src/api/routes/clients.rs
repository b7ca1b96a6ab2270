//! `GET /api/clients`: who is connected by WebSocket; `POST /api/clients/{id}/disconnect`: one has to leave.

use super::body;
use crate::api::{
    ApiState,
    parameters::{Parameters, invalid},
    problem::ApiError,
    reply::{self, RouteResult},
    reports,
};
use hyper::{Request, StatusCode, body::Incoming};
use orderd_sdk::wire::{Disconnected, NoFields};

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1_000;

/// Answers with the clients that are most behind, and how many there are in all.
pub(in crate::api) fn clients(state: &ApiState, query: &Parameters) -> RouteResult {
    let limit = query.value("limit", "a number from 1 to 1000")?.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(invalid(format!("limit must be a number from 1 to {MAX_LIMIT}")));
    }
    Ok(reply::json(StatusCode::OK, &reports::clients(state, limit)))
}

/// Answers when the client's connection has been told to close.
pub(in crate::api) async fn disconnect(
    state: &ApiState,
    client: &str,
    request: Request<Incoming>,
) -> RouteResult {
    body::read_optional::<NoFields>(request, &state.settings).await?;
    match state.clients.disconnect(client) {
        true => Ok(reply::json(StatusCode::OK, &Disconnected { success: true, id: client.to_owned() })),
        false => Err(ApiError::ClientNotFound),
    }
}
