//! Who is connected by WebSocket.

use crate::api::ApiState;
use orderd_sdk::wire::Clients;

/// As of now, the most behind first, at most so many.
pub(in crate::api) fn clients(state: &ApiState, most: usize) -> Clients {
    let (_, top) = state.desk.position();
    state.clients.report(most, top)
}
