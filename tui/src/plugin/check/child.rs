//! One check in a process of its own, from both sides.

use super::{super::PluginFailure, death};
use orderd_sdk::testkit::{Bench, Check, Plan, Report, Verdict};
use rlimit::Resource;
use std::{
    fs,
    path::Path,
    pin::pin,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
    time::timeout,
};

/// Where the child leaves its report.
const REPORT: &str = "report.json";
/// A plugin that takes more memory is ended by the system, in bytes.
const MOST_MEMORY: u64 = 4 << 30;
/// So much of what a child prints last is kept, in bytes.
const KEPT: usize = 4 << 10;
/// So many lines of it are shown.
const SHOWN_LINES: usize = 8;
/// How long what a dead child has printed is waited for: a process of its own may hold the pipe.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A check to make in a process of its own.
pub(super) struct Child<'a> {
    pub(super) library: &'a Path,
    pub(super) check: &'static Check,
    pub(super) plan: Option<&'a Path>,
    pub(super) limit: Duration,
}

impl Child<'_> {
    /// Makes it; whatever becomes of the process, there is a report.
    pub(super) async fn run(&self, scratch: &Path) -> Result<Report, PluginFailure> {
        fs::create_dir(scratch).map_err(PluginFailure::io("cannot make a folder for the check"))?;
        let began = Instant::now();
        let (status, words) = self.process(scratch).await?;
        let report = fs::read(scratch.join(REPORT)).ok();
        let report = report.and_then(|report| serde_json::from_slice::<Report>(&report).ok());
        let told = report.is_some();
        match (report, status) {
            (Some(report), Some(status)) if status.success() => Ok(report),
            (_, status) => Ok(Report {
                name: self.check.name.to_owned(),
                shows: self.check.shows.to_owned(),
                verdict: Verdict::Failed(death::finding(status, told, self.limit)),
                log: last_lines(&words),
                millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            }),
        }
    }

    /// How the process ended, `None` when it had to be killed, and what it printed last.
    async fn process(&self, scratch: &Path) -> Result<(Option<ExitStatus>, Vec<u8>), PluginFailure> {
        let cannot = || PluginFailure::io("cannot start a process for the check");
        let own = std::env::current_exe().map_err(cannot())?;
        let mut command = Command::new(own);
        command.args(["plugin", "run-check", "--name", self.check.name]);
        command.args(self.plan.iter().flat_map(|plan| [Path::new("--config"), plan]));
        command.arg("--scratch").arg(scratch).arg("--").arg(self.library);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(cannot())?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let ended = async {
            let status = match timeout(self.limit, child.wait()).await {
                Ok(status) => status.map(Some),
                Err(_) => child.kill().await.map(|()| None),
            };
            status.map_err(cannot())
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let listening = async { tokio::join!(tail(stdout, &mut out), tail(stderr, &mut err)) };
        let status = beside(ended, listening).await?;
        Ok((status, [out, err].concat()))
    }
}

/// Waits for the first, and has the second go on meanwhile, and a moment longer.
async fn beside<T>(first: impl Future<Output = T>, second: impl Future) -> T {
    let (mut first, mut second) = (pin!(first), pin!(second));
    tokio::select! {
        done = &mut first => {
            let _ = timeout(LAST_WORDS, second).await;
            done
        }
        _ = &mut second => first.await,
    }
}

/// The end of what a process prints; the rest is read and dropped, so that it never waits.
async fn tail(pipe: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut pipe) = pipe else { return };
    let mut chunk = [0; 1024];
    while let Ok(count @ 1..) = pipe.read(&mut chunk).await {
        kept.extend_from_slice(&chunk[..count]);
        let surplus = kept.len().saturating_sub(KEPT);
        kept.drain(..surplus);
    }
}

fn last_lines(words: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(words);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].iter().map(ToString::to_string).collect()
}

/// The child's side: makes the check, and leaves its report.
pub(in crate::plugin) fn run_here(
    library: &Path,
    name: &str,
    plan: Option<&Path>,
    scratch: &Path,
) -> Result<(), PluginFailure> {
    // What cannot be bounded here is bounded by the machine.
    let _ = rlimit::setrlimit(Resource::CORE, 0, 0);
    let _ = rlimit::setrlimit(Resource::DATA, MOST_MEMORY, MOST_MEMORY);
    let check = Check::named(name);
    let check = check.ok_or_else(|| PluginFailure::NoCheck { name: name.to_owned(), known: Vec::new() })?;
    let plan = match plan {
        Some(file) => {
            Plan::read(file).map_err(|source| PluginFailure::Plan { file: file.to_owned(), source })?
        }
        None => Plan::default(),
    };
    let report = check.run(&Bench::new(library, plan, &scratch.join("data")));
    let report = serde_json::to_vec(&report).unwrap_or_default();
    fs::write(scratch.join(REPORT), report).map_err(PluginFailure::io("cannot write the check's report"))
}
