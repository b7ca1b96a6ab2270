//! How the venues do.

use crate::{api::ApiState, engine::with_guards};
use orderd_sdk::wire::Venues;

/// As of now.
pub(in crate::api) fn venues(state: &ApiState) -> Venues {
    with_guards(state.stats.venues(), &*state.venues)
}
