//! What the plugin calls: each call becomes a frame.

use super::{super::process::words::Notice, voice::Voice};
use orderd_sdk::abi::{Service, Status, host::Callbacks, table::Level};
use std::sync::Arc;

/// The host of the one instance.
pub(super) struct Bridge {
    voice: Arc<Voice>,
    log_level: Level,
}

impl Bridge {
    pub(super) fn new(voice: Arc<Voice>, log_level: Level) -> Self {
        Self { voice, log_level }
    }
}

impl Callbacks for Bridge {
    fn log_level(&self) -> Level {
        self.log_level
    }

    fn log(&self, level: Level, target: &str, message: &str) {
        if level <= self.log_level {
            self.voice.say(&Notice::Log { level, target, message: message.as_bytes() });
        }
    }

    fn complete(&self, op: u64, status: Status, reply: &[u8]) {
        self.voice.say(&Notice::Complete { op, status, reply });
    }

    /// Only what this host knows nothing of is refused at once; whatever else the daemon refuses comes as an answer.
    fn request(&self, op: u64, service: &str, budget_ns: u64, payload: &[u8]) -> Status {
        if Service::parse(service).is_none() {
            return Status::UNSUPPORTED;
        }
        self.voice.say(&Notice::Request { op, budget_ns, service, payload });
        Status::OK
    }
}
