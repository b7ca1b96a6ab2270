//! `POST /api/queue/pause` and `/resume`: operators hold the queue up, and let it go on.

use super::{body, reason};
use crate::{
    api::{
        ApiState,
        deed::Deed,
        problem::ApiError,
        reply::{self, RouteResult},
    },
    engine::Gate,
};
use hyper::{Request, StatusCode, body::Incoming};
use orderd_sdk::wire::{NoFields, PauseRequest, QueueSwitched};

/// Answers when no attempt is begun any more, and it is written down.
pub(in crate::api) async fn pause(
    state: &ApiState,
    request: Request<Incoming>,
    deed: &mut Deed,
) -> RouteResult {
    let body = body::read_optional::<PauseRequest>(request, &state.settings).await?;
    let reason = reason::checked(body.and_then(|body| body.reason))?;
    deed.because(reason.clone());
    if let Some(before) = state.queue.paused() {
        deed.tells(format!("it is paused already, by {} since {}", before.by, before.since));
    }
    let kept = state.queue.pause(deed.by(), reason).await;
    let paused = Some(kept.map_err(|_| ApiError::PauseNotKept(Gate::Closed))?);
    Ok(reply::json(StatusCode::OK, &QueueSwitched { success: true, paused }))
}

/// Answers when attempts are begun again, and it is written down.
pub(in crate::api) async fn resume(
    state: &ApiState,
    request: Request<Incoming>,
    deed: &mut Deed,
) -> RouteResult {
    body::read_optional::<NoFields>(request, &state.settings).await?;
    match state.queue.paused() {
        Some(before) => deed.tells(format!("it was paused by {} since {}", before.by, before.since)),
        None => deed.tells("it was not paused"),
    }
    state.queue.resume(deed.by()).await.map_err(|_| ApiError::PauseNotKept(Gate::Open))?;
    Ok(reply::json(StatusCode::OK, &QueueSwitched { success: true, paused: None }))
}
