//! The handshakes of streams: everything that can be refused is refused here, over HTTP.

use super::{
    Handover, Pipe,
    life::Life,
    session::{Kind, Session},
    source::Source,
    sources::Sources,
};
use crate::{
    api::{
        ApiSettings, ApiState,
        auth::{Access, handshake},
        clients::Arrival,
        parameters::Parameters,
        problem::ApiError,
        reply::{Reply, RouteResult},
        state::WebsocketPlace,
    },
    config::Scope,
    order::{OrderId, View},
    stream::Bell,
    telemetry::{Clock, SystemClock, observe},
};
use hyper::{
    HeaderMap, Method, Request, Version,
    header::{SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, USER_AGENT},
};
use hyper_tungstenite::{HyperWebsocket, tungstenite::protocol::WebSocketConfig};
use orderd_sdk::wire::{Subscribed, Topic};
use std::{net::SocketAddr, sync::Arc};
use tokio::time::timeout;

/// What a WebSocket reads at once; it is allocated for every client.
const READ_BUFFER_BYTES: usize = 1024;

/// Control frames that wait to be written, at the most: the library does not write messages here.
const MAX_WRITE_BYTES: usize = 64 * 1024;

/// The longest name of a client's program that is kept, in bytes.
const MAX_USER_AGENT: usize = 200;

/// Whether a request wants to become a WebSocket.
pub(in crate::api) fn is_upgrade<B>(request: &Request<B>) -> bool {
    request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && hyper_tungstenite::is_upgrade_request(request)
}

/// Begins the stream of an order: registered first and loaded then, so that no event falls in between.
pub(in crate::api) async fn open_order<B>(
    state: &ApiState,
    request: Request<B>,
    id: OrderId,
    query: &Parameters,
    handover: &Handover,
) -> RouteResult {
    let since = query.value("since", "the seq of an event")?;
    // First of all, so that nobody else learns which orders there are.
    let access = identify(state, request.headers(), query)?;
    let place = take_place(state, &request)?;
    let bell = Arc::<Bell>::default();
    let next = since.unwrap_or(0_u64).saturating_add(1);
    let subscription = state.hub.follow(id, next, bell.clone(), Sources::bit(0));
    let order = state.desk.load(id).await?.ok_or_else(|| state.order_not_found())?;
    if since.is_some_and(|since| since > order.seq()) {
        return Err(ApiError::SinceAhead { last: order.seq() });
    }
    subscription.offer(&order);
    let subscribed = Subscribed {
        id: order.id.to_string(),
        topic: Topic::Orders,
        recovered: since.is_some(),
        order: Some(View::latest(&order)),
        cursor: order.events.last().map_or(0, |event| event.cursor.get()),
    };
    let following = Some((subscribed, Source::Life(Life::new(subscription))));
    begin(state, request, place, Opening { kind: Kind::OneOrder, access, bell, following }, handover)
}

/// Begins a stream of whatever the client will subscribe to.
pub(in crate::api) fn open_stream<B>(
    state: &ApiState,
    request: Request<B>,
    query: &Parameters,
    handover: &Handover,
) -> RouteResult {
    let access = identify(state, request.headers(), query)?;
    let place = take_place(state, &request)?;
    let opening = Opening { kind: Kind::Many, access, bell: Arc::default(), following: None };
    begin(state, request, place, opening, handover)
}

/// What a stream begins with.
struct Opening {
    kind: Kind,
    access: Access,
    bell: Arc<Bell>,
    following: Option<(Subscribed, Source)>,
}

fn begin<B>(
    state: &ApiState,
    request: Request<B>,
    place: WebsocketPlace,
    opening: Opening,
    handover: &Handover,
) -> RouteResult {
    let user_agent = user_agent(request.headers());
    let (reply, handshake) = upgrade(request, &state.settings)?;
    let state = state.clone();
    handover.put(move |peer| serve(state, handshake, place, Box::new(opening), (peer, user_agent)));
    Ok(reply)
}

async fn serve(
    state: ApiState,
    handshake: HyperWebsocket,
    place: WebsocketPlace,
    opening: Box<Opening>,
    (address, user_agent): (SocketAddr, Option<String>),
) {
    let Ok(Ok(socket)) = timeout(state.settings.header_timeout, handshake).await else {
        return;
    };
    let Opening { kind, access, bell, following } = *opening;
    let arrival = Arrival { address, user_agent, since: SystemClock.now() };
    let registered = state.clients.enter(arrival, bell);
    observe::client_connected(&registered.card().id(), address);
    let pipe = Pipe::new(socket, state.settings.write_stall);
    // On the heap: what a future holds across calls, it holds several times over.
    let mut session = Box::new(Session::new(state, (kind, access), pipe, registered, place));
    session.greet(following);
    session.run().await;
}

/// Answers a handshake.
pub(super) fn upgrade<B>(
    request: Request<B>,
    settings: &ApiSettings,
) -> Result<(Reply, HyperWebsocket), ApiError> {
    require_handshake(request.headers())?;
    let protocol = handshake::selected_protocol(request.headers());
    let (mut reply, socket) = hyper_tungstenite::upgrade(request, Some(websocket_config(settings)))
        .map_err(|_| ApiError::BadUpgrade)?;
    if let Some(protocol) = protocol {
        reply.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    Ok((reply, socket))
}

/// Who connects.
fn identify(state: &ApiState, headers: &HeaderMap, query: &Parameters) -> Result<Access, ApiError> {
    let access = handshake::access(&state.auth, headers, query.text("ticket"))?;
    match access {
        // It has to say who it is before anything is told to it.
        Access::Pending => Ok(access),
        Access::Granted(_) | Access::Anonymous => access.require(Scope::Read).map(|()| access),
    }
}

fn take_place<B>(state: &ApiState, request: &Request<B>) -> Result<WebsocketPlace, ApiError> {
    require_handshake(request.headers())?;
    let limit = state.settings.max_websockets();
    state.take_websocket_place().ok_or(ApiError::TooManyWebsockets { limit })
}

fn require_handshake(headers: &HeaderMap) -> Result<(), ApiError> {
    if headers.get(SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(ApiError::WebsocketVersion);
    }
    match headers.contains_key(SEC_WEBSOCKET_KEY) {
        true => Ok(()),
        false => Err(ApiError::BadUpgrade),
    }
}

pub(super) fn websocket_config(settings: &ApiSettings) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_WRITE_BYTES)
        .max_message_size(Some(settings.max_message_bytes))
        .max_frame_size(Some(settings.max_message_bytes))
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(USER_AGENT)?.to_str().ok()?;
    Some(text[..text.floor_char_boundary(MAX_USER_AGENT)].to_owned())
}
