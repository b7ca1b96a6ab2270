//! The daemon as its users run it: a process of its own, on a config file, in a folder of its own.

use crate::http::Http;
use anyhow::{Context as _, Result, bail, ensure};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// How long a daemon may take to be ready, or to end when asked to.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often its log is looked at while something is waited for in it.
const LOOK: Duration = Duration::from_millis(10);
/// What it prints once it is ready.
const READY: &str = "orderd listening on ";

/// A folder with a config file, in which daemons run one after the other.
pub struct Site {
    folder: TempDir,
    listen: String,
}

/// A running daemon. Dropping it kills it.
pub struct Daemon {
    child: Child,
    url: String,
    log: PathBuf,
}

/// A program of this workspace, next to the running test.
///
/// # Errors
/// When it was not built.
pub fn program(name: &str) -> Result<PathBuf> {
    let path = built()?.join(name);
    ensure!(path.is_file(), "{} is missing: build the workspace first (`make test` does)", path.display());
    Ok(path)
}

/// Where cargo puts programs and plugins: the folder above the running test's or the program's own.
///
/// # Errors
/// When the running program has no folder.
pub fn built() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().context("the running program lies in a folder")?;
    Ok(match folder.file_name().is_some_and(|name| name == "deps" || name == "examples") {
        true => folder.parent().context("the folder of tests lies in the target folder")?.to_owned(),
        false => folder.to_owned(),
    })
}

impl Site {
    /// A fresh folder with this config.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(config: &str) -> Result<Self> {
        let site = Self { folder: tempfile::tempdir()?, listen: "127.0.0.1:0".to_owned() };
        site.configure(config)?;
        Ok(site)
    }

    /// Replaces the config.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn configure(&self, config: &str) -> Result<()> {
        Ok(std::fs::write(self.config(), config)?)
    }

    /// Has the daemons that are started from now on listen where this one does, once it is gone.
    pub fn stay_at(&mut self, daemon: &Daemon) {
        self.listen = daemon.url().trim_start_matches("http://").to_owned();
    }

    /// The config file.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The command that runs a daemon here on a free port.
    ///
    /// # Errors
    /// When the daemon was not built.
    pub fn command(&self) -> Result<Command> {
        self.command_of("orderd")
    }

    fn command_of(&self, name: &str) -> Result<Command> {
        let mut command = Command::new(program(name)?);
        command.arg("run").arg("--config").arg(self.config());
        command.args(["--listen", &self.listen, "--data-dir"]).arg(self.folder.path().join("data"));
        command.arg("--plugin-dir").arg(built()?);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        Ok(command)
    }

    /// Starts a daemon here and waits until it is ready.
    ///
    /// # Errors
    /// When it is not ready in time; its log is part of the error.
    pub async fn start(&self) -> Result<Daemon> {
        self.start_with(|_| ()).await
    }

    /// Starts a daemon whose command is changed first.
    ///
    /// # Errors
    /// As [`Site::start`].
    pub async fn start_with(&self, change: impl FnOnce(&mut Command)) -> Result<Daemon> {
        match self.start_program("orderd", change).await? {
            Ok(daemon) => Ok(daemon),
            Err(status) => bail!("the daemon ended with {status}:\n{}", self.log()?),
        }
    }

    /// Starts another build of the daemon, which may end before it is ready: then it tells how.
    ///
    /// # Errors
    /// When it is neither ready nor at its end in time; its log is part of the error.
    pub async fn start_program(
        &self,
        name: &str,
        change: impl FnOnce(&mut Command),
    ) -> Result<Result<Daemon, ExitStatus>> {
        let mut command = self.command_of(name)?;
        command.stderr(std::fs::File::options().create(true).append(true).open(self.log_file())?);
        change(&mut command);
        let mut child = command.spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("standard output is a pipe")?).lines();
        let first = match timeout(PATIENCE, lines.next_line()).await {
            Ok(first) => first?,
            Err(_late) => bail!("the daemon does not become ready:\n{}", self.log()?),
        };
        match first.as_deref().and_then(|line| line.strip_prefix(READY)) {
            Some(url) => Ok(Ok(Daemon { child, url: url.to_owned(), log: self.log_file() })),
            None => Ok(Err(timeout(PATIENCE, child.wait()).await??)),
        }
    }

    /// Everything that daemons of this site have logged.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn log(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.log_file())?)
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("orderd.log")
    }

    /// Runs a daemon that is expected to refuse its config: gives its exit code and what it said.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn refuse(&self) -> Result<(Option<i32>, String)> {
        let output = timeout(PATIENCE, self.command()?.stderr(Stdio::piped()).output()).await??;
        Ok((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

impl Daemon {
    /// Its address, `http://…`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A client of it.
    #[must_use]
    pub fn http(&self) -> Http {
        Http::new(&self.url)
    }

    /// Everything that daemons of this site have logged.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn log(&self) -> Result<String> {
        Ok(std::fs::read_to_string(&self.log)?)
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// The processes in which it keeps plugins apart: their ids by the plugins' names.
    ///
    /// # Errors
    /// When the daemon is gone, or this is not Linux.
    pub fn hosts(&self) -> Result<BTreeMap<String, u32>> {
        let own = self.child.id().context("the daemon is running")?;
        let mut hosts = BTreeMap::new();
        for entry in std::fs::read_dir("/proc")? {
            let entry = entry?.path();
            let Some(pid) = entry.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()) else {
                continue;
            };
            // One that ends meanwhile is none of them.
            let stat = std::fs::read_to_string(entry.join("stat")).unwrap_or_default();
            let command = std::fs::read_to_string(entry.join("cmdline")).unwrap_or_default();
            let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1));
            let mut words = command.split('\0').skip_while(|word| *word != "venue-host");
            if let (Some(name), true) = (words.nth(1), parent == Some(&own.to_string())) {
                hosts.insert(name.to_owned(), pid);
            }
        }
        Ok(hosts)
    }

    /// Kills the process of a plugin.
    ///
    /// # Errors
    /// When there is none.
    pub async fn kill_host(&self, plugin: &str) -> Result<()> {
        let pid = *self.hosts()?.get(plugin).with_context(|| format!("{plugin} has a process"))?;
        let status = Command::new("kill").args(["-KILL", &pid.to_string()]).status().await?;
        ensure!(status.success(), "kill -KILL {pid} failed");
        Ok(())
    }

    /// Ends it as a power cut would end the process: at once, in the middle of anything.
    ///
    /// # Errors
    /// When the process cannot be signalled.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Asks it to end, without waiting.
    ///
    /// # Errors
    /// When the process is gone.
    pub async fn ask_to_end(&self) -> Result<()> {
        self.signal("-TERM").await
    }

    /// Asks it to read its configuration again, without waiting.
    ///
    /// # Errors
    /// When the process is gone.
    pub async fn ask_to_reload(&self) -> Result<()> {
        self.signal("-HUP").await
    }

    async fn signal(&self, signal: &str) -> Result<()> {
        let pid = self.child.id().context("the daemon is running")?.to_string();
        let status = Command::new("kill").args([signal, &pid]).status().await?;
        ensure!(status.success(), "kill {signal} {pid} failed");
        Ok(())
    }

    /// Waits until it has logged this so many times.
    ///
    /// # Errors
    /// When it does not in time; its log is part of the error.
    pub async fn until_logged(&self, text: &str, times: usize) -> Result<()> {
        let mut looks = tokio::time::interval(LOOK);
        let looking = async {
            while self.log()?.matches(text).count() < times {
                looks.tick().await;
            }
            Ok(())
        };
        let logged = timeout(PATIENCE, looking).await;
        logged.unwrap_or_else(|_late| bail!("never logged {text:?}:\n{}", self.log()?))
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        timeout(PATIENCE, self.child.wait()).await.context("the daemon does not end")?.map_err(Into::into)
    }

    /// Asks it to end and waits until it has.
    ///
    /// # Errors
    /// When it does not end in time, or not well.
    pub async fn stop(mut self) -> Result<()> {
        self.ask_to_end().await?;
        let status = self.ended().await?;
        ensure!(status.success(), "the daemon ended with {status}:\n{}", self.log()?);
        Ok(())
    }
}
