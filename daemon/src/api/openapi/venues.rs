//! Calls about venues.

use super::{Call, Parameter};
use crate::api::problem::ApiError;
use hyper::StatusCode;
use orderd_sdk::wire::{NoFields, VenueReloaded, VenueSwitched, Venues};
use serde_json::json;

pub(super) fn venues() -> Call {
    Call::get("/api/venues", "getVenues", "How each venue does, and whether it is asked")
        .returns::<Venues>(StatusCode::OK, "As the topic `venues` tells it.")
}

pub(super) fn enable() -> Call {
    verb("/api/venues/{venue}/enable", "enableVenue", "Have a venue asked again")
        .returns::<VenueSwitched>(
            StatusCode::OK,
            "It is asked. A quarantine is over, and its breaker closed.",
        )
        .refuses([ApiError::SwitchNotKept])
}

pub(super) fn disable() -> Call {
    verb("/api/venues/{venue}/disable", "disableVenue", "Have a venue asked no more, until it is enabled")
        .returns::<VenueSwitched>(
            StatusCode::OK,
            "It is not asked. Orders that have chosen it are carried out.",
        )
        .refuses([ApiError::SwitchNotKept])
}

pub(super) fn reload() -> Call {
    verb("/api/venues/{venue}/reload", "reloadVenue", "Load the library of a venue's plugin anew")
        .returns::<VenueReloaded>(
            StatusCode::OK,
            "The new copy takes the calls. Those that the old one has in hand are answered by it. Orders go on.",
        )
        .refuses([
            ApiError::ReloadBusy,
            ApiError::ReloadRefused(String::new()),
            ApiError::PluginLost(String::new()),
        ])
}

/// What operators can have done to a venue.
fn verb(path: &'static str, name: &'static str, summary: &'static str) -> Call {
    let venue = json!({ "type": "string" });
    Call::post(path, name, summary)
        .with(Parameter::path("venue", "The name of the venue.", venue))
        .optional_body::<NoFields>()
        .refuses([ApiError::VenueNotFound])
}
