//! What a plugin in this process calls: its completions, its questions, its log.

use super::{
    operations::{Completed, Operations},
    records::record,
    services::Services,
};
use orderd_sdk::abi::{Outcome, Status, host::Callbacks, table::Level};
use tracing::level_filters::LevelFilter;

/// The host of one instance.
pub(super) struct PluginHost {
    /// The plugin's name in the configuration.
    pub(super) name: String,
    pub(super) operations: Operations<Outcome>,
    pub(super) services: Services,
}

impl Callbacks for PluginHost {
    fn log_level(&self) -> Level {
        log_level()
    }

    fn log(&self, level: Level, target: &str, message: &str) {
        record(&self.name, level, target, message);
    }

    fn complete(&self, op: u64, status: Status, reply: &[u8]) {
        let completed = self.operations.complete(op, Outcome { status, reply: reply.to_vec() });
        note_completion(&self.name, op, status, completed);
    }

    fn request(&self, op: u64, service: &str, budget_ns: u64, payload: &[u8]) -> Status {
        self.services.request(op, service, budget_ns, payload)
    }
}

/// Tells of a completion that was good for nothing.
pub(super) fn note_completion(plugin: &str, op: u64, status: Status, completed: Completed) {
    match completed {
        Completed::Answered => {}
        Completed::Abandoned => {
            tracing::debug!(plugin, op, ?status, "completed a call that had been given up");
        }
        Completed::Twice => {
            tracing::warn!(plugin, op, ?status, "ignored a second completion of a call");
        }
        Completed::Forged => {
            tracing::warn!(plugin, op, ?status, "ignored a completion of no call");
        }
    }
}

/// What the daemon's log takes at most, now.
pub(super) fn log_level() -> Level {
    match LevelFilter::current().into_level() {
        None => Level::OFF,
        Some(tracing::Level::ERROR) => Level::ERROR,
        Some(tracing::Level::WARN) => Level::WARN,
        Some(tracing::Level::INFO) => Level::INFO,
        Some(tracing::Level::DEBUG) => Level::DEBUG,
        Some(tracing::Level::TRACE) => Level::TRACE,
    }
}
