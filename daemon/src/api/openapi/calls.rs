//! The table of calls.

use super::{Call, bulk, orders, own, refusals, stream, venues};
use crate::api::router::Endpoint;

/// What an endpoint does; one that is not described does not compile.
pub(super) fn describe(endpoint: Endpoint<'_>) -> Call {
    let call = match endpoint {
        Endpoint::Execute => orders::execute(),
        Endpoint::Order { .. } => orders::order(),
        Endpoint::Orders => orders::list(),
        Endpoint::Events { .. } => orders::events(),
        Endpoint::Cancel { .. } => orders::cancel(),
        Endpoint::Retry { .. } => orders::retry(),
        Endpoint::BulkPreview => bulk::preview(),
        Endpoint::BulkExecute => bulk::execute(),
        Endpoint::Health => own::health(),
        Endpoint::Ready => own::ready(),
        Endpoint::Stream => stream::stream(),
        Endpoint::Clients => stream::clients(),
        Endpoint::Disconnect { .. } => stream::disconnect(),
        Endpoint::Queue => own::queue(),
        Endpoint::Venues => venues::venues(),
        Endpoint::EnableVenue { .. } => venues::enable(),
        Endpoint::DisableVenue { .. } => venues::disable(),
        Endpoint::ReloadVenue { .. } => venues::reload(),
        Endpoint::Status => own::status(),
        Endpoint::OpenApi => own::openapi(),
        Endpoint::Metrics => own::metrics(),
        Endpoint::Ticket => stream::ticket(),
        Endpoint::Logs => own::logs(),
    };
    let call = Call { needs_token: endpoint.scope().is_some(), ..call };
    let refusals = refusals::everywhere(&call);
    call.refuses(refusals)
}
