//! From a request to the route that answers it.

use super::{
    ApiState,
    auth::{self, Access},
    cors, guard, openapi,
    parameters::Parameters,
    problem::ApiError,
    reply::{self, JSON, Reply, RouteResult},
    routes,
    ws::{self, Handover},
};
use crate::{config::Scope, engine::Switch, order::OrderId};
use hyper::{Method, Request, StatusCode, body::Incoming};

/// The paths that are served, and a list of them: what is not on it does not exist, so that none goes undescribed.
macro_rules! endpoints {
    ($($name:ident $({ $part:ident })?,)*) => {
        /// A path that is served.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Endpoint<'a> {
            $($name $({ $part: &'a str })?,)*
        }

        impl Endpoint<'static> {
            /// Each of them, with `{id}` in place of an id.
            pub(super) const ALL: &'static [Self] =
                &[$(Self::$name $({ $part: concat!("{", stringify!($part), "}") })?,)*];
        }
    };
}

endpoints! {
    Execute,
    Order { id },
    Orders,
    Events { id },
    Cancel { id },
    Retry { id },
    BulkPreview,
    BulkExecute,
    Health,
    Ready,
    OpenApi,
    Metrics,
    Logs,
    Ticket,
    Stream,
    Clients,
    Disconnect { client },
    Queue,
    Venues,
    EnableVenue { venue },
    DisableVenue { venue },
    ReloadVenue { venue },
    Status,
}

/// Answers a request; a reply that begins a stream leaves it in the handover.
pub(super) async fn answer(state: &ApiState, request: Request<Incoming>, handover: &Handover) -> Reply {
    let reader = guard::reader(&request);
    let reply = match route(state, request, handover).await {
        Ok(reply) => reply,
        Err(error) => error.into_reply(),
    };
    cors::show(reply, reader)
}

async fn route(state: &ApiState, request: Request<Incoming>, handover: &Handover) -> RouteResult {
    let is_upgrade = ws::is_upgrade(&request);
    guard::admit(&request, is_upgrade)?;
    let uri = request.uri().clone();
    let endpoint = Endpoint::find(uri.path()).ok_or(ApiError::NotFound)?;
    if cors::is_preflight(&request) {
        return Ok(cors::permit(endpoint.allow()));
    }
    if !endpoint.admits(request.method()) {
        let allow = endpoint.allow();
        return Err(ApiError::MethodNotAllowed { allow });
    }
    let query = |known: &[&str]| Parameters::read(uri.query(), known);
    let access = match endpoint.scope() {
        // A handshake has further ways to show a token.
        Some(_) if is_upgrade && endpoint.streams() => Access::Pending,
        Some(scope) => auth::admit(&state.auth, request.headers(), scope)?,
        None => Access::Anonymous,
    };
    match endpoint {
        Endpoint::Execute => {
            query(&[])?;
            routes::execute(state, request).await
        }
        Endpoint::Order { id } if is_upgrade => {
            let query = query(&["since", "ticket"])?;
            ws::open_order(state, request, order_id(id)?, &query, handover).await
        }
        Endpoint::Order { id } => {
            query(&[])?;
            routes::order(state, order_id(id)?).await
        }
        Endpoint::Orders => {
            let query = query(&["status", "limit", "cursor", "since", "epoch", "filter"])?;
            match query.text("since") {
                Some(_) => routes::changes(state, &query).await,
                None => routes::list(state, &query).await,
            }
        }
        Endpoint::Events { id } => routes::events(state, order_id(id)?, &query(&["since"])?).await,
        Endpoint::Cancel { id } => {
            query(&[])?;
            routes::cancel(state, order_id(id)?, request).await
        }
        Endpoint::Retry { id } => {
            query(&[])?;
            routes::retry(state, order_id(id)?, request).await
        }
        Endpoint::BulkPreview => {
            query(&[])?;
            routes::preview_bulk(state, access, request).await
        }
        Endpoint::BulkExecute => {
            query(&[])?;
            routes::execute_bulk(state, access, request).await
        }
        Endpoint::Stream => {
            let query = query(&["ticket"])?;
            ws::open_stream(state, request, &query, handover)
        }
        Endpoint::Clients => routes::clients(state, &query(&["limit"])?),
        Endpoint::Disconnect { client } => {
            query(&[])?;
            routes::disconnect(state, client, request).await
        }
        Endpoint::Health => {
            query(&[])?;
            Ok(routes::health(state))
        }
        Endpoint::Ready => {
            query(&[])?;
            Ok(routes::ready(state))
        }
        Endpoint::OpenApi => {
            query(&[])?;
            Ok(reply::encoded(StatusCode::OK, JSON, openapi::document()))
        }
        Endpoint::Metrics => {
            query(&[])?;
            Ok(routes::metrics(state))
        }
        Endpoint::Ticket => {
            query(&[])?;
            routes::ticket(state, access, request).await
        }
        Endpoint::Logs => routes::logs(state, &query(&["lines", "level", "target"])?),
        Endpoint::Queue => {
            query(&[])?;
            Ok(routes::queue(state))
        }
        Endpoint::Venues => {
            query(&[])?;
            Ok(routes::venues(state))
        }
        Endpoint::EnableVenue { venue } => {
            query(&[])?;
            routes::switch_venue(state, venue, Switch::On, request).await
        }
        Endpoint::DisableVenue { venue } => {
            query(&[])?;
            routes::switch_venue(state, venue, Switch::Off, request).await
        }
        Endpoint::ReloadVenue { venue } => {
            query(&[])?;
            routes::reload_venue(state, venue, request).await
        }
        Endpoint::Status => {
            query(&[])?;
            Ok(routes::status(state))
        }
    }
}

impl<'a> Endpoint<'a> {
    pub(super) fn find(path: &'a str) -> Option<Self> {
        let path = path.strip_prefix('/')?;
        let mut segments = path.split('/');
        let first = [(); 5].map(|()| segments.next());
        match first {
            [Some("health"), None, ..] => Some(Self::Health),
            [Some("ready"), None, ..] => Some(Self::Ready),
            [Some("openapi.json"), None, ..] => Some(Self::OpenApi),
            [Some("metrics"), None, ..] => Some(Self::Metrics),
            [Some("api"), Some("stream"), Some("ticket"), None, _] => Some(Self::Ticket),
            [Some("api"), Some("logs"), None, ..] => Some(Self::Logs),
            [Some("api"), Some("queue"), None, ..] => Some(Self::Queue),
            [Some("api"), Some("venues"), None, ..] => Some(Self::Venues),
            [Some("api"), Some("venues"), Some(venue), Some("enable"), None] => {
                Some(Self::EnableVenue { venue })
            }
            [Some("api"), Some("venues"), Some(venue), Some("disable"), None] => {
                Some(Self::DisableVenue { venue })
            }
            [Some("api"), Some("venues"), Some(venue), Some("reload"), None] => {
                Some(Self::ReloadVenue { venue })
            }
            [Some("api"), Some("status"), None, ..] => Some(Self::Status),
            [Some("api"), Some("orders"), None, ..] => Some(Self::Orders),
            [Some("api"), Some("orders"), Some("execute"), None, _] => Some(Self::Execute),
            [Some("api"), Some("orders"), Some("status"), Some(id), None] => Some(Self::Order { id }),
            [Some("api"), Some("orders"), Some("bulk"), Some("preview"), None] => Some(Self::BulkPreview),
            [Some("api"), Some("orders"), Some("bulk"), Some("execute"), None] => Some(Self::BulkExecute),
            [Some("api"), Some("orders"), Some(id), Some("events"), None] => Some(Self::Events { id }),
            [Some("api"), Some("orders"), Some(id), Some("cancel"), None] => Some(Self::Cancel { id }),
            [Some("api"), Some("orders"), Some(id), Some("retry"), None] => Some(Self::Retry { id }),
            [Some("api"), Some("stream"), None, ..] => Some(Self::Stream),
            [Some("api"), Some("clients"), None, ..] => Some(Self::Clients),
            [Some("api"), Some("clients"), Some(client), Some("disconnect"), None] => {
                Some(Self::Disconnect { client })
            }
            _ => None,
        }
    }

    pub(super) fn allow(self) -> &'static str {
        match self {
            Self::Execute
            | Self::Cancel { .. }
            | Self::Retry { .. }
            | Self::BulkPreview
            | Self::BulkExecute
            | Self::Disconnect { .. }
            | Self::EnableVenue { .. }
            | Self::DisableVenue { .. }
            | Self::ReloadVenue { .. }
            | Self::Ticket => "POST",
            Self::Stream => "GET",
            Self::Order { .. }
            | Self::Orders
            | Self::Events { .. }
            | Self::Health
            | Self::Ready
            | Self::OpenApi
            | Self::Metrics
            | Self::Queue
            | Self::Venues
            | Self::Status
            | Self::Clients
            | Self::Logs => "GET, HEAD",
        }
    }

    /// What a caller must be allowed to do; nothing for those who only ask whether the daemon lives.
    pub(super) fn scope(self) -> Option<Scope> {
        match self {
            Self::Health | Self::Ready | Self::OpenApi => None,
            Self::Order { .. }
            | Self::Orders
            | Self::Events { .. }
            | Self::Stream
            | Self::Ticket
            | Self::Metrics
            | Self::Queue
            | Self::Venues
            | Self::Status => Some(Scope::Read),
            Self::Execute
            | Self::Cancel { .. }
            | Self::Retry { .. }
            | Self::BulkPreview
            | Self::BulkExecute => Some(Scope::Trade),
            Self::Logs
            | Self::Clients
            | Self::Disconnect { .. }
            | Self::EnableVenue { .. }
            | Self::DisableVenue { .. }
            | Self::ReloadVenue { .. } => Some(Scope::Admin),
        }
    }

    /// Whether a WebSocket begins here.
    fn streams(self) -> bool {
        matches!(self, Self::Order { .. } | Self::Stream)
    }

    fn admits(self, method: &Method) -> bool {
        self.allow().split(", ").any(|allowed| allowed == method.as_str())
    }
}

fn order_id(text: &str) -> Result<OrderId, ApiError> {
    text.parse().map_err(|_| ApiError::InvalidOrderId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_endpoints() {
        for (path, endpoint) in [
            ("/health", Some(Endpoint::Health)),
            ("/api/orders", Some(Endpoint::Orders)),
            ("/api/orders/execute", Some(Endpoint::Execute)),
            ("/api/orders/status/x", Some(Endpoint::Order { id: "x" })),
            ("/api/orders/status/", Some(Endpoint::Order { id: "" })),
            ("/api/orders/x/events", Some(Endpoint::Events { id: "x" })),
            ("/api/orders/x/cancel", Some(Endpoint::Cancel { id: "x" })),
            ("/api/orders/x/retry", Some(Endpoint::Retry { id: "x" })),
            ("/api/orders/bulk/preview", Some(Endpoint::BulkPreview)),
            ("/api/orders/bulk/execute", Some(Endpoint::BulkExecute)),
            ("/api/orders/bulk", None),
            ("/ready", Some(Endpoint::Ready)),
            ("/metrics", Some(Endpoint::Metrics)),
            ("/api/logs", Some(Endpoint::Logs)),
            ("/api/stream/ticket", Some(Endpoint::Ticket)),
            ("/api/stream", Some(Endpoint::Stream)),
            ("/api/clients", Some(Endpoint::Clients)),
            ("/api/clients/ws-1/disconnect", Some(Endpoint::Disconnect { client: "ws-1" })),
            ("/api/clients/ws-1", None),
            ("/api/queue", Some(Endpoint::Queue)),
            ("/api/venues", Some(Endpoint::Venues)),
            ("/api/venues/alpha/enable", Some(Endpoint::EnableVenue { venue: "alpha" })),
            ("/api/venues/alpha/reload", Some(Endpoint::ReloadVenue { venue: "alpha" })),
            ("/api/venues/alpha/disable", Some(Endpoint::DisableVenue { venue: "alpha" })),
            ("/api/venues/alpha", None),
            ("/api/status", Some(Endpoint::Status)),
            ("/api/queue/", None),
            ("/", None),
            ("", None),
            ("*", None),
            ("/health/", None),
            ("/api/orders/", None),
            ("/api/orders/x", None),
            ("/api/orders/status/x/y", None),
            ("/api/orders/x/events/y", None),
            ("//api/orders", None),
        ] {
            assert_eq!(Endpoint::find(path), endpoint, "{path}");
        }
    }
}
