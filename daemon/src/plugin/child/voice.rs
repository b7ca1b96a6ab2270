//! What a host says to the daemon: whole frames, whichever threads they come from.

use super::super::process::{frame::Frame, words::Notice};
use std::{
    io::Write,
    os::unix::net::UnixStream,
    sync::{Mutex, PoisonError},
};

/// Memory that is kept for the next frame.
const KEPT: usize = 64 << 10;

/// The way to the daemon.
pub(super) struct Voice(Mutex<Mouth>);

struct Mouth {
    socket: UnixStream,
    scratch: Vec<u8>,
}

impl Voice {
    pub(super) fn new(socket: UnixStream) -> Self {
        Self(Mutex::new(Mouth { socket, scratch: Vec::new() }))
    }

    /// Writes a frame; waits while the daemon takes no more. Where the daemon is gone there is nobody to tell: the thread
    /// that reads from it hears of that.
    pub(super) fn say(&self, frame: &Notice<'_>) {
        let mut mouth = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Mouth { socket, scratch } = &mut *mouth;
        scratch.clear();
        frame.write_to(scratch);
        let _ = socket.write_all(scratch);
        scratch.shrink_to(KEPT);
    }
}
