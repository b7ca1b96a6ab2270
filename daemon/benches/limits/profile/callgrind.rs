//! Instructions that were executed, counted by valgrind's `callgrind`.

use super::{program, report::Function};
use std::{
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

/// The instructions of each function per order, those that it calls left out; the first is all together.
pub(super) fn by_self(text: &str, orders: usize) -> Vec<Function> {
    text.lines().filter_map(|line| function(line, orders)).collect()
}

/// Of a line such as `1,234,567 (12.3%)  /a/b.rs:function [/a/program]`.
fn function(line: &str, orders: usize) -> Option<Function> {
    let (count, rest) = line.trim().split_once(" (")?;
    let count: u64 = count.replace(',', "").parse().ok()?;
    let (_, place) = rest.split_once(')')?;
    let place = place.trim();
    let name = place.rsplit_once(" [").map_or(place, |(place, _)| place);
    Some(Function { name: name.to_owned(), cost: count as f64 / orders as f64 })
}
