//! orderd executes orders on decentralised exchanges: never lost, never twice.
//!
//! The life of an order, room by room:
//!
//! 1. [`api`] reads a request and hands it to the [`engine::Desk`]. The engine checks it against the
//!    [`order::Catalog`] ([`order::read_request`] tells every mistake at once), makes an [`order::Order`] and commits
//!    it to the [`store`]; the answer leaves when it is on stable storage.
//! 2. A worker asks all venues for quotes and lets the best one build the transaction. Venues and chains are
//!    [plugins](plugin), or code that is [linked in](app::Builder::link).
//! 3. The lane of the account signs with a key from the [`account`] room and commits the signed bytes together with
//!    the sequence they take. Only then are they sent.
//! 4. A tracker follows the transaction to finality. Whatever happens is an [`order::Fact`] that moves the order to
//!    its next [`order::State`] and leaves an [`order::Event`].
//! 5. The store's writer makes events durable and then wakes, through the [`stream`], everyone who follows the order;
//!    [`stats`] counts them.
//!
//! [`config`] says how all of this is set up, [`telemetry`] watches it, and [`app`] puts it together:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use orderd::{app::Builder, config};
//! use orderd_sdk::wire::ExecuteRequest;
//!
//! let settings = config::load("config.toml".as_ref(), &Default::default(), &Default::default())?;
//! let daemon = Builder::new(settings).start().await?;
//! let order = daemon.submit(ExecuteRequest::market("SOL", "USDC", "10")).await?;
//! println!("{} is {}", order.id, order.status);
//! daemon.shut_down().await?;
//! # Ok(())
//! # }
//! ```

pub mod account;
pub mod actions;
pub mod api;
pub mod app;
pub mod config;
pub mod engine;
pub mod order;
pub mod plugin;
pub mod services;
pub mod stats;
pub mod store;
pub mod stream;
pub mod telemetry;

use std::process::ExitCode;

/// For a program that embeds the daemon and has plugins in processes of their own: call it first of all in `main`. `Some`
/// when this process was started to host a plugin; it has then done so, and ends with this code.
///
/// The program says that it can do this with [`Builder::venue_host`](app::Builder::venue_host).
#[must_use]
pub fn venue_host() -> Option<ExitCode> {
    let is_host = std::env::args_os().nth(1).is_some_and(|first| first == "venue-host");
    is_host.then(plugin::venue_host)
}
