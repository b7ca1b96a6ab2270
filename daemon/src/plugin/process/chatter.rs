//! What a plugin in a process of its own writes: log records, and whatever its process prints. No more per second than
//! its allowance, and no line longer than a line.

use super::allowance::{Allowance, Verdict};
use crate::plugin::records::record;
use orderd_sdk::abi::table::Level;
use std::{
    os::fd::OwnedFd,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncReadExt, BufReader},
    net::unix::pipe,
    time::Instant,
};

/// Longer lines are cut into pieces, in bytes.
const LINE: usize = 4 << 10;
/// Longer records are cut off, in bytes.
const RECORD: usize = 16 << 10;
/// Longer origins of records are cut off, in bytes.
const ORIGIN: usize = 256;

/// The voice of one process.
pub(super) struct Chatter {
    name: String,
    allowance: Mutex<Allowance>,
}

impl Chatter {
    pub(super) fn new(name: String) -> Arc<Self> {
        Arc::new(Self { name, allowance: Mutex::new(Allowance::new(Instant::now())) })
    }

    /// Whose it is.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether something more may be said; what was thrown away before is told first.
    pub(super) fn may_speak(&self) -> bool {
        let verdict = self.allowance.lock().unwrap_or_else(PoisonError::into_inner).ask(Instant::now());
        match verdict {
            Verdict::Drop => false,
            Verdict::Write { dropped: 0 } => true,
            Verdict::Write { dropped } => {
                tracing::warn!(target: "plugin", plugin = self.name, dropped, "it writes too much: records were thrown away");
                true
            }
        }
    }

    /// A record of the plugin.
    pub(super) fn say(&self, level: Level, origin: &str, message: &[u8]) {
        if self.may_speak() {
            let message = String::from_utf8_lossy(&message[..message.len().min(RECORD)]);
            record(&self.name, level, cut(origin), message.trim_end());
        }
    }

    /// Reads what the process prints, to the end.
    pub(super) async fn follow(self: Arc<Self>, printed: OwnedFd, origin: &'static str, level: Level) {
        let Ok(pipe) = pipe::Receiver::from_owned_fd(printed) else {
            return;
        };
        let mut pipe = BufReader::with_capacity(LINE, pipe);
        let mut line = Vec::with_capacity(LINE);
        while let Ok(byte) = pipe.read_u8().await {
            match byte {
                b'\n' => self.line(&mut line, origin, level),
                _ => line.push(byte),
            }
            if line.len() >= LINE {
                self.line(&mut line, origin, level);
            }
        }
        self.line(&mut line, origin, level);
    }

    fn line(&self, line: &mut Vec<u8>, origin: &str, level: Level) {
        if !line.is_empty() {
            self.say(level, origin, line);
        }
        line.clear();
    }
}

fn cut(origin: &str) -> &str {
    &origin[..origin.floor_char_boundary(ORIGIN)]
}
