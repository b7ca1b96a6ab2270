//! The operating system's side of a node: a child process that is signalled by name, and that ends with its handle
//! or with this whole process.

use std::{
    fs, io,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use super::log::Log;

/// How often, and how far apart, it is looked whether a frozen program stands still.
const FREEZE_TRIES: u32 = 1_000;
const FREEZE_PAUSE: Duration = Duration::from_millis(2);

/// A running program whose output is followed. Dropping it kills the program and waits for its end.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    guard: Guard,
    pub(super) log: Log,
}

impl Process {
    pub(super) fn spawn(program: &Path, arguments: &[String]) -> io::Result<Self> {
        let (output, input) = io::pipe()?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(input.try_clone()?).stderr(input);
        let mut child = command.spawn()?;
        // The command holds the writing ends too; the log ends when the program alone has them, and ends.
        drop(command);
        let watched = Log::follow(output).and_then(|log| Ok((log, Guard::over(child.id())?)));
        match watched {
            Ok((log, guard)) => Ok(Self { child, guard, log }),
            Err(error) => {
                end(&mut child);
                Err(error)
            }
        }
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal without `unsafe`: by the shell's own `kill`.
    pub(super) fn signal(&self, name: &str) -> io::Result<()> {
        let status = Command::new("sh")
            .args(["-c", r#"kill -s "$1" "$2""#, "signal", name, &self.id().to_string()])
            .status()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(format!("cannot send {name}"))) }
    }
}

impl Process {
    /// Stops every thread of the program. The signal alone only asks for it: a thread that is running goes on until
    /// the system interrupts it, and might still answer.
    pub(super) fn freeze(&self) -> io::Result<()> {
        self.signal("STOP")?;
        for _ in 0..FREEZE_TRIES {
            if is_frozen(self.id())? {
                return Ok(());
            }
            thread::park_timeout(FREEZE_PAUSE);
        }
        Err(io::Error::other("the program does not stop"))
    }
}

/// Whether every thread of a process is stopped, as Linux tells: the state follows the name, which is in parentheses.
fn is_frozen(pid: u32) -> io::Result<bool> {
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let stat = fs::read_to_string(thread?.path().join("stat"))?;
        let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        if state != Some('T') {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Drop for Process {
    fn drop(&mut self) {
        // The guard first: it must not outlive the process id that it is to kill.
        self.guard.dismiss();
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself; the wait then reaps it.
    let _ = child.kill();
    let _ = child.wait();
}

/// A shell that waits for this process to close a pipe, and then kills the node. It closes it by ending in whatever
/// way, so no node outlives a test process that was itself killed.
#[derive(Debug)]
struct Guard(Child);

impl Guard {
    fn over(pid: u32) -> io::Result<Self> {
        Command::new("sh")
            .args(["-c", r#"read -r _; kill -s KILL "$1""#, "guard", &pid.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(Self)
    }

    fn dismiss(&mut self) {
        end(&mut self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    /// A process that runs until it is killed, as long as its handle is held.
    fn endless() -> Child {
        Command::new("sh").args(["-c", "read -r _"]).stdin(Stdio::piped()).spawn().unwrap()
    }

    #[test]
    fn the_guard_kills_the_node_when_this_process_ends() {
        let mut node = endless();
        let held = node.stdin.take();
        let mut guard = Guard::over(node.id()).unwrap();
        // What the operating system does to a process that ends, however it ends.
        drop(guard.0.stdin.take());
        assert!(guard.0.wait().unwrap().success());
        assert_eq!(node.wait().unwrap().signal(), Some(9));
        drop(held);
    }

    #[test]
    fn a_dismissed_guard_leaves_the_process_alone() {
        let mut node = endless();
        let held = node.stdin.take();
        Guard::over(node.id()).unwrap().dismiss();
        assert!(node.try_wait().unwrap().is_none());
        drop(held);
        assert_eq!(node.wait().unwrap().signal(), None);
    }
}
