//! What is looked at and operated besides orders.

use super::Change;
use clap::{Args, Subcommand, ValueEnum};

/// Once, or for as long as somebody looks.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Watching {
    /// Print it anew whenever it changes, until interrupted
    #[arg(long)]
    pub(crate) watch: bool,
}

/// What to do with the queue.
#[derive(Debug, Subcommand)]
pub(crate) enum QueueVerb {
    /// Begin no further attempts, also after a restart; orders are still accepted, and what is signed goes on to its end
    Pause {
        /// Why, one line, for whoever looks
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        change: Change,
    },
    /// Begin attempts again
    Resume {
        #[command(flatten)]
        change: Change,
    },
}

/// What to do with a venue.
#[derive(Debug, Subcommand)]
pub(crate) enum VenuesVerb {
    /// Have a venue asked again; it ends a quarantine, too
    Enable(Venue),
    /// Have a venue asked no more; orders that have chosen it are carried out
    Disable(Venue),
    /// Load the library of a venue's plugin anew, while orders go on
    Reload(Venue),
}

/// Which venue.
#[derive(Debug, Args)]
pub(crate) struct Venue {
    /// The venue
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) change: Change,
}

/// What to do with a client.
#[derive(Debug, Subcommand)]
pub(crate) enum ClientsVerb {
    /// Close a client's connection, and tell it not to come back by itself
    Disconnect {
        /// The client, such as ws-7
        id: String,
        #[command(flatten)]
        change: Change,
    },
}

/// Which lines of the log.
#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// Only lines of this level or worse
    #[arg(long, value_enum)]
    pub(crate) level: Option<Level>,

    /// Only lines whose target begins so, such as orderd::engine
    #[arg(long, value_name = "TEXT")]
    pub(crate) target: Option<String>,

    /// So many of the last lines
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub(crate) lines: u32,

    /// Then print lines as they come, until interrupted
    #[arg(long, visible_alias = "follow")]
    pub(crate) watch: bool,
}

/// How bad a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// Something failed
    Error,
    /// Something may fail
    Warn,
    /// What happens
    Info,
    /// What happens, in detail
    Debug,
    /// All of it
    Trace,
}

impl Level {
    /// As the daemon names it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}
