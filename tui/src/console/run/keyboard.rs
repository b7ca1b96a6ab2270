//! Reads the terminal, on a thread of its own: the loop does not wait where crossterm does, in the middle of a key that is not
//! there as a whole, or for ever where a terminal is gone without an error. The loop hears of that end by a signal, or by what it
//! can no longer write, and the thread ends with the process.
//!
//! crossterm has its feature `use-dev-tty`, which asks the terminal each time whether there is more. Without it, it is told once of
//! what has come, and forgets a new size that came together with a key.

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
