//! Samples of what runs, by `perf`.

use super::{program, report::Function};
use crate::server::signal;
use inferno::{
    collapse::{Collapse as _, perf::Folder},
    flamegraph,
};
use rustix::process::Signal;
use std::{
    collections::HashMap,
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// Samples per second; no multiple of what the daemon itself does by the clock.
const FREQUENCY: &str = "997";

/// A running `perf record`.
pub(super) struct Recording {
    process: Child,
    file: PathBuf,
}

/// What was recorded.
pub(super) struct Recorded(PathBuf);

impl Recording {
    /// Of all threads of this process.
    pub(super) fn start(pid: u32, file: &Path) -> anyhow::Result<Self> {
        let process = Command::new("perf")
            .args(["record", "--quiet", "--call-graph=fp", "-F", FREQUENCY, "-p", &pid.to_string(), "-o"])
            .arg(file)
            .stdout(Stdio::null())
            .spawn()?;
        Ok(Self { process, file: file.to_owned() })
    }

    pub(super) fn end(mut self) -> anyhow::Result<Recorded> {
        signal(self.process.id(), Signal::INT)?;
        // It says that it was interrupted.
        self.process.wait()?;
        Ok(Recorded(self.file))
    }
}

impl Recorded {
    /// One line per stack: the thread's name, its functions from the outermost on, and how often it was seen.
    pub(super) fn stacks(&self) -> anyhow::Result<String> {
        // Looking functions up that were inlined takes minutes.
        let told = program::output(Command::new("perf").args(["script", "--no-inline", "-i"]).arg(&self.0))?;
        let mut stacks = Vec::new();
        Folder::default().collapse(told.as_bytes(), &mut stacks)?;
        Ok(String::from_utf8(stacks)?)
    }
}

/// A flame graph, for a browser.
pub(super) fn draw(stacks: &str, file: &Path) -> anyhow::Result<()> {
    let mut options = flamegraph::Options::default();
    "orderd, POST to the end of orders".clone_into(&mut options.title);
    Ok(flamegraph::from_lines(&mut options, stacks.lines(), BufWriter::new(File::create(file)?))?)
}

/// The share of each function in what was seen, those that it calls left out; the largest comes first.
pub(super) fn by_self(stacks: &str) -> Vec<Function> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (stack, count) in stacks.lines().filter_map(|line| line.rsplit_once(' ')) {
        let innermost = stack.rsplit(';').next().unwrap_or_default();
        *seen.entry(innermost).or_default() += count.parse().unwrap_or(0);
    }
    let all = seen.values().sum::<usize>() as f64;
    let share =
        |(name, count): (&str, usize)| Function { name: name.to_owned(), cost: count as f64 * 100.0 / all };
    let mut functions: Vec<_> = seen.into_iter().map(share).collect();
    functions.sort_by(|one, other| other.cost.total_cmp(&one.cost));
    functions
}
