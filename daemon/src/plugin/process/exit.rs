//! How the process of a plugin ended.

use super::{frame::FrameError, pulse::Hang};
use std::{fmt, os::unix::process::ExitStatusExt, process::ExitStatus};

/// Why the daemon turns to a process's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// It has closed its side of the socket, or is gone.
    Gone,
    /// It has hung.
    Hung(Hang),
    /// It sent what makes no sense.
    Broken(Fault),
    /// The plugin was ended.
    Asked,
}

/// What a host must not say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// No frame.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A frame out of place.
    #[error("a frame out of place")]
    Misplaced,
    /// Another protocol, or a manifest that is none.
    #[error("first words that make no sense: {0}")]
    Opening(String),
    /// An answer to no call.
    #[error("a completion of no call ({0})")]
    Forged(u64),
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exit {
    cause: Cause,
    /// None when it could not be waited for.
    status: Option<ExitStatus>,
}

impl Exit {
    pub(super) fn of(cause: Cause, status: Option<ExitStatus>) -> Self {
        Self { cause, status }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Hung(hang) => write!(f, "killed: {hang}"),
            Cause::Broken(fault) => write!(f, "killed: it sent {fault}"),
            Cause::Gone | Cause::Asked => match self.status {
                Some(status) => write_status(f, status),
                None => f.write_str("gone"),
            },
        }
    }
}

fn write_status(f: &mut fmt::Formatter<'_>, status: ExitStatus) -> fmt::Result {
    match (status.code(), status.signal()) {
        (Some(code), _) => write!(f, "exited with code {code}"),
        (None, Some(signal)) => match name(signal) {
            Some(name) => write!(f, "killed by {name}"),
            None => write!(f, "killed by signal {signal}"),
        },
        (None, None) => write!(f, "ended with {status}"),
    }
}

/// Of the signals that end processes; their numbers are the same on all systems that the daemon runs on.
fn name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        _ if cfg!(target_os = "linux") && signal == 7 => "SIGBUS",
        _ if cfg!(target_os = "linux") && signal == 31 => "SIGSYS",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_in_words() {
        let killed = |cause, raw| Exit::of(cause, Some(ExitStatus::from_raw(raw))).to_string();
        for (said, expected) in [
            (killed(Cause::Gone, 11), "killed by SIGSEGV"),
            (killed(Cause::Gone, 3 << 8), "exited with code 3"),
            (killed(Cause::Gone, 40), "killed by signal 40"),
            (killed(Cause::Hung(Hang::Silent), 9), "killed: its process does not answer"),
            (
                killed(Cause::Broken(FrameError::Kind(9).into()), 9),
                "killed: it sent a frame of the unknown kind 9",
            ),
            (Exit::of(Cause::Gone, None).to_string(), "gone"),
        ] {
            assert_eq!(said, expected);
        }
    }
}
