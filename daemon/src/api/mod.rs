//! The HTTP and WebSocket interface: takes orders in, tells where they stand, streams their lives.
//!
//! It talks to the engine through its [`Desk`](crate::engine::Desk), to the [`Hub`](crate::stream::Hub) and to the
//! [`Stats`](crate::stats::Stats), and to nothing else. It has no authentication yet: it is for the loopback address, and `guard` keeps web pages
//! away from it.

mod bulletin;
mod clients;
mod cors;
mod guard;
mod linger;
mod parameters;
mod problem;
mod reply;
mod reports;
mod router;
mod routes;
mod server;
mod settings;
mod state;
mod ws;

pub use server::serve;
pub use settings::ApiSettings;
pub use state::ApiState;
