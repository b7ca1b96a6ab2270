//! Short messages at the bottom of the screen.

use orderd_sdk::timestamp::Timestamp;

/// How long a message is shown, in milliseconds.
const SHOWN_MS: u64 = 6_000;

/// How a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// For the record.
    Plain,
    /// It has worked.
    Good,
    /// It has not.
    Bad,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// How it is meant.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

impl Note {
    /// For the record.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { tone: Tone::Plain, text: text.into() }
    }

    /// It has worked.
    pub fn good(text: impl Into<String>) -> Self {
        Self { tone: Tone::Good, text: text.into() }
    }

    /// It has not worked.
    pub fn bad(text: impl Into<String>) -> Self {
        Self { tone: Tone::Bad, text: text.into() }
    }
}

/// The newest message, for as long as it is shown.
#[derive(Debug, Default)]
pub struct Notes(Option<(Note, Timestamp)>);

impl Notes {
    /// Shows a message from now on.
    pub fn tell(&mut self, note: Note, now: Timestamp) {
        self.0 = Some((note, now));
    }

    /// The message to show.
    #[must_use]
    pub fn shown(&self) -> Option<&Note> {
        self.0.as_ref().map(|(note, _)| note)
    }

    /// Lets go of what was shown long enough; says whether there was something.
    pub fn pass(&mut self, now: Timestamp) -> bool {
        let is_over = self.0.as_ref().is_some_and(|(_, since)| now.millis_since(*since) >= SHOWN_MS);
        if is_over {
            self.0 = None;
        }
        is_over
    }
}
