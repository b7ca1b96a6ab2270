//! The objects of the HTTP and WebSocket interface, shared by the daemon and its clients.

mod number;
mod order;
mod problem;
mod request;
mod stream;

pub use number::Decimal;
pub use order::{OrderDto, OrderStatus, QuoteDto};
pub use problem::{FieldProblem, Problem};
pub use request::{
    ExecuteRequest, ExecuteResponse, Health, OrderEvents, OrderPage, OrderReply, WebsocketLoad,
};
pub use stream::{Connection, EventFields, Limits, OrderMessage, Signal, Subscribed};
