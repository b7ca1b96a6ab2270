//! Asks whoever is at the terminal.

use crate::{failure::Failure, session::Session, table::plain};
use std::io::{self, BufRead, IsTerminal, Read};

/// Nobody types more.
const MAX_ANSWER: u64 = 1024;

/// What has to be typed for a change to be made. An empty line never is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// `y` or `yes`.
    Yes,
    /// This text, which says what it is about.
    Text(String),
}

impl Answer {
    fn is(&self, typed: &str) -> bool {
        match self {
            Self::Yes => typed.eq_ignore_ascii_case("y") || typed.eq_ignore_ascii_case("yes"),
            Self::Text(text) => typed == text,
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Yes => "[y/N]".to_owned(),
            Self::Text(text) => format!("Type {} to do it:", plain(text)),
        }
    }
}

/// Asks on the terminal, and lets pass whoever answers so.
pub(crate) async fn confirm(
    session: &mut Session<'_>,
    question: &str,
    wanted: &Answer,
) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::NobodyToAsk);
    }
    write!(session.notes, "{} {} ", plain(question), wanted.hint())?;
    session.notes.flush()?;
    // On a thread of its own, so that an interruption is heard meanwhile.
    let typed = tokio::task::spawn_blocking(read_line).await.map_err(io::Error::other)??;
    match wanted.is(typed.trim()) {
        true => Ok(()),
        false => Err(Failure::Declined),
    }
}

fn read_line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().lock().take(MAX_ANSWER).read_line(&mut line)?;
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_confirmed_by_an_empty_line_or_by_something_like_it() {
        let number = Answer::Text("3188".into());
        for (answer, typed, is) in [
            (&Answer::Yes, "y", true),
            (&Answer::Yes, "YES", true),
            (&Answer::Yes, "", false),
            (&Answer::Yes, "yep", false),
            (&number, "3188", true),
            (&number, "y", false),
            (&number, "", false),
            (&number, "318", false),
        ] {
            assert_eq!(answer.is(typed), is, "{answer:?} {typed:?}");
        }
    }
}
