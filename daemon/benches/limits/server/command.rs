//! What the benchmark tells a server, and what it answers: one JSON object per line.

use crate::clock::Nanos;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// How to start a server.
#[derive(Clone, Debug, Args)]
pub(crate) struct Launch {
    /// Which.
    #[arg(value_enum)]
    pub(crate) kind: Kind,
    /// How many orders take turns in having events.
    #[arg(long)]
    pub(crate) orders: usize,
    /// What the kernel may hold for a client that does not read.
    #[arg(long)]
    pub(crate) send_buffer: Option<usize>,
}

impl Launch {
    /// The arguments that say the same.
    pub(super) fn to_args(&self) -> Vec<String> {
        let kind = match self.kind {
            Kind::Daemon => "daemon",
            Kind::Bare => "bare",
            Kind::Echo => "echo",
        };
        let mut args = vec!["serve".to_owned(), kind.to_owned(), format!("--orders={}", self.orders)];
        args.extend(self.send_buffer.map(|bytes| format!("--send-buffer={bytes}")));
        args
    }
}

/// A server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// The daemon's interface and stream, without an engine.
    Daemon,
    /// The reference for streams.
    Bare,
    /// The reference for requests.
    Echo,
}

/// The first line of a server.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ready {
    pub(super) address: SocketAddr,
    pub(super) orders: Vec<String>,
    /// Of the last event.
    pub(super) cursor: u64,
    /// Of its cursors.
    pub(super) epoch: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Command {
    /// Have events ready, so that making them is not measured.
    Prepare { events: usize },
    /// Publish prepared ones, one right after the other.
    Publish { events: usize },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Reply {
    /// Just before the first event was published.
    pub(super) at: Nanos,
}
