//! The HTTP and WebSocket interface: takes orders in, tells where they stand, streams their lives.
//!
//! It talks to the engine through its [`Desk`](crate::engine::Desk), to the [`Hub`](crate::stream::Hub) and to the
//! [`Stats`](crate::stats::Stats), and to nothing else. It is for the loopback address: `guard` keeps web pages away
//! from it, and `auth` everybody without a token, if there are any.

mod auth;
mod bulk;
mod bulletin;
mod clients;
mod cors;
mod deed;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod guard;
mod linger;
mod listener;
mod openapi;
mod parameters;
mod problem;
mod reply;
mod reports;
mod router;
mod routes;
mod search;
mod server;
mod settings;
mod shown;
mod state;
mod ws;

pub use auth::{Auth, Identity};
pub use listener::listen;
pub use server::serve;
pub use settings::ApiSettings;
pub use state::ApiState;
