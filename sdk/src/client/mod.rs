//! Client of the daemon's API.
//!
//! [`Client`] has one method for each call over HTTP, typed, with every reply bounded in size and time:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use orderd_sdk::{client::Client, wire::ExecuteRequest};
//!
//! let client = Client::new("http://127.0.0.1:3000")?;
//! let request = ExecuteRequest::market("SOL", "USDC", "10");
//! let accepted = client.submit(&request, Some("invoice-7")).await?;
//! let order = client.order(&accepted.order_id).await?;
//! # Ok(()) }
//! ```
//!
//! [`Coordinator`] is for whoever shows orders, or acts on them as they go: it owns one socket to `GET /api/stream`, and
//! keeps one [`Cache`] that everybody reads. It reconnects and resumes, polls while the socket is down, tells
//! duplicates, and looks up what it may have missed. [`Link`] says at any time how far the cache can be trusted:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use orderd_sdk::client::{Client, Coordinator, CoordinatorOptions, Phase};
//! use orderd_sdk::wire::{ExecuteRequest, Queue};
//!
//! let client = Client::new("http://127.0.0.1:3000")?;
//! let coordinator = Coordinator::start(client, CoordinatorOptions::default());
//! coordinator.wait_for(Phase::Live).await;
//!
//! // What is in the cache is there without waiting, for any number of readers.
//! for order in coordinator.cache().orders() {
//!     println!("{} {}", order.id, order.status);
//! }
//!
//! // Handed in again with the same key until there is an answer; in the cache's submissions until it is an order there.
//! let accepted = coordinator.submit(ExecuteRequest::market("SOL", "USDC", "10"), None).await?;
//!
//! // Each event of one order, without a hole, from the first one on.
//! let mut life = coordinator.follow(&accepted.order_id).await?;
//! while let Some(event) = life.next().await.transpose()? {
//!     println!("{} {}", event.seq, event.message);
//! }
//!
//! // The daemon sends this only while somebody reads it.
//! let mut queue = coordinator.topic::<Queue>();
//! println!("{:?}", queue.next().await.map(|queue| queue.depth.clone()));
//! # Ok(()) }
//! ```
//!
//! `sdk/examples/coordinator.rs` prints the lives of all orders.

mod address;
mod calls;
mod coordinator;
mod error;
mod exchange;
mod operating;
mod query;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod watch_tests;

pub use address::InvalidUrl;
pub use calls::{Client, InvalidToken};
pub use coordinator::*;
pub use error::ClientError;
pub use query::OrdersQuery;
