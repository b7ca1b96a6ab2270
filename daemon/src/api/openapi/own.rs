//! Calls about the daemon itself.

use super::Call;
use hyper::StatusCode;
use orderd_sdk::wire::{Health, Ready, schema::json_schema};

pub(super) fn health() -> Call {
    Call::get("/health", "getHealth", "Whether the daemon lives, and what it has in hand")
        .returns::<Health>(StatusCode::OK, "It lives.")
}

pub(super) fn ready() -> Call {
    Call::get("/ready", "getReady", "Whether the daemon is fit to be given work, and which accounts can sign")
        .returns::<Ready>(StatusCode::OK, "It is.")
        .returns::<Ready>(StatusCode::SERVICE_UNAVAILABLE, "It recovers, or shuts down.")
}

pub(super) fn openapi() -> Call {
    Call::get("/openapi.json", "getOpenApi", "This document").answers(
        StatusCode::OK,
        "OpenAPI 3.1.",
        Some(|_| json_schema!({ "type": "object", "additionalProperties": true })),
    )
}
