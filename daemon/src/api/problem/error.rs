//! Why a request is not served.

use crate::{
    api::auth::TicketError,
    config::Scope,
    engine::{ReloadRefusal, SubmitError, SwitchError},
    order::{CancelRefusal, Lane, RetryRefusal},
    store::{Epoch, StoreError},
};
use orderd_sdk::filter::FilterError;
use std::time::Duration;

/// Why a request was not served.
#[derive(Debug)]
pub(in crate::api) enum ApiError {
    /// The request has no `Host`.
    HostMissing,
    /// The request was meant for a host that is not this one.
    HostNotAllowed,
    /// A web page of another origin sent it.
    OriginNotAllowed,
    /// The caller has shown no token, or what it has shown is none.
    Unauthenticated,
    /// The caller's token does not give leave to this.
    Forbidden { needs: Scope, has: Scope },
    /// No ticket can be issued.
    NoTicket(TicketError),
    /// No such path.
    NotFound,
    /// The path has other methods.
    MethodNotAllowed { allow: &'static str },
    /// Query parameters are not what the path takes.
    InvalidParameter(String),
    /// The id in the path is none.
    InvalidOrderId,
    /// No such order, or none any more when orders are kept for a time only.
    OrderNotFound { kept: Option<Duration> },
    /// No such client.
    ClientNotFound,
    /// No such venue.
    VenueNotFound,
    /// The venue's plugin is being reloaded.
    ReloadBusy,
    /// The venue's plugin was not reloaded.
    ReloadRefused(String),
    /// The venue's plugin was not reloaded and does not run any more.
    PluginLost(String),
    /// The venue is switched, but not for good.
    SwitchNotKept,
    /// `since` lies after the order's last event.
    SinceAhead { last: u64 },
    /// The body is not said to be JSON.
    MediaType,
    /// There is no body.
    EmptyBody,
    /// The body is larger than allowed.
    BodyTooLarge { limit: usize },
    /// The body did not come in time.
    BodyTimeout,
    /// The body broke off.
    BodyBroken,
    /// The body is not what it should be.
    Body { kind: BodyError, detail: String },
    /// The idempotency key is none.
    InvalidIdempotencyKey,
    /// The WebSocket handshake lacks its key.
    BadUpgrade,
    /// The WebSocket has a version that nobody speaks.
    WebsocketVersion,
    /// All places for WebSockets are taken.
    TooManyWebsockets { limit: usize },
    /// The reason of a cancellation is too long, or no line of text.
    InvalidReason { most: usize },
    /// The filter is none.
    InvalidFilter(FilterError),
    /// It cannot be told which orders are meant.
    InvalidSelection(String),
    /// No preview can be remembered.
    NoPreview(TicketError),
    /// No preview of this caller has this token, or none any more.
    PreviewNotFound,
    /// The preview has another number of orders than the caller says.
    CountDiffers { eligible: u64 },
    /// The engine did not take the order.
    Submit(SubmitError),
    /// The order cannot be cancelled.
    CancelRefused(CancelRefusal),
    /// The order is given no attempt.
    RetryRefused(RetryRefusal),
    /// The order's account is not configured any more.
    NotServed(Lane),
    /// Whoever has the order in hand could not be reached in time.
    Busy,
    /// An order could not be read.
    Read(StoreError),
    /// What has happened after the cursor is not known.
    CursorGone { why: Gone, epoch: Epoch, top: u64 },
}

/// Why it is not known what has happened after a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Gone {
    /// It is of another store.
    Epoch,
    /// It lies further back than is remembered.
    TooOld,
    /// It lies after the last event.
    Ahead,
}

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum BodyError {
    /// It is not JSON.
    Malformed,
    /// It has a field that nobody knows.
    UnknownField,
    /// A field is not there.
    MissingField,
    /// A field is there twice.
    DuplicateField,
    /// A field has the wrong type.
    WrongType,
}

impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> Self {
        Self::Submit(error)
    }
}

impl From<SwitchError> for ApiError {
    fn from(error: SwitchError) -> Self {
        match error {
            SwitchError::NoSuchVenue => Self::VenueNotFound,
            SwitchError::NotKept(_) => Self::SwitchNotKept,
        }
    }
}

impl From<ReloadRefusal> for ApiError {
    fn from(refusal: ReloadRefusal) -> Self {
        match refusal {
            ReloadRefusal::NoSuchVenue => Self::VenueNotFound,
            ReloadRefusal::Busy => Self::ReloadBusy,
            ReloadRefusal::Refused(reason) => Self::ReloadRefused(reason),
            ReloadRefusal::Lost(reason) => Self::PluginLost(reason),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Read(error)
    }
}
