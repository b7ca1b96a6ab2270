//! What the end of a check's process says about the plugin in it.

use orderd_sdk::testkit::Finding;
use std::{os::unix::process::ExitStatusExt, process::ExitStatus, time::Duration};

/// Signals that code ends by: number, name, what it is, and where an author would look first.
const SIGNALS: &[(i32, &str, &str, &str)] = &[
    (
        libc_signal::SEGV,
        "SIGSEGV",
        "a memory fault",
        "pointers that are kept after the call that lent them, an instance that is used after destroy, a stack that overflows",
    ),
    (
        libc_signal::ABRT,
        "SIGABRT",
        "it ended itself",
        "abort(), a panic that crosses the border or comes while another unwinds, panic = \"abort\", memory that ran out",
    ),
    (libc_signal::BUS, "SIGBUS", "a memory fault", "files that are mapped and shorter than thought"),
    (libc_signal::ILL, "SIGILL", "an illegal instruction", "the machine that the library was compiled for"),
    (libc_signal::FPE, "SIGFPE", "arithmetic", "divisions by zero"),
    (libc_signal::KILL, "SIGKILL", "somebody killed it", "memory: the system kills who takes too much"),
    (libc_signal::TRAP, "SIGTRAP", "a trap", "assertions of the compiler or the allocator"),
    (libc_signal::PIPE, "SIGPIPE", "a broken pipe", "writing to a socket whose other side is gone"),
];

/// Numbers of signals on Linux and macOS, as far as they are the same.
mod libc_signal {
    pub(super) const ILL: i32 = 4;
    pub(super) const TRAP: i32 = 5;
    pub(super) const ABRT: i32 = 6;
    pub(super) const FPE: i32 = 8;
    pub(super) const KILL: i32 = 9;
    pub(super) const SEGV: i32 = 11;
    pub(super) const PIPE: i32 = 13;
    pub(super) const BUS: i32 = if cfg!(target_os = "macos") { 10 } else { 7 };
}

/// How a process ended that should have left a report and an exit code of 0. `None`: it was killed after `limit`.
pub(super) fn finding(status: Option<ExitStatus>, told: bool, limit: Duration) -> Finding {
    let when = if told { "after the check" } else { "during the check" };
    let (seen, look_at) = match status.map(|status| (status.signal(), status.code())) {
        None => (
            format!("{when} the process hung, and was killed after {} s", limit.as_secs()),
            "endless loops, locks that are not given back, waiting in start or destroy".to_owned(),
        ),
        Some((Some(signal), _)) => match SIGNALS.iter().find(|(number, ..)| *number == signal) {
            Some((_, name, what, look_at)) => {
                (format!("{when} the process ended by {name}: {what}"), (*look_at).to_owned())
            }
            None => (format!("{when} the process ended by signal {signal}"), "what raises it".to_owned()),
        },
        Some((None, code)) => (
            format!("{when} the process ended with exit code {}", code.unwrap_or_default()),
            "exit() and its like: in the daemon's process it would end the daemon".to_owned(),
        ),
    };
    Finding { seen, expected: "a plugin never ends the process that it lives in".to_owned(), look_at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_process_is_told_by_name() {
        let limit = Duration::from_secs(60);
        let cases = [
            (Some(ExitStatus::from_raw(11)), "SIGSEGV"),
            (Some(ExitStatus::from_raw(6)), "SIGABRT"),
            (Some(ExitStatus::from_raw(31)), "signal 31"),
            (Some(ExitStatus::from_raw(3 << 8)), "exit code 3"),
            (None, "killed after 60 s"),
        ];
        for (status, words) in cases {
            let finding = finding(status, false, limit);
            assert!(finding.seen.contains(words), "{}", finding.seen);
        }
    }
}
