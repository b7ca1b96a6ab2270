//! Instructions that were executed, counted by valgrind's `callgrind`.

use super::{program, report::Function};
use std::{
    collections::HashMap,
    path::Path,
    process::{Command, Stdio},
};

pub(super) enum Counting {
    On,
    Off,
}

/// The program under callgrind, which does not count yet.
pub(super) fn command(program: &Path, out: &Path) -> Command {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--quiet", "--instr-atstart=no"]);
    command.arg(format!("--callgrind-out-file={}", out.display()));
    command.arg(program);
    command
}

/// Has it count, or stop counting.
pub(super) fn count(pid: u32, counting: Counting) -> anyhow::Result<()> {
    let wanted = match counting {
        Counting::On => "on",
        Counting::Off => "off",
    };
    let mut control = Command::new("callgrind_control");
    program::output(control.args(["-i", wanted, &pid.to_string()]).stdin(Stdio::null())).map(drop)
}

/// Its figures as text, by function.
pub(super) fn annotate(out: &Path) -> anyhow::Result<String> {
    program::output(Command::new("callgrind_annotate").args(["--auto=no", "--threshold=99.9"]).arg(out))
}

/// The instructions of each function per order, those that it calls left out; all together come first.
pub(super) fn by_self(text: &str, orders: usize) -> Vec<Function> {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for (name, count) in text.lines().filter_map(function) {
        *counts.entry(name).or_default() += count;
    }
    let cost =
        |(name, count): (&str, u64)| Function { name: name.to_owned(), cost: count as f64 / orders as f64 };
    let mut functions: Vec<_> = counts.into_iter().map(cost).collect();
    functions.sort_by(|one, other| other.cost.total_cmp(&one.cost));
    functions
}

/// Of a line such as `1,234,567 (12.3%)  /a/b.rs:function [/a/program]`. A function into which others were inlined has a line
/// for each of their files.
fn function(line: &str) -> Option<(&str, u64)> {
    let (count, rest) = line.trim().split_once(" (")?;
    let count = count.replace(',', "").parse().ok()?;
    let (_, place) = rest.split_once(")  ")?;
    let function = place.split_once(':').map_or(place, |(_, function)| function);
    Some((function.rsplit_once(" [").map_or(function, |(function, _)| function), count))
}
