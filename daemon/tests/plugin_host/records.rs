//! The daemon's log, as far as the tests look at it.

use std::{
    fmt::{self, Write},
    sync::{Mutex, OnceLock},
};
use tokio::sync::Notify;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
};

/// Every record since the first test asked, as `LEVEL target message field=value`.
#[derive(Default)]
pub(crate) struct Records {
    lines: Mutex<Vec<String>>,
    more: Notify,
}

/// Listens from now on.
pub(crate) fn records() -> &'static Records {
    static RECORDS: OnceLock<&'static Records> = OnceLock::new();
    RECORDS.get_or_init(|| {
        let records: &'static Records = Box::leak(Box::default());
        tracing::subscriber::set_global_default(Registry::default().with(Recorder(records))).unwrap();
        records
    })
}

impl Records {
    /// The records that have all of these words.
    pub(crate) fn with(&self, words: &[&str]) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|line| words.iter().all(|word| line.contains(word))).cloned().collect()
    }

    /// Waits for a record that has all of these words.
    pub(crate) async fn wait_for(&self, words: &[&str]) -> String {
        loop {
            let more = self.more.notified();
            let found = {
                let lines = self.lines.lock().unwrap();
                lines.iter().find(|line| words.iter().all(|word| line.contains(word))).cloned()
            };
            match found {
                Some(line) => return line,
                None => more.await,
            }
        }
    }
}

struct Recorder(&'static Records);

impl<S: Subscriber> Layer<S> for Recorder {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line(format!("{} {}", event.metadata().level(), event.metadata().target()));
        event.record(&mut line);
        self.0.lines.lock().unwrap().push(line.0);
        self.0.more.notify_waiters();
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}
