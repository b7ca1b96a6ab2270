//! The program: run to its end, or read while it runs.

use anyhow::{Context as _, Result, bail};
use orderd_tests::daemon::program;
use serde_json::Value;
use std::{
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStderr, ChildStdout, Command},
    time::timeout,
};

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The program, asked to talk to this daemon, with nothing of the surroundings of the tests.
pub(crate) fn orderctl(url: &str, args: &[&str]) -> Result<Command> {
    let mut command = Command::new(program("orderctl")?);
    command.args(args).env("ORDERD_URL", url).env("XDG_CONFIG_HOME", "/no/such/folder");
    command.env_remove("ORDERCTL_TOKEN").env_remove("ORDERCTL_PROFILE");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    Ok(command)
}

/// Exit code, standard output, standard error.
pub(crate) async fn run(url: &str, args: &[&str]) -> Result<(i32, String, String)> {
    let output = timeout(PATIENCE, orderctl(url, args)?.output()).await.context("it does not end")??;
    let code = output.status.code().context("it was killed")?;
    Ok((code, String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?))
}

/// The same, where it has to go well: what it printed as JSON, a line each.
pub(crate) async fn json(url: &str, args: &[&str]) -> Result<Vec<Value>> {
    match run(url, &[args, &["--json"]].concat()).await? {
        (0, out, _) => out.lines().map(|line| Ok(serde_json::from_str(line)?)).collect(),
        (code, out, err) => bail!("{args:?} ended with {code}: {out}{err}"),
    }
}

/// The program while it watches. Dropping it kills it.
pub(crate) struct Watching {
    child: Child,
    out: Lines<BufReader<ChildStdout>>,
    err: Lines<BufReader<ChildStderr>>,
}

impl Watching {
    pub(crate) fn start(url: &str, args: &[&str]) -> Result<Self> {
        let mut child = orderctl(url, args)?.spawn()?;
        let out = BufReader::new(child.stdout.take().context("a pipe")?).lines();
        let err = BufReader::new(child.stderr.take().context("a pipe")?).lines();
        Ok(Self { child, out, err })
    }

    /// The next line; none at its end.
    pub(crate) async fn line(&mut self) -> Result<Option<String>> {
        Ok(timeout(PATIENCE, self.out.next_line()).await.context("it says nothing more")??)
    }

    /// The next object.
    pub(crate) async fn object(&mut self) -> Result<Value> {
        let line = self.line().await?.context("it has ended")?;
        Ok(serde_json::from_str(&line)?)
    }

    /// Waits until it says this on standard error.
    pub(crate) async fn notes(&mut self, text: &str) -> Result<()> {
        loop {
            let line = timeout(PATIENCE, self.err.next_line()).await.context("nothing of the kind")??;
            if line.context("it has ended")?.contains(text) {
                return Ok(());
            }
        }
    }

    /// Interrupts it as Ctrl-C does, and waits for its end.
    pub(crate) async fn interrupt(mut self) -> Result<ExitStatus> {
        let pid = self.child.id().context("it runs")?.to_string();
        Command::new("kill").args(["-INT", &pid]).status().await?;
        self.ended().await
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(&mut self) -> Result<ExitStatus> {
        Ok(timeout(PATIENCE, self.child.wait()).await.context("it does not end")??)
    }
}
