//! How a call ends when it does not end well.

use crate::{plugin::PluginFailure, table::plain, token::TokenError};
use orderd_sdk::{
    client::{ClientError, InvalidUrl},
    wire::Problem,
};
use std::{
    error::Error,
    io::{self, ErrorKind, Write},
    process::ExitCode,
};

/// Why nothing more is shown.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The URL is none.
    Url(InvalidUrl),
    /// The token cannot be had.
    Token(TokenError),
    /// The call failed.
    Client(ClientError),
    /// A plugin is not what it should be, or cannot be tried.
    Plugin(PluginFailure),
    /// The output cannot be written.
    Output(io::Error),
}

impl From<PluginFailure> for Failure {
    fn from(failure: PluginFailure) -> Self {
        Self::Plugin(failure)
    }
}

impl From<InvalidUrl> for Failure {
    fn from(error: InvalidUrl) -> Self {
        Self::Url(error)
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl Failure {
    /// Says why, and gives the exit code.
    pub(crate) fn report(&self, out: &mut impl Write) -> ExitCode {
        let code = self.code();
        if code != 0 {
            // When even that cannot be written, the exit code has to do.
            let _ = self.write(out);
        }
        ExitCode::from(code)
    }

    fn code(&self) -> u8 {
        match self {
            // Whoever reads has seen enough.
            Self::Output(error) if error.kind() == ErrorKind::BrokenPipe => 0,
            Self::Client(ClientError::Problem(_)) => 1,
            Self::Plugin(failure) => failure.code(),
            Self::Url(_) | Self::Token(_) | Self::Client(ClientError::InvalidIdempotencyKey) => 2,
            Self::Client(ClientError::Unreachable { .. } | ClientError::Unanswered(_)) => 69,
            Self::Output(_) => 74,
            Self::Client(ClientError::Protocol(_)) => 76,
        }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Client(ClientError::Problem(problem)) => write_problem(problem, out),
            Self::Client(error) => write_error(error, out),
            Self::Url(error) => write_error(error, out),
            Self::Token(error) => write_error(error, out),
            Self::Plugin(failure) => write_error(failure, out),
            Self::Output(error) => write_error(error, out),
        }
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
