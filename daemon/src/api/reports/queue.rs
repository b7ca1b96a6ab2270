//! What waits, and how fast it goes.

use crate::{api::ApiState, engine::with_desk};
use orderd_sdk::wire::Queue;

/// As of now. The depth comes from the store, so that it is the one that `/health` tells.
pub(in crate::api) fn queue(state: &ApiState) -> Queue {
    with_desk(state.stats.queue(state.desk.live_counts()), &*state.queue)
}
