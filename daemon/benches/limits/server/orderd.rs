//! The daemon itself: the program as people run it, a process of its own, in a folder of its own on a disk.

use super::usage::{self, Memory};
use crate::{clock::Nanos, report};
use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::BTreeMap,
    env,
    fs::{self, File},
    io::{self, BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// What its configuration begins with.
const CONFIG: &str = include_str!("orderd.toml");
/// What it says when it is ready.
const READY: &str = "orderd listening on http://";
/// The thread that proves the log after a start.
const AUDIT: &str = "store-audit";
/// What all variables begin with that change its configuration.
const VARIABLES: &str = "ORDERD_";

/// What becomes of orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum World {
    /// They are executed at once.
    Instant,
    /// What is sent is in no block for a day: some orders wait for that, and all others for those.
    Stuck,
}

/// A folder in which daemons run one after the other.
pub(crate) struct Site {
    folder: Folder,
    program: PathBuf,
    /// Variables of the environment that change the configuration.
    overrides: Vec<(String, String)>,
}

enum Folder {
    /// Removed in the end.
    Temporary(TempDir),
    Kept(PathBuf),
}

/// A running daemon. Dropping it kills it.
pub(crate) struct Orderd {
    pub(crate) address: SocketAddr,
    process: Child,
}

impl World {
    /// The daemon's configuration.
    pub(crate) fn config(self) -> String {
        let (poll, inclusion) = match self {
            Self::Instant => ("5", "0"),
            Self::Stuck => ("60000", "86400000"),
        };
        CONFIG.replace("POLL", poll).replace("INCLUSION", inclusion)
    }
}

impl Site {
    /// Lets the folder stay.
    pub(crate) fn keep(self) -> PathBuf {
        match self.folder {
            Folder::Temporary(folder) => folder.keep(),
            Folder::Kept(folder) => folder,
        }
    }

    pub(crate) fn new(world: World) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("orderd-").tempdir_in(report::folder())?;
        Self::in_folder(Folder::Temporary(folder), world)
    }

    /// In a folder that may have a data directory already.
    pub(crate) fn at(folder: &Path, world: World) -> anyhow::Result<Self> {
        Self::in_folder(Folder::Kept(folder.to_owned()), world)
    }

    fn in_folder(folder: Folder, world: World) -> anyhow::Result<Self> {
        fs::write(folder.path().join("config.toml"), world.config())?;
        // The one that was built with this.
        let program = PathBuf::from(env!("CARGO_BIN_EXE_orderd"));
        Ok(Self { folder, program, overrides: Vec::new() })
    }

    /// Runs another program.
    pub(crate) fn running(self, program: &Path) -> Self {
        Self { program: program.to_owned(), ..self }
    }

    /// Changes a key of the configuration, which is named as variables of the environment name it.
    pub(crate) fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.overrides.push((format!("{VARIABLES}{key}"), value.to_string()));
        self
    }

    /// Starts a daemon and waits until it is ready. Its log goes to a file, as a service manager has it.
    pub(crate) fn start(&self) -> anyhow::Result<Orderd> {
        self.start_as(|program| Command::new(program))
    }

    /// The same, with the command that this makes of the program.
    pub(crate) fn start_as(&self, command: impl FnOnce(&Path) -> Command) -> anyhow::Result<Orderd> {
        let folder = self.folder.path();
        let own = env::current_exe()?;
        let mut command = command(&self.program);
        command.arg("run").arg("--config").arg(folder.join("config.toml"));
        command.arg("--data-dir").arg(folder.join("data"));
        // Cargo builds the plugin beside the benches, as a dependency of theirs.
        command.arg("--plugin-dir").arg(own.parent().context("a bench lies in a folder")?);
        env::vars_os().map(|(name, _)| name).for_each(|name| {
            if name.as_encoded_bytes().starts_with(VARIABLES.as_bytes()) {
                command.env_remove(name);
            }
        });
        command.envs(self.overrides.iter().map(|(name, value)| (name, value)));
        let log = File::options().create(true).append(true).open(folder.join("orderd.log"))?;
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("standard output is piped")?).read_line(&mut line)?;
        let address = line.trim().strip_prefix(READY).and_then(|address| address.parse().ok());
        let log = || fs::read_to_string(folder.join("orderd.log")).unwrap_or_default();
        Ok(Orderd {
            address: address.with_context(|| format!("the daemon did not start:\n{}", log()))?,
            process,
        })
    }
}

impl Folder {
    fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(folder) => folder,
        }
    }
}

impl Orderd {
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn cpu(&self) -> anyhow::Result<Nanos> {
        usage::cpu(self.process.id())
    }

    /// The same by the name of the threads that are there.
    pub(crate) fn cpu_by_thread(&self) -> anyhow::Result<BTreeMap<String, Nanos>> {
        usage::cpu_by_thread(self.process.id())
    }

    /// That of the threads that do its work, as long as they are there: not of the one that proves the log after a start.
    pub(crate) fn cpu_of_work(&self) -> anyhow::Result<Nanos> {
        let threads = self.cpu_by_thread()?;
        Ok(threads.iter().filter(|(name, _)| *name != AUDIT).map(|(_, cpu)| cpu).sum())
    }

    /// That of the one that proves the log after a start, as long as it does.
    pub(crate) fn cpu_of_audit(&self) -> anyhow::Result<Nanos> {
        Ok(self.cpu_by_thread()?.get(AUDIT).copied().unwrap_or_default())
    }

    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        usage::memory(self.process.id())
    }

    /// Bytes that it has had written to the disk.
    pub(crate) fn written(&self) -> anyhow::Result<u64> {
        usage::written(self.process.id())
    }

    /// Has it end in good order.
    pub(crate) fn end(mut self) -> anyhow::Result<()> {
        signal(self.pid(), Signal::TERM)?;
        let status = self.process.wait()?;
        ensure!(status.success(), "the daemon ended with {status}");
        Ok(())
    }

    /// Ends it at once, in the middle of anything.
    pub(crate) fn kill(&mut self) -> io::Result<()> {
        self.process.kill()?;
        self.process.wait().map(drop)
    }

    /// Has it end in good order.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let id = Pid::from_raw(i32::try_from(self.process.id())?).context("a process has an id")?;
        kill_process(id, Signal::TERM)?;
        ensure!(self.process.wait()?.success(), "it did not end in good order");
        Ok(())
    }
}

impl Drop for Orderd {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends a process a signal.
pub(crate) fn signal(process: u32, signal: Signal) -> anyhow::Result<()> {
    let process = Pid::from_raw(i32::try_from(process)?).context("a process has an id")?;
    Ok(kill_process(process, signal)?)
}
