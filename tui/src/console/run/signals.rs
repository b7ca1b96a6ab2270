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

/// Stops the job, as Ctrl-Z does outside of the console, and returns when it goes on. Where there is no shell that could let
/// it go on, the system does not stop it.
pub(super) async fn stop() -> io::Result<()> {
    let mut continued = continued()?;
    kill_current_process_group(Signal::TSTP)?;
    // Another thread may have taken the signal, and this one gone on for a moment.
    let _ = timeout(STOPPING, continued.recv()).await;
    Ok(())
}
