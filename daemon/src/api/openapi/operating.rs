//! Calls of those who operate the daemon.

use super::{Call, Parameter};
use crate::{api::problem::ApiError, engine::Gate};
use hyper::StatusCode;
use orderd_sdk::wire::{Actions, NoFields, PauseRequest, Queue, QueueSwitched};
use serde_json::json;

pub(super) fn queue() -> Call {
    Call::get("/api/queue", "getQueue", "What waits, rates, and how long each stage takes")
        .returns::<Queue>(StatusCode::OK, "As the topic `queue` tells it.")
}

pub(super) fn pause() -> Call {
    Call::post("/api/queue/pause", "pauseQueue", "Have no attempt begun any more, until it is resumed")
        .optional_body::<PauseRequest>()
        .returns::<QueueSwitched>(
            StatusCode::OK,
            "None is begun. What was begun goes on, and orders are accepted. It holds over a restart.",
        )
        .refuses([ApiError::InvalidReason { most: 0 }, ApiError::PauseNotKept(Gate::Closed)])
}

pub(super) fn resume() -> Call {
    Call::post("/api/queue/resume", "resumeQueue", "Have attempts begun again")
        .optional_body::<NoFields>()
        .returns::<QueueSwitched>(StatusCode::OK, "They are begun. It holds over a restart.")
        .refuses([ApiError::PauseNotKept(Gate::Open)])
}

pub(super) fn actions() -> Call {
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": 1000, "default": 100 });
    let before = json!({ "type": "integer", "format": "uint64", "minimum": 0 });
    Call::get("/api/actions", "listActions", "What operators and clients had done, newest first")
        .with(Parameter::query("limit", "Actions at the most.", limit))
        .with(Parameter::query("before", "Only those before the action of this number.", before))
        .returns::<Actions>(StatusCode::OK, "As the topic `actions` tells it.")
}
