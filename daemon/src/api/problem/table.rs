//! The one table of errors: what each means in HTTP, its stable code, and what clients read of it.

use super::{ApiError, BodyError, Gone};
use crate::{
    api::auth::TicketError,
    engine::SubmitError,
    order::{CancelRefusal, RetryRefusal},
    store::StoreError,
};
use hyper::{
    StatusCode,
    header::{ALLOW, CONNECTION, HeaderName, RETRY_AFTER, SEC_WEBSOCKET_VERSION, WWW_AUTHENTICATE},
};

/// What is the same for every occurrence of a code.
pub(in crate::api) struct Kind {
    pub(in crate::api) status: StatusCode,
    pub(in crate::api) code: &'static str,
    pub(in crate::api) title: &'static str,
}

const fn kind(status: StatusCode, code: &'static str, title: &'static str) -> Kind {
    Kind { status, code, title }
}

impl ApiError {
    /// The table.
    pub(in crate::api) fn kind(&self) -> Kind {
        use StatusCode as S;
        match self {
            Self::HostMissing => kind(S::BAD_REQUEST, "host-missing", "The request names no host"),
            Self::HostNotAllowed => {
                kind(S::MISDIRECTED_REQUEST, "host-not-allowed", "Not a host of this daemon")
            }
            Self::OriginNotAllowed => {
                kind(S::FORBIDDEN, "origin-not-allowed", "Not allowed from this web page")
            }
            Self::Unauthenticated => kind(S::UNAUTHORIZED, "unauthenticated", "A token is needed"),
            Self::Forbidden { .. } => kind(S::FORBIDDEN, "forbidden", "The token does not allow this"),
            Self::NoTicket(_) => {
                kind(S::SERVICE_UNAVAILABLE, "ticket-unavailable", "No ticket can be issued now")
            }
            Self::NotFound => kind(S::NOT_FOUND, "not-found", "No such path"),
            Self::MethodNotAllowed { .. } => {
                kind(S::METHOD_NOT_ALLOWED, "method-not-allowed", "The path has other methods")
            }
            Self::InvalidParameter(_) => {
                kind(S::BAD_REQUEST, "invalid-parameter", "A query parameter is not valid")
            }
            Self::InvalidOrderId => kind(S::BAD_REQUEST, "invalid-order-id", "Not an order id"),
            Self::OrderNotFound { .. } => kind(S::NOT_FOUND, "order-not-found", "No such order"),
            Self::ClientNotFound => kind(S::NOT_FOUND, "client-not-found", "No such client"),
            Self::VenueNotFound => kind(S::NOT_FOUND, "venue-not-found", "No such venue"),
            Self::ReloadBusy => kind(S::CONFLICT, "reload-busy", "The plugin is being reloaded"),
            Self::ReloadRefused(_) => kind(S::CONFLICT, "reload-refused", "The plugin is not replaced"),
            Self::PluginLost(_) => {
                kind(S::SERVICE_UNAVAILABLE, "plugin-lost", "The plugin does not run any more")
            }
            Self::SwitchNotKept => {
                kind(S::SERVICE_UNAVAILABLE, "switch-not-kept", "The venue is switched, but not for good")
            }
            Self::SinceAhead { .. } => kind(S::BAD_REQUEST, "since-ahead", "The order has fewer events"),
            Self::MediaType => {
                kind(S::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body must be JSON")
            }
            Self::EmptyBody => kind(S::BAD_REQUEST, "empty-body", "The body is empty"),
            Self::BodyTooLarge { .. } => {
                kind(S::PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large")
            }
            Self::BodyTimeout => kind(S::REQUEST_TIMEOUT, "body-timeout", "The body did not come in time"),
            Self::BodyBroken => kind(S::BAD_REQUEST, "body-broken", "The body broke off"),
            Self::Body { kind: body, .. } => body.kind(),
            Self::InvalidIdempotencyKey => {
                kind(S::BAD_REQUEST, "invalid-idempotency-key", "Not an idempotency key")
            }
            Self::BadUpgrade => kind(S::BAD_REQUEST, "bad-upgrade", "Not a WebSocket handshake"),
            Self::WebsocketVersion => {
                kind(S::UPGRADE_REQUIRED, "websocket-version", "The WebSocket version is not supported")
            }
            Self::TooManyWebsockets { .. } => {
                kind(S::SERVICE_UNAVAILABLE, "too-many-websockets", "Too many WebSockets are open")
            }
            Self::Submit(SubmitError::Invalid(_)) => {
                kind(S::UNPROCESSABLE_ENTITY, "invalid-order", "The order is not valid")
            }
            Self::InvalidFilter(_) => kind(S::BAD_REQUEST, "invalid-filter", "The filter cannot be read"),
            Self::InvalidSelection(_) => {
                kind(S::BAD_REQUEST, "invalid-selection", "Not a selection of orders")
            }
            Self::NoPreview(_) => {
                kind(S::SERVICE_UNAVAILABLE, "preview-unavailable", "No preview can be kept now")
            }
            Self::PreviewNotFound => kind(S::NOT_FOUND, "preview-not-found", "No such preview"),
            Self::CountDiffers { .. } => {
                kind(S::CONFLICT, "count-differs", "The preview has another number of orders")
            }
            Self::InvalidReason { .. } => kind(S::BAD_REQUEST, "invalid-reason", "The reason is not valid"),
            Self::CancelRefused(CancelRefusal::Executed(_)) => {
                kind(S::CONFLICT, "order-executed", "The order has taken effect")
            }
            Self::CancelRefused(CancelRefusal::Over(_)) => {
                kind(S::CONFLICT, "order-over", "The order has ended already")
            }
            Self::Busy => kind(S::SERVICE_UNAVAILABLE, "order-busy", "The order is in hand"),
            Self::RetryRefused(RetryRefusal::NotFailed(_)) => {
                kind(S::CONFLICT, "order-not-failed", "Only a failed order can be retried")
            }
            Self::RetryRefused(RetryRefusal::MayStillLand { .. }) => {
                kind(S::CONFLICT, "may-still-land", "An earlier transaction may still be included")
            }
            Self::RetryRefused(RetryRefusal::DeadlinePassed) => {
                kind(S::CONFLICT, "deadline-passed", "The order's deadline has passed")
            }
            Self::NotServed(_) => {
                kind(S::CONFLICT, "account-not-configured", "The order's account is not configured")
            }
            Self::Submit(SubmitError::QueueFull { .. }) => {
                kind(S::SERVICE_UNAVAILABLE, "queue-full", "Too many orders are open")
            }
            Self::Submit(SubmitError::Draining) => {
                kind(S::SERVICE_UNAVAILABLE, "draining", "The daemon is shutting down")
            }
            Self::Submit(SubmitError::KeyReused) => {
                kind(S::CONFLICT, "idempotency-key-reused", "The idempotency key belongs to another request")
            }
            Self::CursorGone { .. } => kind(S::GONE, "cursor-gone", "Changes after the cursor are not known"),
            Self::Read(StoreError::Corrupt { .. }) => {
                kind(S::INTERNAL_SERVER_ERROR, "order-unreadable", "The order cannot be read")
            }
            Self::Submit(SubmitError::Store(_)) | Self::Read(_) => {
                kind(S::SERVICE_UNAVAILABLE, "storage-unavailable", "The storage is not available")
            }
        }
    }

    /// What happened this time, for the client.
    pub(in crate::api) fn detail(&self) -> String {
        match self {
            Self::HostMissing => "an HTTP/1.1 request needs a Host header".into(),
            Self::HostNotAllowed => "the Host must be localhost or a loopback address".into(),
            Self::OriginNotAllowed => "the Origin must be on the host that the request goes to".into(),
            Self::Unauthenticated => "send Authorization: Bearer with a token of this daemon".into(),
            Self::Forbidden { needs, has } => {
                format!("this needs a token of scope {needs}, and this one has scope {has}")
            }
            Self::NoTicket(TicketError::TooMany) => "too many are waiting to be used; try again later".into(),
            Self::NoTicket(TicketError::NoChance) => "the system has no random bits to give".into(),
            Self::NotFound => "this daemon serves nothing here".into(),
            Self::MethodNotAllowed { allow } => format!("allowed here: {allow}"),
            Self::InvalidParameter(detail) | Self::Body { detail, .. } => detail.clone(),
            Self::InvalidOrderId => "an order id is a UUID of version 7".into(),
            Self::OrderNotFound { kept: None } => "no order has this id".into(),
            Self::OrderNotFound { kept: Some(kept) } => {
                let hours = kept.as_secs() / 3_600;
                format!("no order has this id, or it was removed, {hours} hours after its last event")
            }
            Self::ClientNotFound => "no connected client has this id".into(),
            Self::VenueNotFound => "no venue of the configuration has this name".into(),
            Self::ReloadBusy => "one reload at a time; try again when it is done".into(),
            Self::ReloadRefused(reason) => format!("the version before works on: {reason}"),
            Self::PluginLost(reason) => format!("mend it and reload it again: {reason}"),
            Self::SwitchNotKept => {
                "it could not be written down: it holds until the daemon ends; try again later".into()
            }
            Self::SinceAhead { last } => format!("the last event of the order has seq {last}"),
            Self::MediaType => "send it with Content-Type: application/json".into(),
            Self::EmptyBody => "expected a JSON object".into(),
            Self::BodyTooLarge { limit } => format!("at most {limit} bytes"),
            Self::BodyTimeout => "the connection is closed".into(),
            Self::BodyBroken => "the connection ended, or its framing is wrong".into(),
            Self::InvalidIdempotencyKey => {
                "one Idempotency-Key header of 1 to 255 visible ASCII characters".into()
            }
            Self::BadUpgrade => "Sec-WebSocket-Key is missing".into(),
            Self::WebsocketVersion => "use version 13".into(),
            Self::TooManyWebsockets { limit } => format!("{limit} are open; try again later"),
            Self::Submit(SubmitError::Invalid(problems)) => match problems.as_slice() {
                [only] => format!("{}: {}", only.field, only.detail),
                several => format!("{} fields were refused; see errors", several.len()),
            },
            Self::InvalidFilter(error) => {
                format!("bytes {} to {}: {error}", error.span.start, error.span.end)
            }
            Self::InvalidSelection(detail) => detail.clone(),
            Self::NoPreview(TicketError::TooMany) => "too many are open; try again later".into(),
            Self::NoPreview(TicketError::NoChance) => "the system has no random bits to give".into(),
            Self::PreviewNotFound => {
                "its time is over, or it was made for somebody else; ask for a new one".into()
            }
            Self::CountDiffers { eligible } => format!("{eligible} orders were eligible in it"),
            Self::InvalidReason { most } => format!("one line of at most {most} characters"),
            Self::CancelRefused(refusal) => refusal.to_string(),
            Self::RetryRefused(refusal) => refusal.to_string(),
            Self::NotServed(lane) => format!("account {lane} is not configured"),
            Self::Busy => "it could not be reached in time; try again".into(),
            Self::Submit(SubmitError::QueueFull { limit }) => {
                format!("{limit} orders are open; try again later")
            }
            Self::Submit(SubmitError::Draining) => "nothing new is taken; try again after the restart".into(),
            Self::Submit(SubmitError::KeyReused) => "this key came with another body before".into(),
            Self::Submit(SubmitError::Store(_)) => {
                "nothing was confirmed; send the same request again with the same Idempotency-Key".into()
            }
            Self::Read(StoreError::Corrupt { .. }) => {
                "its record is damaged; the log of the daemon says more".into()
            }
            Self::Read(_) => "try again later".into(),
            Self::CursorGone { why, .. } => {
                format!("{}; list the orders afresh, and go on from this cursor", why.detail())
            }
        }
    }

    /// A header that only this error has.
    pub(in crate::api) fn header(&self) -> Option<(HeaderName, &'static str)> {
        match self {
            Self::MethodNotAllowed { allow } => Some((ALLOW, allow)),
            Self::Unauthenticated => Some((WWW_AUTHENTICATE, "Bearer")),
            Self::WebsocketVersion => Some((SEC_WEBSOCKET_VERSION, "13")),
            Self::Submit(SubmitError::QueueFull { .. }) | Self::Busy => Some((RETRY_AFTER, "1")),
            Self::TooManyWebsockets { .. }
            | Self::NoTicket(_)
            | Self::NoPreview(_)
            | Self::Submit(SubmitError::Draining) => Some((RETRY_AFTER, "5")),
            Self::Read(StoreError::Corrupt { .. }) => None,
            Self::Submit(SubmitError::Store(_)) | Self::Read(_) | Self::SwitchNotKept => {
                Some((RETRY_AFTER, "10"))
            }
            // What is left of the body cannot be told from the next request.
            Self::BodyTimeout | Self::BodyTooLarge { .. } | Self::BodyBroken => Some((CONNECTION, "close")),
            Self::HostMissing
            | Self::HostNotAllowed
            | Self::OriginNotAllowed
            | Self::Forbidden { .. }
            | Self::NotFound
            | Self::InvalidParameter(_)
            | Self::InvalidOrderId
            | Self::OrderNotFound { .. }
            | Self::ClientNotFound
            | Self::VenueNotFound
            | Self::ReloadBusy
            | Self::ReloadRefused(_)
            | Self::PluginLost(_)
            | Self::SinceAhead { .. }
            | Self::MediaType
            | Self::EmptyBody
            | Self::Body { .. }
            | Self::InvalidIdempotencyKey
            | Self::BadUpgrade
            | Self::InvalidFilter(_)
            | Self::InvalidSelection(_)
            | Self::PreviewNotFound
            | Self::CountDiffers { .. }
            | Self::InvalidReason { .. }
            | Self::CancelRefused(_)
            | Self::RetryRefused(_)
            | Self::NotServed(_)
            | Self::CursorGone { .. }
            | Self::Submit(SubmitError::Invalid(_) | SubmitError::KeyReused) => None,
        }
    }
}

impl Gone {
    fn detail(self) -> &'static str {
        match self {
            Self::Epoch => "the cursor is of another store",
            Self::TooOld => "the daemon does not remember so far back",
            Self::Ahead => "the cursor lies after the last event",
        }
    }
}

impl BodyError {
    fn kind(self) -> Kind {
        let bad = StatusCode::BAD_REQUEST;
        match self {
            Self::Malformed => kind(bad, "malformed-json", "The body is not JSON"),
            Self::UnknownField => kind(bad, "unknown-field", "The body has an unknown field"),
            Self::MissingField => kind(bad, "missing-field", "The body lacks a field"),
            Self::DuplicateField => kind(bad, "duplicate-field", "The body has a field twice"),
            Self::WrongType => kind(bad, "wrong-type", "A field has the wrong type"),
        }
    }
}
