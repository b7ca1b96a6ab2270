//! The objects of the HTTP and WebSocket interface, shared by the daemon and its clients.

mod actions;
mod bulk;
mod error_code;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod number;
mod order;
mod problem;
mod queue;
mod request;
#[cfg(feature = "schema")]
pub mod schema;
mod stream;
mod subscribe;
mod ticket;
mod venues;
mod watch;

pub use actions::{Action, ActionOutcome, Actions};
pub use bulk::{
    BulkAction, BulkBlocked, BulkExecuteRequest, BulkOutcome, BulkPreview, BulkPreviewRequest, BulkRefused,
    BulkReport,
};
pub use error_code::ErrorCode;
pub use number::Decimal;
pub use order::{OrderDto, OrderStatus, QuoteDto};
pub use problem::{FieldProblem, Position, Problem};
pub use queue::{
    DelayedRetry, DepthHistory, ErrorCount, OldestOrder, Pause, PauseRequest, Queue, QueueSwitched, Rate,
    StageLatency, Throughput, WaitBucket, Workers,
};
pub use request::{
    CancelRequest, ExecuteRequest, ExecuteResponse, Health, LaneReport, NoFields, OrderEvents, OrderPage,
    OrderReply, Ready, RecoveryReport, WebsocketLoad,
};
pub use stream::{Connection, EventFields, GapReason, Limits, OrderMessage, Signal, Snapshot, Subscribed};
pub use subscribe::{ClientMessage, Delivery, LogFilter, OrderFilter, Since, SnapshotOf, Subscribe, Topic};
pub use ticket::StreamTicket;
pub use venues::{
    BreakerReport, GuardChange, LibraryReport, PluginReport, QuarantineReport, VenueGuard, VenueReloaded,
    VenueReport, VenueSwitched, Venues,
};
pub use watch::{
    ClientReport, Clients, Disconnected, LogLine, LogMessage, Logs, OrderChanges, Status, SubscriptionReport,
    TopicMessage,
};
