//! Where it was measured, and what.

use super::disk;
use anyhow::Context;
use orderd::telemetry::{Clock, SystemClock};
use serde::Serialize;
use std::{fs, process::Command, thread};

/// Without these, figures say nothing.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    cores: usize,
    cpu: String,
    kernel: String,
    /// Where the daemon keeps its data.
    disk: String,
    /// Load averages when it began: what else the machine was doing.
    load: String,
    commit: String,
    /// When it began, in RFC 3339.
    pub(super) at: String,
}

impl Machine {
    pub(crate) fn look() -> anyhow::Result<Self> {
        let folder = super::folder();
        fs::create_dir_all(&folder)?;
        let cpus = fs::read_to_string("/proc/cpuinfo")?;
        let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
        Ok(Self {
            cores: thread::available_parallelism()?.get(),
            cpu: model.trim_start_matches(['\t', ' ', ':']).to_owned(),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            disk: disk::describe(&folder)?,
            load: fs::read_to_string("/proc/loadavg")?.trim().to_owned(),
            commit: commit()?,
            at: SystemClock.now().to_string(),
        })
    }

    /// In one line.
    pub(crate) fn describe(&self) -> String {
        let Self { cores, cpu, kernel, disk, load, commit, at } = self;
        format!("{at} · commit {commit} · {cores} cores of {cpu} · Linux {kernel} · {disk} · load {load}")
    }
}

fn commit() -> anyhow::Result<String> {
    let described = Command::new("git").args(["describe", "--always", "--dirty", "--exclude=*"]).output()?;
    Ok(String::from_utf8(described.stdout).context("git answers in UTF-8")?.trim().to_owned())
}
