//! A child process: made, waited for and killed, each by its id and without a race for that id.
//!
//! A thread of its own starts the process and waits for it. It has to outlive the process: to the kernel the parent whose
//! death the child hears of is the thread that made it.

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use std::{
    io,
    os::{
        fd::OwnedFd,
        unix::{net::UnixStream, process::CommandExt},
    },
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
};
use tokio::sync::{oneshot, watch};

/// What the process is called: not what the daemon is, so that a signal to all that is called so meets the daemon alone.
const NAME: &str = "orderd-venue-host";
/// What the thread needs that waits for the process.
const STACK: usize = 256 << 10;

/// A process. Killed when it is dropped; it is waited for in any case.
pub(super) struct Offspring {
    pid: u32,
    living: Living,
    exited: watch::Receiver<Option<ExitStatus>>,
}

/// The id of the process until it is waited for: only so long nobody else can have it.
type Living = Arc<Mutex<Option<Pid>>>;

/// A process at its start.
pub(super) struct Born {
    pub(super) process: Offspring,
    pub(super) socket: UnixStream,
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
}

/// What the starting thread hands over.
type Started = io::Result<(u32, OwnedFd, OwnedFd, Living)>;

impl Offspring {
    /// Starts `program venue-host NAME` in this folder: with one end of a socket as its standard input, and nothing else
    /// of the daemon's, neither its environment nor its signals from the terminal.
    pub(super) async fn start(program: &Path, name: &str, folder: &Path) -> io::Result<Born> {
        let (socket, theirs) = UnixStream::pair()?;
        let mut command = Command::new(program);
        command.arg0(NAME).args(["venue-host", name]);
        command.env_clear().current_dir(folder).process_group(0);
        command.stdin(OwnedFd::from(theirs)).stdout(Stdio::piped()).stderr(Stdio::piped());
        let (started, born) = oneshot::channel();
        let (exited, exit) = watch::channel(None);
        let thread = thread::Builder::new().name(format!("host-{name}")).stack_size(STACK);
        thread.spawn(move || live(command, started, &exited))?;
        let (pid, stdout, stderr, living) = born.await.map_err(io::Error::other)??;
        Ok(Born { process: Self { pid, living, exited: exit }, socket, stdout, stderr })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Ends it at once.
    pub(super) fn kill(&self) {
        let living = self.living.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pid) = *living {
            // It may have ended, but then it has not been waited for: the id is its own.
            let _ = kill_process(pid, Signal::KILL);
        }
    }

    /// Waits until it has ended. None when it cannot be waited for.
    pub(super) async fn exited(&self) -> Option<ExitStatus> {
        let mut exited = self.exited.clone();
        exited.wait_for(Option::is_some).await.ok().and_then(|status| *status)
    }
}

impl Drop for Offspring {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The life of the thread.
fn live(mut command: Command, started: oneshot::Sender<Started>, exited: &watch::Sender<Option<ExitStatus>>) {
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let _ = started.send(Err(error));
            return;
        }
    };
    // The socket's other end: as long as somebody else has it the daemon would not hear that the process is gone.
    drop(command);
    let living: Living = Arc::new(Mutex::new(pid_of(&child)));
    let pid = pid_of(&child);
    let orphan = match (child.stdout.take(), child.stderr.take()) {
        (Some(stdout), Some(stderr)) => {
            started.send(Ok((child.id(), stdout.into(), stderr.into(), living.clone()))).is_err()
        }
        _ => true,
    };
    if orphan {
        let _ = child.kill();
    }
    if let Some(pid) = pid {
        // Not taken away yet: until then its id stays taken.
        let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
    }
    *living.lock().unwrap_or_else(PoisonError::into_inner) = None;
    if let Ok(status) = child.wait() {
        exited.send_replace(Some(status));
    }
}

fn pid_of(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}
