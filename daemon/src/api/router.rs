//! From a request to the route that answers it.

use super::{
    ApiState, cors, guard,
    parameters::Parameters,
    problem::ApiError,
    reply::{Reply, RouteResult},
    routes,
    ws::{self, Handover},
};
use crate::order::OrderId;
use hyper::{Method, Request, body::Incoming};

/// A path that is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint<'a> {
    Execute,
    Order { id: &'a str },
    Orders,
    Events { id: &'a str },
    Cancel { id: &'a str },
    Retry { id: &'a str },
    Health,
    Ready,
    Stream,
    Clients,
    Disconnect { client: &'a str },
    Queue,
    Venues,
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
    match endpoint {
        Endpoint::Execute => {
            query(&[])?;
            routes::execute(state, request).await
        }
        Endpoint::Order { id } if is_upgrade => {
            let since = query(&["since"])?;
            ws::open_order(state, request, order_id(id)?, &since, handover).await
        }
        Endpoint::Order { id } => {
            query(&[])?;
            routes::order(state, order_id(id)?).await
        }
        Endpoint::Orders => {
            let query = query(&["status", "limit", "cursor", "since", "epoch"])?;
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
        Endpoint::Stream => {
            query(&[])?;
            ws::open_stream(state, request, handover)
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
        Endpoint::Queue => {
            query(&[])?;
            Ok(routes::queue(state))
        }
        Endpoint::Venues => {
            query(&[])?;
            Ok(routes::venues(state))
        }
        Endpoint::Status => {
            query(&[])?;
            Ok(routes::status(state))
        }
    }
}

impl<'a> Endpoint<'a> {
    fn find(path: &'a str) -> Option<Self> {
        let path = path.strip_prefix('/')?;
        let mut segments = path.split('/');
        let first = [(); 5].map(|()| segments.next());
        match first {
            [Some("health"), None, ..] => Some(Self::Health),
            [Some("ready"), None, ..] => Some(Self::Ready),
            [Some("api"), Some("queue"), None, ..] => Some(Self::Queue),
            [Some("api"), Some("venues"), None, ..] => Some(Self::Venues),
            [Some("api"), Some("status"), None, ..] => Some(Self::Status),
            [Some("api"), Some("orders"), None, ..] => Some(Self::Orders),
            [Some("api"), Some("orders"), Some("execute"), None, _] => Some(Self::Execute),
            [Some("api"), Some("orders"), Some("status"), Some(id), None] => Some(Self::Order { id }),
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

    fn allow(self) -> &'static str {
        match self {
            Self::Execute | Self::Cancel { .. } | Self::Retry { .. } | Self::Disconnect { .. } => "POST",
            Self::Stream => "GET",
            Self::Order { .. }
            | Self::Orders
            | Self::Events { .. }
            | Self::Health
            | Self::Ready
            | Self::Queue
            | Self::Venues
            | Self::Status
            | Self::Clients => "GET, HEAD",
        }
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
            ("/ready", Some(Endpoint::Ready)),
            ("/api/stream", Some(Endpoint::Stream)),
            ("/api/clients", Some(Endpoint::Clients)),
            ("/api/clients/ws-1/disconnect", Some(Endpoint::Disconnect { client: "ws-1" })),
            ("/api/clients/ws-1", None),
            ("/api/queue", Some(Endpoint::Queue)),
            ("/api/venues", Some(Endpoint::Venues)),
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
