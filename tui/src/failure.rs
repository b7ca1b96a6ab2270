//! How a call ends when it does not end well.

use crate::{plugin::PluginFailure, profile::ProfileError, table::plain, token::TokenError};
use orderd_sdk::{
    client::{ClientError, FollowError, InvalidUrl, Why},
    filter::FilterError,
    wire::Problem,
};
use std::{
    error::Error,
    io::{self, ErrorKind, Write},
    ops::Range,
    path::{Path, PathBuf},
    process::ExitCode,
};
use unicode_width::UnicodeWidthStr;

/// Why nothing more is done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// No profile can be used.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The URL is none.
    #[error(transparent)]
    Url(#[from] InvalidUrl),
    /// The token cannot be had.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The call failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A plugin is not what it should be, or cannot be tried.
    #[error(transparent)]
    Plugin(#[from] PluginFailure),
    /// The output cannot be written.
    #[error("cannot write the output")]
    Output(#[from] io::Error),
    /// A file cannot be written.
    #[error("cannot write {}", file.display())]
    File { file: PathBuf, source: io::Error },
    /// An order cannot be followed any further.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// The daemon does not want to be watched any more.
    #[error("the daemon has closed the connection for good: {0}")]
    Closed(Why),
    /// A read-only profile, or `--read-only`.
    #[error("read-only: nothing is changed, and nothing was sent")]
    ReadOnly,
    /// The answer was not yes.
    #[error("not confirmed; nothing was changed")]
    Declined,
    /// It has to be confirmed, and nobody can be asked.
    #[error(
        "standard input is no terminal, so that nobody can be asked; use --yes, or --dry-run to see what would be done"
    )]
    NobodyToAsk,
    /// The console cannot be shown.
    #[error("the console needs a terminal; name a command, or use --plain (orderctl --help)")]
    NoTerminal,
    /// What is given as a filter is none.
    #[error("--filter: {error}")]
    Filter { text: String, error: FilterError },
    /// It is another number of orders than was said on the command line.
    #[error("{eligible} orders are eligible, not {expected}; nothing was changed")]
    Unexpected { eligible: u64, expected: u64 },
    /// So many orders are not changed without their number.
    #[error("--yes alone is not enough for {eligible} orders here; say --expect {eligible}")]
    NumberNeeded { eligible: u64 },
    /// What there was to say is said already.
    #[error("exit code {0}")]
    Reported(u8),
    /// Somebody has interrupted it.
    #[error("interrupted")]
    Interrupted,
}

impl Failure {
    /// What was written was this file.
    pub(crate) fn on(self, file: &Path) -> Self {
        if let Self::Output(source) = self { Self::File { file: file.to_owned(), source } } else { self }
    }

    /// Says why, and gives the exit code.
    pub(crate) fn report(&self, out: &mut impl Write) -> ExitCode {
        if !self.is_quiet() {
            // When even that cannot be written, the exit code has to do.
            let _ = self.write(out);
        }
        ExitCode::from(self.code())
    }

    /// Whoever reads has seen enough, or knows.
    fn is_quiet(&self) -> bool {
        self.code() == 0 || matches!(self, Self::Interrupted | Self::Reported(_))
    }

    fn code(&self) -> u8 {
        match self {
            Self::Output(error) if error.kind() == ErrorKind::BrokenPipe => 0,
            Self::Client(error) | Self::Follow(FollowError::Refused(error)) => client_code(error),
            Self::ReadOnly | Self::Declined | Self::Unexpected { .. } => 1,
            Self::Follow(FollowError::OtherStore) | Self::Closed(_) => 1,
            Self::Plugin(failure) => failure.code(),
            Self::Profile(_) | Self::Url(_) | Self::Token(_) | Self::NobodyToAsk | Self::NoTerminal => 2,
            Self::Filter { .. } | Self::NumberNeeded { .. } => 2,
            Self::Output(_) | Self::File { .. } => 74,
            Self::Reported(code) => *code,
            Self::Interrupted => 130,
        }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        if let Self::Client(ClientError::Problem(problem))
        | Self::Follow(FollowError::Refused(ClientError::Problem(problem))) = self
        {
            return write_problem(problem, out);
        }
        write_error(self, out)?;
        if let Self::Filter { text, error } = self {
            write_place(text, &error.span, out)?;
        }
        Ok(())
    }
}

fn client_code(error: &ClientError) -> u8 {
    match error {
        ClientError::Problem(_) => 1,
        ClientError::InvalidIdempotencyKey => 2,
        ClientError::Unreachable { .. } | ClientError::Unanswered(_) => 69,
        ClientError::Protocol(_) => 76,
    }
}

fn write_problem(problem: &Problem, out: &mut impl Write) -> io::Result<()> {
    let (code, detail) = (plain(&problem.code), plain(&problem.detail));
    writeln!(out, "orderctl: refused ({code}): {detail}")?;
    for error in &problem.errors {
        let (field, code, detail) = (plain(&error.field), plain(&error.code), plain(&error.detail));
        writeln!(out, "  {field} ({code}): {detail}")?;
    }
    Ok(())
}

fn write_error(error: &dyn Error, out: &mut impl Write) -> io::Result<()> {
    write!(out, "orderctl: {}", plain(&error.to_string()))?;
    let mut next = error.source();
    while let Some(source) = next {
        write!(out, ": {}", plain(&source.to_string()))?;
        next = source.source();
    }
    writeln!(out)
}

/// A text, and below it a line that points to a part of it.
fn write_place(text: &str, span: &Range<usize>, out: &mut impl Write) -> io::Result<()> {
    let [before, there] = [text.get(..span.start), text.get(span.clone())].map(Option::unwrap_or_default);
    let [before, there] = [before, there].map(|part| plain(part).width());
    writeln!(out, "  {}", plain(text))?;
    writeln!(out, "  {}{}", " ".repeat(before), "^".repeat(there.max(1)))
}
