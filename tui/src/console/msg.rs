//! What can happen to the console.

use super::{effect::Answer, input::Key};
use orderd_sdk::{
    client::{Changed, Link, LogNews},
    wire::{Actions, Clients, OrderMessage, Queue, Status, Venues},
};
use std::sync::Arc;

/// Something has happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The mouse was used; only when it was asked for.
    Mouse(Mouse),
    /// The terminal has another size, or was covered: everything is drawn anew.
    Resized {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// The process goes on after it was stopped, and the terminal was somebody else's meanwhile.
    Continued {
        /// Columns by now.
        width: u16,
        /// Rows by now.
        height: u16,
    },
    /// A second has passed; so the coordinator stands to its daemon by now.
    Tick(Link),
    /// The coordinator stands otherwise to its daemon.
    Link(Link),
    /// Orders of the cache have changed.
    Orders(Changed),
    /// A report of the daemon.
    Report(Report),
    /// Lines of the daemon's log.
    Logs(LogNews),
    /// An event of the order that is followed.
    Event(Arc<OrderMessage>),
    /// The answer to a call.
    Answer(Answer),
    /// The terminal is gone, or the process was told to end.
    Quit,
}

impl Msg {
    /// Whether somebody sits before the terminal and waits for what comes of it. Sizes are none of that: while a window is drawn
    /// larger, there are hundreds.
    #[must_use]
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Key(_) | Self::Paste(_) | Self::Mouse(_))
    }
}

/// What the daemon says of itself.
#[derive(Clone, Debug)]
pub enum Report {
    /// How it is.
    Status(Arc<Status>),
    /// What waits.
    Queue(Arc<Queue>),
    /// How venues do.
    Venues(Arc<Venues>),
    /// Who is connected.
    Clients(Arc<Clients>),
    /// What was done.
    Actions(Arc<Actions>),
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// A click on this cell.
    Click {
        /// The column.
        x: u16,
        /// The row.
        y: u16,
    },
    /// The wheel, a step up.
    ScrollUp,
    /// The wheel, a step down.
    ScrollDown,
}
