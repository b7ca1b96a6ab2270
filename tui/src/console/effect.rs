//! What the console wants done outside of itself. Only the loop does it.

use super::actions::Mutation;
use orderd_sdk::{
    client::{ClientError, RecallError},
    filter::Filter,
    wire::{BulkPreview, LogFilter},
};
use std::{path::PathBuf, sync::Arc};

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Change something at the daemon. There is no way to one but through the dispatcher.
    Mutate(Mutation),
    /// Have the newest orders that this means brought into the cache, those that are over too.
    Recall(Filter),
    /// Follow the events of this order, from its first one on, and of no other.
    Follow(Option<Arc<str>>),
    /// Follow the log with this filter, or not at all.
    FollowLogs(Option<LogFilter>),
    /// Read who is connected, while somebody looks.
    WatchClients(Watch),
    /// Give this to the terminal's clipboard.
    Copy(String),
    /// Write this into a file, which must not be there yet.
    Write {
        /// The file.
        file: PathBuf,
        /// What it shall hold.
        text: String,
    },
    /// Write all orders that this means into a file, however many there are.
    Export {
        /// Which.
        filter: Filter,
        /// Into what; its name says in which format.
        file: PathBuf,
    },
    /// Report the mouse, or leave it to the terminal.
    Mouse(Watch),
    /// Draw everything anew: something else has written on the terminal.
    Redraw,
    /// Let the shell have the terminal, until it lets the console go on.
    Stop,
    /// Take the terminal again: it was somebody else's.
    Retake,
    /// Connect anew, now.
    Reconnect,
    /// End.
    Quit,
}

/// Whether something is to be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// From now on.
    On,
    /// No more.
    Off,
}

/// How far back orders were brought into the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To the first one.
    All,
    /// To this many of the newest: there are older ones.
    Newest(usize),
}

/// What became of something that was to be done.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A change was made, or not.
    Mutated(Mutation, Result<String, Arc<ClientError>>),
    /// What a change of many orders would do.
    Previewed(Result<BulkPreview, Arc<ClientError>>),
    /// Orders were brought into the cache, or not.
    Recalled(Filter, Result<Reach, Arc<RecallError>>),
    /// So many orders were written into a file, or they were not.
    Exported(PathBuf, Result<u64, String>),
    /// A file was written, or not.
    Written(PathBuf, Result<(), String>),
}
