//! The objects of the HTTP and WebSocket interface, shared by the daemon and its clients.

mod error_code;
mod number;
mod order;
mod problem;
mod request;
mod stream;

pub use error_code::ErrorCode;
pub use number::Decimal;
pub use order::{OrderDto, OrderStatus, QuoteDto};
pub use problem::{FieldProblem, Problem};
pub use request::{
    CancelRequest, ExecuteRequest, ExecuteResponse, Health, LaneReport, NoFields, OrderEvents, OrderPage,
    OrderReply, Ready, RecoveryReport, WebsocketLoad,
};
pub use stream::{Connection, EventFields, Limits, OrderMessage, Signal, Subscribed};
