//! Calls about orders.

use super::{Call, Parameter, refusals, stream};
use crate::{
    api::problem::{ApiError, Gone},
    engine::SubmitError,
    order::{CancelRefusal, Lane, RetryRefusal},
    store::Epoch,
};
use hyper::StatusCode;
use orderd_sdk::wire::{
    CancelRequest, ExecuteRequest, ExecuteResponse, NoFields, OrderChanges, OrderEvents, OrderPage,
    OrderReply, OrderStatus,
    schema::{Schema, Schemas, json_schema},
};
use serde_json::{Value, json};

pub(super) fn execute() -> Call {
    let key =
        "The same key with the same body gives the same order, also when the answer to the first got lost.";
    Call::post("/api/orders/execute", "executeOrder", "Hand in an order")
        .with(Parameter::header(
            "Idempotency-Key",
            key,
            json!({ "type": "string", "pattern": "^[!-~]{1,255}$" }),
        ))
        .body::<ExecuteRequest>()
        .returns::<ExecuteResponse>(
            StatusCode::ACCEPTED,
            "The order is on stable storage and will be executed.",
        )
        .header("Location", "Where the order can be looked up.")
        .header(
            "Idempotency-Replayed",
            "`true` when the order was taken by an earlier request with this key.",
        )
        .refuses([
            ApiError::InvalidIdempotencyKey,
            ApiError::Submit(SubmitError::Invalid(Vec::new())),
            ApiError::Submit(SubmitError::KeyReused),
            ApiError::Submit(SubmitError::QueueFull { limit: 0 }),
            ApiError::Submit(SubmitError::Draining),
            refusals::storage(),
        ])
}

pub(super) fn order() -> Call {
    let since = "With a handshake only: leave out the events up to this `seq`.";
    Call::get("/api/orders/status/{id}", "getOrder", "Look up an order; with a handshake, follow its life")
        .with(id())
        .with(Parameter::query("since", since, seq()))
        .with(stream::ticket_parameter())
        .returns::<OrderReply>(StatusCode::OK, "The order as of its last event.")
        .upgrades()
        .refuses(refusals::of_one_order())
        .refuses([ApiError::SinceAhead { last: 0 }])
}

pub(super) fn list() -> Call {
    let one = OrderStatus::ALL.map(OrderStatus::as_str).join("|");
    let statuses = json!({ "type": "string", "pattern": format!("^({one})(,({one}))*$") });
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": 500 });
    let epoch = json!({ "type": "string" });
    let gone = ApiError::CursorGone { why: Gone::TooOld, epoch: Epoch(0), top: 0 };
    Call::get(
        "/api/orders",
        "listOrders",
        "Orders, newest first, in pages; with `since` those that have changed",
    )
    .with(Parameter::query("status", "Only orders in one of these statuses, separated by commas.", statuses))
    .with(Parameter::query("filter", "Only orders that this filter means.", json!({ "type": "string" })))
    .with(Parameter::query("limit", "Orders at the most: 50 when absent, 100 with `since`.", limit))
    .with(Parameter::query("cursor", "`nextCursor` of the page before; not with `since`.", order_id()))
    .with(Parameter::query("since", "Only orders that have changed after this cursor of the stream.", seq()))
    .with(Parameter::query("epoch", "The epoch that `since` is of.", epoch))
    .answers(StatusCode::OK, "A page; with `since` the orders that have changed.", Some(page_or_changes))
    .refuses(refusals::of_many_orders())
    .refuses([gone, refusals::filter()])
}

fn page_or_changes(schemas: &mut Schemas) -> Schema {
    json_schema!({ "anyOf": [schemas.given::<OrderPage>(), schemas.given::<OrderChanges>()] })
}

pub(super) fn events() -> Call {
    Call::get("/api/orders/{id}/events", "getOrderEvents", "An order's history")
        .with(id())
        .with(Parameter::query("since", "Only the events above this `seq`.", seq()))
        .returns::<OrderEvents>(StatusCode::OK, "The same messages that the stream carries.")
        .refuses(refusals::of_one_order())
        .refuses([ApiError::SinceAhead { last: 0 }])
}

pub(super) fn cancel() -> Call {
    Call::post(
        "/api/orders/{id}/cancel",
        "cancelOrder",
        "Have an order end without effect, if that can still be",
    )
    .with(id())
    .optional_body::<CancelRequest>()
    .returns::<OrderReply>(StatusCode::OK, "Nothing of it was signed: it is cancelled.")
    .returns::<OrderReply>(StatusCode::ACCEPTED, "Something was signed: what the chain includes decides.")
    .refuses(refusals::of_one_order())
    .refuses(refusals::of_a_change())
    .refuses([
        ApiError::InvalidReason { most: 0 },
        ApiError::CancelRefused(CancelRefusal::Executed(OrderStatus::Confirmed)),
        ApiError::CancelRefused(CancelRefusal::Over(OrderStatus::Failed)),
    ])
}

pub(super) fn retry() -> Call {
    let may_land = RetryRefusal::MayStillLand { hash: String::new(), sequence: 0 };
    let lane = Lane { chain: String::new(), account: String::new() };
    Call::post("/api/orders/{id}/retry", "retryOrder", "Give a failed order one more attempt")
        .with(id())
        .optional_body::<NoFields>()
        .returns::<OrderReply>(StatusCode::ACCEPTED, "The attempt is on stable storage.")
        .refuses(refusals::of_one_order())
        .refuses(refusals::of_a_change())
        .refuses([
            ApiError::RetryRefused(RetryRefusal::NotFailed(OrderStatus::Pending)),
            ApiError::RetryRefused(may_land),
            ApiError::RetryRefused(RetryRefusal::DeadlinePassed),
            ApiError::NotServed(lane),
            ApiError::Submit(SubmitError::QueueFull { limit: 0 }),
        ])
}

fn id() -> Parameter {
    Parameter::path("id", "The order's id, a UUID version 7.", order_id())
}

fn order_id() -> Value {
    let version_7 = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";
    json!({ "type": "string", "format": "uuid", "pattern": version_7 })
}

fn seq() -> Value {
    json!({ "type": "integer", "format": "uint64", "minimum": 0 })
}
