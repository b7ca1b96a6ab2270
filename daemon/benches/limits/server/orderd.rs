//! The daemon itself: the program as people run it, a process of its own, in a folder of its own on a disk.

use super::usage::{self, Memory};
use crate::{clock::Nanos, report};
use anyhow::Context;
use std::{
    env,
    fs::{self, File},
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// What its configuration begins with.
const CONFIG: &str = include_str!("orderd.toml");
/// What it says when it is ready.
const READY: &str = "orderd listening on http://";
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
    folder: TempDir,
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
    pub(crate) fn new(world: World) -> anyhow::Result<Self> {
        let parent = report::folder();
        fs::create_dir_all(&parent)?;
        let site = Self { folder: tempfile::Builder::new().prefix("orderd-").tempdir_in(parent)? };
        fs::write(site.folder.path().join("config.toml"), world.config())?;
        Ok(site)
    }

    /// Starts a daemon and waits until it is ready. Its log goes to a file, as a service manager has it.
    pub(crate) fn start(&self) -> anyhow::Result<Orderd> {
        let folder = self.folder.path();
        let own = env::current_exe()?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_orderd"));
        command.arg("run").arg("--config").arg(folder.join("config.toml"));
        command.arg("--data-dir").arg(folder.join("data"));
        // Cargo builds the plugin beside the benches, as a dependency of theirs.
        command.arg("--plugin-dir").arg(own.parent().context("a bench lies in a folder")?);
        env::vars_os().map(|(name, _)| name).for_each(|name| {
            if name.as_encoded_bytes().starts_with(VARIABLES.as_bytes()) {
                command.env_remove(name);
            }
        });
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

impl Orderd {
    pub(crate) fn cpu(&self) -> anyhow::Result<Nanos> {
        usage::cpu(self.process.id())
    }

    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        usage::memory(self.process.id())
    }

    /// Bytes that it has had written to the disk.
    pub(crate) fn written(&self) -> anyhow::Result<u64> {
        usage::written(self.process.id())
    }
}

impl Drop for Orderd {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
