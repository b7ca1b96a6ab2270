//! `POST /api/orders/bulk/preview` and `…/execute`: one verb for many orders.

use super::{body, cancel};
use crate::{
    api::{
        ApiState,
        auth::Access,
        bulk::{Choice, Extent, LIFETIME, Progress, Redeemed, Run, judge},
        parameters,
        problem::ApiError,
        reply::{self, RouteResult},
    },
    engine::{Phase, SubmitError},
    order::OrderId,
    telemetry::{observe, spawn},
};
use hyper::{Request, StatusCode, body::Incoming};
use orderd_sdk::wire::{BulkExecuteRequest, BulkPreview, BulkPreviewRequest};
use std::{collections::BTreeSet, time::Duration};
use tokio::sync::watch;

/// How long the answer to `execute` waits for the end.
const PATIENCE: Duration = Duration::from_secs(20);

/// Answers with what would be done, and a token to have it done.
pub(in crate::api) async fn preview_bulk(
    state: &ApiState,
    access: Access,
    request: Request<Incoming>,
) -> RouteResult {
    let request: BulkPreviewRequest = body::read_json(request, &state.settings).await?;
    let (action, choice) = (request.action, choice(request, state.settings.max_bulk_orders)?);
    if state.desk.phase() == Phase::Draining {
        return Err(ApiError::Submit(SubmitError::Draining));
    }
    let turn = state.previews.judging.acquire().await;
    let judged = judge(state, action, choice).await?;
    drop(turn);
    let (blocked, eligible) = (judged.blocked(), judged.eligible.len() as u64);
    let lifetime = u64::try_from(LIFETIME.as_millis()).unwrap_or(u64::MAX);
    let preview = BulkPreview {
        success: true,
        expires_at: state.stats.now().plus_millis(lifetime),
        token: state.previews.keep(access, action, judged.eligible).map_err(ApiError::NoPreview)?,
        action,
        matched: eligible + blocked.iter().map(|blocked| blocked.count).sum::<u64>(),
        eligible,
        truncated: judged.extent == Extent::Truncated,
        blocked,
    };
    Ok(reply::json(StatusCode::OK, &preview))
}

/// Has it done, unless that was asked for before; answers with what has been done: 200 when that is all.
pub(in crate::api) async fn execute_bulk(
    state: &ApiState,
    access: Access,
    request: Request<Incoming>,
) -> RouteResult {
    let request: BulkExecuteRequest = body::read_json(request, &state.settings).await?;
    let reason = cancel::reason(request.reason, "at an operator's wish")?;
    let mut progress = match state.previews.redeem(&request.token, &access, request.expected)? {
        Redeemed::Now(run, progress) => {
            begin(state, &access, run, progress.clone(), reason);
            progress
        }
        Redeemed::Before(progress) => progress,
    };
    // Neither the end of the time nor that of the run keeps the answer from being what is known.
    let _ = tokio::time::timeout(PATIENCE, progress.wait_for(|progress| progress.is_over())).await;
    let report = progress.borrow().report();
    let status = if report.finished { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok(reply::json(status, &report))
}

/// In a task of its own: a client that hangs up must not leave it half done.
fn begin(state: &ApiState, access: &Access, run: Run, progress: watch::Receiver<Progress>, reason: String) {
    let (desk, turns, caller) = (state.desk.clone(), state.previews.running.clone(), access.name());
    spawn("bulk", async move {
        let turn = turns.acquire().await;
        run.go(&*desk, &reason).await;
        drop(turn);
        let report = progress.borrow().report();
        observe::bulk_ended(&caller, &reason, &report);
    });
}

fn choice(request: BulkPreviewRequest, most: usize) -> Result<Choice, ApiError> {
    let refused = |detail: String| Err(ApiError::InvalidSelection(detail));
    match (request.filter, request.ids) {
        (Some(filter), None) => parameters::filter(&filter).map(Choice::Filter),
        (None, Some(ids)) if ids.len() > most => refused(format!("at most {most} ids")),
        (None, Some(ids)) => {
            let read = |id: &String| {
                id.parse().map_err(|_| ApiError::InvalidSelection(format!("{id:?} is no order id")))
            };
            // Each of them once.
            let ids = ids.iter().map(read).collect::<Result<BTreeSet<OrderId>, _>>()?;
            Ok(Choice::Ids(ids.into_iter().collect()))
        }
        _ => refused("either filter or ids says which orders are meant".to_owned()),
    }
}
