//! Signals: those that ask the console to end, and job control.

use rustix::process::{Signal, kill_current_process_group};
use std::{io, time::Duration};
use tokio::{
    signal::unix::{self, SignalKind},
    time::timeout,
};

/// So long a process may take to notice that it was stopped.
const STOPPING: Duration = Duration::from_millis(500);

/// Signals that are listened to.
#[derive(Debug)]
pub(super) struct Signals {
    hangup: unix::Signal,
    terminate: unix::Signal,
    interrupt: unix::Signal,
    continued: unix::Signal,
}

/// What a signal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// To end.
    End,
    /// To go on, after having been stopped.
    Continued,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            hangup: unix::signal(SignalKind::hangup())?,
            terminate: unix::signal(SignalKind::terminate())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            continued: continued()?,
        })
    }

    pub(super) async fn next(&mut self) -> Said {
        tokio::select! {
            _ = self.hangup.recv() => Said::End,
            _ = self.terminate.recv() => Said::End,
            _ = self.interrupt.recv() => Said::End,
            _ = self.continued.recv() => Said::Continued,
        }
    }
}

fn continued() -> io::Result<unix::Signal> {
    unix::signal(SignalKind::from_raw(Signal::CONT.as_raw()))
}

/// Whether a job that was to stop has been stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// It has, and goes on.
    Continued,
    /// There is no shell that could let it go on, so that the system does not stop it.
    Refused,
}

/// Stops the job, as Ctrl-Z does outside of the console, and returns when it goes on.
pub(super) async fn stop() -> io::Result<Stopped> {
    let mut continued = continued()?;
    kill_current_process_group(Signal::TSTP)?;
    // Another thread may have taken the signal, and this one gone on for a moment.
    Ok(match timeout(STOPPING, continued.recv()).await {
        Ok(_) => Stopped::Continued,
        Err(_late) => Stopped::Refused,
    })
}
