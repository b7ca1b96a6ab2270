//! Calls about the daemon itself.

use super::{Call, Parameter};
use hyper::StatusCode;
use orderd_sdk::wire::{Health, Logs, Ready, Status, schema::json_schema};
use serde_json::json;

pub(super) fn health() -> Call {
    Call::get("/health", "getHealth", "Whether the daemon lives, and what it has in hand")
        .returns::<Health>(StatusCode::OK, "It lives.")
}

pub(super) fn ready() -> Call {
    Call::get("/ready", "getReady", "Whether the daemon is fit to be given work, and which accounts can sign")
        .returns::<Ready>(StatusCode::OK, "It is.")
        .returns::<Ready>(StatusCode::SERVICE_UNAVAILABLE, "It recovers, or shuts down.")
}

pub(super) fn status() -> Call {
    Call::get("/api/status", "getStatus", "How the daemon is: phase, counts, recovery, accounts")
        .returns::<Status>(StatusCode::OK, "As the topic `status` tells it.")
}

pub(super) fn logs() -> Call {
    let lines = json!({ "type": "integer", "minimum": 0, "maximum": 1000, "default": 100 });
    let level = json!({ "type": "string", "enum": ["error", "warn", "info", "debug", "trace"] });
    Call::get("/api/logs", "getLogs", "The last lines of the log, oldest first")
        .with(Parameter::query("lines", "Lines at the most.", lines))
        .with(Parameter::query("level", "Lines of this level or worse.", level))
        .with(Parameter::query("target", "Lines whose target begins so.", json!({ "type": "string" })))
        .returns::<Logs>(StatusCode::OK, "From memory, which holds some thousands of lines.")
}

pub(super) fn metrics() -> Call {
    Call::get("/metrics", "getMetrics", "Figures for a monitoring system")
        .answers(
            StatusCode::OK,
            "The text format of Prometheus, version 0.0.4.",
            Some(|_| json_schema!({ "type": "string" })),
        )
        .in_media_type("text/plain")
}

pub(super) fn openapi() -> Call {
    Call::get("/openapi.json", "getOpenApi", "This document").answers(
        StatusCode::OK,
        "OpenAPI 3.1.",
        Some(|_| json_schema!({ "type": "object", "additionalProperties": true })),
    )
}
