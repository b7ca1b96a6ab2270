//! Reads the terminal, on a thread of its own.
//!
//! crossterm goes round in circles for ever in the middle of a read once the terminal is gone. That must not take the loop with
//! it: the loop hears of the end by a signal, or by what it can no longer write, and the thread ends with the process.

use crossterm::event::{self, Event};
use std::{io, thread};
use tokio::sync::mpsc;

/// Events that wait. While there are more, they wait in the terminal, and whoever sends them waits too.
const WAITING: usize = 1_024;

/// What the terminal sends.
pub(super) type Keyboard = mpsc::Receiver<io::Result<Event>>;

/// Begins to read.
pub(super) fn listen() -> io::Result<Keyboard> {
    let (events, keyboard) = mpsc::channel(WAITING);
    thread::Builder::new().name("terminal".to_owned()).spawn(move || {
        loop {
            let event = event::read();
            let is_last = event.is_err();
            if events.blocking_send(event).is_err() || is_last {
                break;
            }
        }
    })?;
    Ok(keyboard)
}
