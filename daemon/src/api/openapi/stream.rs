//! Calls about streams and those who follow them.

use super::{Call, Parameter};
use crate::api::{auth::TicketError, problem::ApiError};
use hyper::StatusCode;
use orderd_sdk::wire::{Clients, Disconnected, NoFields, StreamTicket};
use serde_json::json;

pub(super) fn stream() -> Call {
    Call::get("/api/stream", "openStream", "One WebSocket, many subscriptions")
        .with(ticket_parameter())
        .upgrades()
}

/// What stands for a token in the address of a stream.
pub(super) fn ticket_parameter() -> Parameter {
    let ticket = json!({ "type": "string" });
    Parameter::query("ticket", "With a handshake: from `POST /api/stream/ticket`.", ticket)
}

pub(super) fn ticket() -> Call {
    Call::post("/api/stream/ticket", "issueStreamTicket", "A ticket that opens one stream, for browsers")
        .optional_body::<NoFields>()
        .returns::<StreamTicket>(StatusCode::OK, "Good once, and for a short time.")
        .refuses([ApiError::NoTicket(TicketError::TooMany)])
}

pub(super) fn clients() -> Call {
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": 1000, "default": 100 });
    Call::get("/api/clients", "listClients", "Who is connected by WebSocket, the most behind first")
        .with(Parameter::query("limit", "Clients at the most.", limit))
        .returns::<Clients>(StatusCode::OK, "As the topic `clients` tells it.")
}

pub(super) fn disconnect() -> Call {
    let client = json!({ "type": "string" });
    Call::post("/api/clients/{client}/disconnect", "disconnectClient", "Have a client leave")
        .with(Parameter::path("client", "The id of its connection, such as `ws-7`.", client))
        .optional_body::<NoFields>()
        .returns::<Disconnected>(StatusCode::OK, "Its connection was told to close, with 4310.")
        .refuses([ApiError::ClientNotFound])
}
