//! HTTP client of the daemon's API: one method for each call, typed, with every reply bounded in size and time.
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

mod address;
mod calls;
mod error;
mod exchange;
mod query;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod watch_tests;

pub use address::InvalidUrl;
pub use calls::{Client, InvalidToken};
pub use error::ClientError;
pub use query::OrdersQuery;
