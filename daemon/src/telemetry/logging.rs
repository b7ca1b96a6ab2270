//! Where the log goes and how it looks. Standard output stays free for what a command answers.

use super::LogTail;
use std::{
    fmt,
    io::{self, IsTerminal, Write},
    panic, thread,
    time::Duration,
};
use tracing::Subscriber;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{LevelFilter, ParseError},
    fmt::MakeWriter,
    layer::SubscriberExt,
    util::{SubscriberInitExt, TryInitError},
};

/// The variable of the environment that says what is logged.
pub const VARIABLE: &str = "ORDERD_LOG";

const DEFAULT_FILTER: &str = "info";

/// Lines that may wait to be written.
const BUFFERED_LINES: usize = 16_384;

/// Lines are written together up to so many bytes.
const WRITE_BYTES: usize = 64 << 10;

/// So long more lines come together after some were written. Waking up for each would cost more than writing it.
const PAUSE: Duration = Duration::from_millis(5);

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object on each line.
    Json,
}

/// The log cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The filter makes no sense.
    #[error("{VARIABLE}: {0:?} is no level: use error, warn, info, debug, trace or off, or TARGET=LEVEL")]
    Level(String),
    /// The filter makes no sense.
    #[error("{VARIABLE} is no filter for the log")]
    Filter(#[source] ParseError),
    /// There is a log already.
    #[error("cannot start the log")]
    Started(#[source] TryInitError),
}

/// Keeps the log going. What is still to be written is written when it is dropped, last of all.
#[must_use = "without it the log ends at once"]
pub struct Log {
    tail: LogTail,
    _writer: WorkerGuard,
}

impl Log {
    /// The last lines, from now on.
    #[must_use]
    pub fn tail(&self) -> LogTail {
        self.tail.clone()
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").finish_non_exhaustive()
    }
}

/// Starts the log on standard error, and makes it tell of panics too. `filter` is what [`VARIABLE`] says.
///
/// A thread of its own writes the lines. When nobody takes them from standard error, the newest are dropped: a log
/// must not hold orders up. What is logged is also in the [tail](Log::tail), dropped or not.
///
/// # Errors
/// When the filter makes no sense, or a log was started before.
pub fn init(format: LogFormat, filter: Option<&str>) -> Result<Log, LoggingError> {
    let filter = read_filter(filter.unwrap_or(DEFAULT_FILTER))?;
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(BUFFERED_LINES)
        .lossy(true)
        .thread_name("log")
        // It is flushed when no more lines wait.
        .finish(Unhurried(io::BufWriter::with_capacity(WRITE_BYTES, io::stderr())));
    let tail = LogTail::default();
    subscriber(format, filter, writer, io::stderr().is_terminal(), &tail)
        .try_init()
        .map_err(LoggingError::Started)?;
    panic::set_hook(Box::new(super::observe::panicked));
    Ok(Log { tail, _writer: guard })
}

/// What is written here is written at once, and then nothing for a while.
struct Unhurried<W>(W);

impl<W: Write> Write for Unhurried<W> {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.0.write(lines)
    }

    #[expect(clippy::disallowed_methods, reason = "the log's own thread has nothing else to do")]
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        thread::sleep(PAUSE);
        Ok(())
    }
}

/// A filter such as `info` or `info,orderd::engine=debug`. A lone word must be a level: `tracing` would take a
/// mistyped level for the name of a target, and log nothing else.
fn read_filter(text: &str) -> Result<EnvFilter, LoggingError> {
    let words: Vec<_> = text.split(',').map(str::trim).collect();
    for word in words.iter().filter(|word| !word.contains(['=', '['])) {
        if word.is_empty() || word.parse::<LevelFilter>().is_err() {
            return Err(LoggingError::Level((*word).to_owned()));
        }
    }
    (EnvFilter::builder().parse(words.join(","))).map_err(LoggingError::Filter)
}

fn subscriber<W>(
    format: LogFormat,
    filter: EnvFilter,
    writer: W,
    colours: bool,
    tail: &LogTail,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(colours).with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    // The filter is for all layers: what is not logged is not in the tail either.
    Box::new(tracing_subscriber::registry().with(lines).with(tail.layer()).with(filter))
}

#[cfg(test)]
pub(in crate::telemetry) mod tests {
    use super::*;
    use crate::telemetry::LogTailFilter;
    use std::sync::{Arc, Mutex};

    /// What is logged by a piece of code.
    pub(in crate::telemetry) fn logged(format: LogFormat, filter: &str, code: impl FnOnce()) -> String {
        logged_with_tail(format, filter, code).0
    }

    fn logged_with_tail(format: LogFormat, filter: &str, code: impl FnOnce()) -> (String, LogTail) {
        let (lines, tail) = (Arc::new(Mutex::new(Vec::new())), LogTail::default());
        let writer = Mutex::new(Tee(lines.clone()));
        let subscriber = subscriber(format, read_filter(filter).unwrap(), writer, false, &tail);
        tracing::subscriber::with_default(subscriber, code);
        let bytes = lines.lock().unwrap().clone();
        (String::from_utf8(bytes).unwrap(), tail)
    }

    struct Tee(Arc<Mutex<Vec<u8>>>);

    impl Write for Tee {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_filter_that_would_silence_the_log_by_mistake_is_refused() {
        for text in
            ["info", "off", "WARN", "info,orderd::engine=debug", "info, hyper=off", "orderd[task]=trace"]
        {
            assert!(read_filter(text).is_ok(), "{text}");
        }
        for text in ["inof", "", "info,", "orderd::engine", "hyper=loud", "debug;info"] {
            assert!(read_filter(text).is_err(), "{text}");
        }
        let told = read_filter("inof").unwrap_err().to_string();
        assert!(told.starts_with(r#"ORDERD_LOG: "inof" is no level"#), "{told}");
    }

    #[test]
    fn the_filter_decides_what_is_logged_and_the_format_how() {
        let code = || {
            tracing::info!(order = 7, "accepted");
            tracing::debug!("not this");
        };
        let text = logged(LogFormat::Text, "info", code);
        assert!(text.contains(" INFO ") && text.contains("accepted order=7"), "{text}");
        assert!(!text.contains("not this") && !text.contains('\u{1b}'), "{text}");

        let json = logged(LogFormat::Json, "info", code);
        let line: serde_json::Value = serde_json::from_str(json.trim()).unwrap();
        assert_eq!((&line["message"], &line["order"]), (&"accepted".into(), &7.into()));
    }
    #[test]
    fn the_tail_has_what_is_logged_and_nothing_else() {
        let (text, tail) = logged_with_tail(LogFormat::Json, "info", || {
            tracing::info!(order = 7, "accepted");
            tracing::debug!("not this");
            tracing::error!("on fire");
        });
        assert_eq!(text.lines().count(), 2);
        let lines = tail.last(usize::MAX, &LogTailFilter::default()).lines;
        let told: Vec<_> = lines.iter().map(|line| (line.n, line.message.as_str())).collect();
        assert_eq!(told, [(1, "accepted"), (2, "on fire")]);
    }
}
