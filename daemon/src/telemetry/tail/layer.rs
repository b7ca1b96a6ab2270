//! From what is logged to lines of the tail.

use super::{LogTail, lines::Entry};
use std::fmt::{self, Write};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

/// The longest message, and the longest value of a field, in bytes.
const MAX_TEXT: usize = 2_048;

/// Most lines have no more, in bytes.
const USUAL: usize = 160;

/// Puts what is logged into the tail.
struct TailLayer(LogTail);

impl LogTail {
    /// Fills the tail with what a subscriber lets pass to this layer.
    pub fn layer<S: Subscriber>(&self) -> impl Layer<S> + use<S> {
        TailLayer(self.clone())
    }
}

impl<S: Subscriber> Layer<S> for TailLayer {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut texts =
            Texts { texts: String::with_capacity(USUAL), fields: Vec::with_capacity(event.fields().count()) };
        event.record(&mut texts);
        let Texts { texts, fields } = texts;
        let metadata = event.metadata();
        self.0.push(Entry { level: *metadata.level(), target: metadata.target(), texts, fields });
    }
}

/// The fields of an event as texts: see [`Entry`].
struct Texts {
    texts: String,
    fields: Vec<(&'static str, usize)>,
}

impl Texts {
    fn take(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        let mut text = Shortened { texts: &mut self.texts, room: MAX_TEXT };
        // An error means that there is no room for more, or that the value cannot be shown: then this much is.
        let _ = text.write_fmt(value);
        self.fields.push((field.name(), self.texts.len()));
    }
}

impl Visit for Texts {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, format_args!("{value:?}"));
    }
}

/// The end of the texts, which takes so many bytes more and then no more.
struct Shortened<'a> {
    texts: &'a mut String,
    room: usize,
}

impl Write for Shortened<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() <= self.room {
            self.room -= text.len();
            self.texts.push_str(text);
            return Ok(());
        }
        self.texts.push_str(&text[..text.floor_char_boundary(self.room)]);
        self.texts.push('…');
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::LogTailFilter;
    use orderd_sdk::wire::LogLine;
    use tracing_subscriber::layer::SubscriberExt;

    fn lines(code: impl FnOnce()) -> Vec<LogLine> {
        let tail = LogTail::default();
        let subscriber = tracing_subscriber::registry().with(tail.layer());
        tracing::subscriber::with_default(subscriber, code);
        tail.last(usize::MAX, &LogTailFilter::default()).lines
    }

    #[test]
    fn an_event_becomes_a_line_of_texts() {
        let logged = lines(|| {
            let error = "disk full";
            tracing::warn!(target: "orderd::store", order = 7, name = "main", some = ?Some("x"), %error, "no room for {}", 9);
        });
        let [line] = &logged[..] else {
            panic!("{logged:?}");
        };
        assert_eq!((line.n, line.level.as_str(), line.target.as_str()), (1, "WARN", "orderd::store"));
        assert_eq!(line.message, "no room for 9");
        assert!(line.timestamp.0 > 0);
        let fields: Vec<_> =
            line.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            fields,
            [("error", "disk full"), ("name", "main"), ("order", "7"), ("some", r#"Some("x")"#)]
        );
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let logged = lines(|| {
            let long = "ä".repeat(MAX_TEXT);
            tracing::info!(text = long, list = ?vec![7; MAX_TEXT], fits = "x".repeat(MAX_TEXT), "a{long}");
        });
        let line = &logged[0];
        assert_eq!(line.fields["text"], format!("{}…", "ä".repeat(MAX_TEXT / 2)));
        assert_eq!(line.message, format!("a{}…", "ä".repeat(MAX_TEXT / 2 - 1)));
        assert_eq!(line.fields["list"].len(), MAX_TEXT + '…'.len_utf8());
        assert_eq!(line.fields["fits"], "x".repeat(MAX_TEXT));
    }

    #[test]
    fn a_value_that_logs_while_it_is_shown_does_no_harm() {
        struct Chatty;
        impl fmt::Debug for Chatty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                tracing::info!("inner");
                f.write_str("Chatty")
            }
        }
        let logged = lines(|| tracing::info!(value = ?Chatty, "outer"));
        assert_eq!(logged.last().unwrap().message, "outer");
    }
}
