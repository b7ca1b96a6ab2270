//! `POST /api/venues/{venue}/enable`, `/disable` and `/reload`: operators see to a venue.

use super::body;
use crate::{
    api::{
        ApiState,
        deed::Deed,
        reply::{self, RouteResult},
    },
    engine::Switch,
};
use hyper::{Request, StatusCode, body::Incoming};
use orderd_sdk::wire::{NoFields, VenueSwitched};

/// Answers when the venue is switched, and it is written down.
pub(in crate::api) async fn switch_venue(
    state: &ApiState,
    venue: &str,
    switch: Switch,
    request: Request<Incoming>,
) -> RouteResult {
    body::read_optional::<NoFields>(request, &state.settings).await?;
    state.venues.switch(venue, switch).await?;
    let switched = VenueSwitched { success: true, name: venue.to_owned(), enabled: switch == Switch::On };
    Ok(reply::json(StatusCode::OK, &switched))
}

/// Answers when another copy of the venue's plugin takes the calls, or why none does.
pub(in crate::api) async fn reload_venue(
    state: &ApiState,
    venue: &str,
    request: Request<Incoming>,
    deed: &mut Deed,
) -> RouteResult {
    body::read_optional::<NoFields>(request, &state.settings).await?;
    let reloaded = state.venues.reload(venue).await?;
    deed.tells(format!(
        "plugin {}: {} after {}",
        reloaded.plugin, reloaded.after.version, reloaded.before.version
    ));
    Ok(reply::json(StatusCode::OK, &reloaded))
}
