//! What a process has used, as the kernel counts it.

use crate::clock::Nanos;
use anyhow::Context;
use std::{collections::BTreeMap, fs};

/// Steps in which the kernel tells the processor time of a process: `USER_HZ`, the same on every Linux.
const TICK: Nanos = 10_000_000;
const KIBIBYTE: u64 = 1024;

/// Processor time that the threads of a process have had that are there.
pub(crate) fn cpu_of_threads(process: u32) -> anyhow::Result<Nanos> {
    let mut total = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        total += on_cpu(&fs::read_to_string(thread?.path().join("schedstat"))?)?;
    }
    Ok(total)
}

/// The same by the threads' name, without a number at its end; those of the same name together.
pub(crate) fn cpu_by_thread(process: u32) -> anyhow::Result<BTreeMap<String, Nanos>> {
    let mut threads = BTreeMap::new();
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let folder = thread?.path();
        let read = |file| fs::read_to_string(folder.join(file));
        // One that has ended meanwhile is there no more.
        let (Ok(name), Ok(schedstat)) = (read("comm"), read("schedstat")) else {
            continue;
        };
        let name = name.trim().trim_end_matches(|last: char| last.is_ascii_digit()).trim_end_matches('-');
        *threads.entry(name.to_owned()).or_default() += on_cpu(&schedstat)?;
    }
    Ok(threads)
}

/// Processor time that a process has had, with that of threads that have ended.
pub(crate) fn cpu(process: u32) -> anyhow::Result<Nanos> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // Behind its name, which may hold anything: the state, ten other fields, then `utime` and `stime`.
    let (_, fields) = stat.rsplit_once(')').context("a name in parentheses")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<Nanos>);
    Ok(ticks.sum::<Result<Nanos, _>>()? * TICK)
}

/// Processor time that this thread has had.
pub(crate) fn own_cpu() -> anyhow::Result<Nanos> {
    on_cpu(&fs::read_to_string("/proc/thread-self/schedstat")?)
}

fn on_cpu(schedstat: &str) -> anyhow::Result<Nanos> {
    let first = schedstat.split_whitespace().next().context("three numbers")?;
    Ok(first.parse()?)
}

/// Bytes of memory that a process has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// All that is there of it.
    pub(crate) resident: u64,
    /// The same, but what it shares with others is divided among them.
    pub(crate) proportional: u64,
}

pub(crate) fn memory(process: u32) -> anyhow::Result<Memory> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let bytes = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
        let kibibytes = line.trim().trim_end_matches("kB").trim().parse::<u64>()?;
        anyhow::Ok(kibibytes * KIBIBYTE)
    };
    Ok(Memory { resident: bytes("Rss:")?, proportional: bytes("Pss:")? })
}

/// Bytes that a process has had written to disks.
pub(crate) fn written(process: u32) -> anyhow::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/io"))?;
    let bytes = text.lines().find_map(|line| line.strip_prefix("write_bytes: "));
    Ok(bytes.context("a line with write_bytes")?.parse()?)
}
