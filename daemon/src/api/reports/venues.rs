//! How the venues do.

use crate::api::ApiState;
use orderd_sdk::wire::Venues;

/// As of now.
pub(in crate::api) fn venues(state: &ApiState) -> Venues {
    state.stats.venues()
}
