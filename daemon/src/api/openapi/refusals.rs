//! Refusals that several calls have in common.

use super::Call;
use crate::{
    api::problem::{ApiError, BodyError},
    config::Scope,
    engine::SubmitError,
    store::StoreError,
};
use orderd_sdk::filter::Filter;

/// The codes of a refused order: the code of the one field that was refused, or `invalid-order` for several.
pub(super) const FIELD_CODES: &[&str] = &[
    "account-required",
    "amount-exponent",
    "amount-negative",
    "amount-too-large",
    "amount-too-precise",
    "amount-zero",
    "chain-required",
    "deadline-passed",
    "label-too-long",
    "malformed-number",
    "malformed-time",
    "no-account",
    "no-venue",
    "out-of-range",
    "same-token",
    "too-many-labels",
    "unknown-account",
    "unknown-chain",
    "unknown-token",
    "unknown-venue",
    "unsupported-order-type",
];

/// Whatever the call is.
pub(super) fn everywhere(call: &Call) -> Vec<ApiError> {
    let mut refusals =
        vec![ApiError::HostMissing, ApiError::HostNotAllowed, ApiError::InvalidParameter(String::new())];
    if call.needs_token {
        let (needs, has) = (Scope::Admin, Scope::Read);
        refusals.extend([ApiError::Unauthenticated, ApiError::Forbidden { needs, has }]);
    }
    if call.method != "get" || call.upgrades {
        refusals.push(ApiError::OriginNotAllowed);
    }
    if let Some((_, is_required)) = call.body {
        refusals.extend(body());
        refusals.extend(is_required.then_some(ApiError::EmptyBody));
    }
    if call.upgrades {
        refusals.extend([
            ApiError::BadUpgrade,
            ApiError::WebsocketVersion,
            ApiError::TooManyWebsockets { limit: 0 },
        ]);
    }
    refusals
}

/// Of a call that reads a body.
fn body() -> Vec<ApiError> {
    let kinds = [
        BodyError::Malformed,
        BodyError::UnknownField,
        BodyError::MissingField,
        BodyError::DuplicateField,
        BodyError::WrongType,
    ];
    let mut refusals = Vec::from(kinds.map(|kind| ApiError::Body { kind, detail: String::new() }));
    refusals.extend([
        ApiError::MediaType,
        ApiError::BodyTooLarge { limit: 0 },
        ApiError::BodyTimeout,
        ApiError::BodyBroken,
    ]);
    refusals
}

/// Of a call about one order.
pub(super) fn of_one_order() -> Vec<ApiError> {
    let mut refusals = of_many_orders();
    refusals.extend([ApiError::InvalidOrderId, ApiError::OrderNotFound { kept: None }]);
    refusals
}

/// Of a call that reads orders.
pub(super) fn of_many_orders() -> Vec<ApiError> {
    let damaged = StoreError::Corrupt { what: String::new(), reason: String::new() };
    vec![ApiError::Read(damaged), storage()]
}

/// Of a call that changes something.
pub(super) fn of_a_change() -> Vec<ApiError> {
    vec![ApiError::Busy, ApiError::Submit(SubmitError::Draining)]
}

/// Of a call that takes a filter.
pub(super) fn filter() -> ApiError {
    ApiError::InvalidFilter(Filter::parse(":").expect_err("it has no name"))
}

/// The storage failed.
pub(super) fn storage() -> ApiError {
    ApiError::Read(StoreError::Closed)
}
