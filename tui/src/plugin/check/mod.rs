//! `orderctl plugin check LIBRARY`: every check of the conformance kit, each in a process of its own.

mod child;
mod death;
mod telling;

pub(super) use child::run_here;

use super::PluginFailure;
use crate::{
    args::{CheckArgs, Style},
    failure::Failure,
};
use child::Child;
use orderd_sdk::testkit::{CHECKS, Check, PLAN_FILE, Plan};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};
use telling::Telling;

/// Tries a library, and tells each report as it comes.
pub(super) async fn check(args: &CheckArgs, style: Style, out: &mut impl Write) -> Result<(), Failure> {
    let checks = chosen(&args.only)?;
    let plan = plan(args.config.as_deref())?;
    if !args.library.is_file() {
        return Err(PluginFailure::NoLibrary(args.library.clone()).into());
    }
    if plan.is_none() && style != Style::Json {
        writeln!(out, "There is no {PLAN_FILE} here: only what needs no market and no chain is tried.")?;
    }
    let scratch = Scratch::new()?;
    let limit = Duration::from_secs(args.timeout.get());
    let mut telling = Telling::new(style, out);
    for check in checks {
        let child = Child { library: &args.library, check, plan: plan.as_deref(), limit };
        let report = child.run(&scratch.0.join(check.name)).await?;
        telling.tell(report)?;
    }
    match telling.end()? {
        0 => Ok(()),
        failed => Err(PluginFailure::Failed { failed }.into()),
    }
}

/// The checks to make, in the kit's order.
fn chosen(only: &[String]) -> Result<Vec<&'static Check>, PluginFailure> {
    if let Some(name) = only.iter().find(|name| Check::named(name).is_none()) {
        let known = CHECKS.iter().map(|check| check.name).collect();
        return Err(PluginFailure::NoCheck { name: name.clone(), known });
    }
    let wanted = |check: &&Check| only.is_empty() || only.iter().any(|name| name == check.name);
    Ok(CHECKS.iter().filter(wanted).collect())
}

/// The plan to use, which makes sense: the one that was named, else the usual one where it is there.
fn plan(named: Option<&Path>) -> Result<Option<PathBuf>, PluginFailure> {
    let file = match named {
        Some(file) => file.to_owned(),
        None if Path::new(PLAN_FILE).is_file() => PathBuf::from(PLAN_FILE),
        None => return Ok(None),
    };
    match Plan::read(&file) {
        Ok(_) => Ok(Some(file)),
        Err(source) => Err(PluginFailure::Plan { file, source }),
    }
}

/// A folder that is gone at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, PluginFailure> {
        let folder = std::env::temp_dir().join(format!("orderctl-check-{}", std::process::id()));
        fs::create_dir(&folder).map_err(PluginFailure::io(format!("cannot make {}", folder.display())))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
