//! The handshake of an order's stream: everything that can be refused is refused here, over HTTP.

use super::{Handover, Session, session::Following};
use crate::{
    api::{
        ApiSettings, ApiState, auth::handshake, parameters::Parameters, problem::ApiError, reply::RouteResult,
    },
    config::Scope,
    order::OrderId,
};
use hyper::{
    Method, Request, Version,
    header::{SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION},
};
use hyper_tungstenite::tungstenite::protocol::WebSocketConfig;

/// What a WebSocket reads at once; it is allocated for every client.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// What is gathered before it is written; a stalled client holds no more than this and one message.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;

/// The largest message that can be written.
const MAX_WRITE_BYTES: usize = 4 * 1024 * 1024;

/// Whether a request wants to become a WebSocket.
pub(in crate::api) fn is_upgrade<B>(request: &Request<B>) -> bool {
    request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && hyper_tungstenite::is_upgrade_request(request)
}

/// Begins the stream of an order: registered first and loaded then, so that no event falls in between.
pub(in crate::api) async fn open<B>(
    state: &ApiState,
    request: Request<B>,
    id: OrderId,
    query: &Parameters,
    handover: &Handover,
) -> RouteResult {
    let since = query.value("since", "the seq of an event")?;
    // First of all, so that nobody else learns which orders there are.
    let access = handshake::access(&state.auth, request.headers(), query.text("ticket"))?;
    // Until sessions take `auth` as their first message, one that shows no token in its handshake cannot begin.
    access.require(Scope::Read)?;
    require_handshake(&request)?;
    let limit = state.settings.max_websockets();
    let place = state.take_websocket_place().ok_or(ApiError::TooManyWebsockets { limit })?;
    let subscription = state.bus.follow(id, since.unwrap_or(0_u64).saturating_add(1));
    let order = state.desk.load(id).await?.ok_or(ApiError::OrderNotFound)?;
    if since.is_some_and(|since| since > order.seq()) {
        return Err(ApiError::SinceAhead { last: order.seq() });
    }
    subscription.offer(&order);

    let config = websocket_config(&state.settings);
    let protocol = handshake::selected_protocol(request.headers());
    let (mut reply, handshake) =
        hyper_tungstenite::upgrade(request, Some(config)).map_err(|_| ApiError::BadUpgrade)?;
    if let Some(protocol) = protocol {
        reply.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    let following = Following { subscription, order, is_resumed: since.is_some(), access };
    handover.put(Session::new(state.clone(), place, handshake, following));
    Ok(reply)
}

fn require_handshake<B>(request: &Request<B>) -> Result<(), ApiError> {
    let version = request.headers().get(SEC_WEBSOCKET_VERSION);
    if version.is_none_or(|version| version != "13") {
        return Err(ApiError::WebsocketVersion);
    }
    match request.headers().contains_key(SEC_WEBSOCKET_KEY) {
        true => Ok(()),
        false => Err(ApiError::BadUpgrade),
    }
}

fn websocket_config(settings: &ApiSettings) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(MAX_WRITE_BYTES)
        .max_message_size(Some(settings.max_message_bytes))
        .max_frame_size(Some(settings.max_message_bytes))
}
