//! What operators and clients had done.

use crate::api::ApiState;
use orderd_sdk::wire::Actions;

/// The newest before the action of this number, at most so many.
pub(in crate::api) fn actions(state: &ApiState, before: u64, most: usize) -> Actions {
    state.actions.before(before, most)
}
