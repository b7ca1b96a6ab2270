//! The kit in a plugin's own tests.

use super::{Bench, CHECKS, PLAN_FILE, Plan, Report, Verdict};
use std::{
    env,
    path::{Path, PathBuf},
};

/// Runs every check on the library of this package, on the plan beside its manifest.
///
/// # Panics
/// When a check fails, with every report.
pub fn assert_conforms(package: &str, manifest_folder: &str, scratch: &str) {
    let library = library_of(package);
    let library =
        library.unwrap_or_else(|| panic!("the library of {package} was not built: is it a cdylib?"));
    let plan = Plan::read(&Path::new(manifest_folder).join(PLAN_FILE));
    let plan = plan.unwrap_or_else(|error| panic!("{PLAN_FILE}: {error}"));
    let scratch = Path::new(scratch).join(format!("conformance-{}", std::process::id()));
    let bench = Bench::new(&library, plan, &scratch);
    let reports: Vec<Report> = CHECKS.iter().map(|check| check.run(&bench)).collect();
    drop(bench);
    let _ = std::fs::remove_dir_all(&scratch);
    let failed = reports.iter().filter(|report| matches!(report.verdict, Verdict::Failed(_))).count();
    let text: Vec<String> = reports.iter().map(ToString::to_string).collect();
    assert_eq!(failed, 0, "checks that failed:\n{}", text.join("\n"));
}

/// The dynamic library of a package, as cargo has built it for the running test.
#[must_use]
pub fn library_of(package: &str) -> Option<PathBuf> {
    let name = package.replace('-', "_");
    let file = format!("{}{name}{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let test = env::current_exe().ok()?;
    let beside = test.parent()?;
    let candidates = [Some(beside), beside.parent()];
    candidates.into_iter().flatten().map(|folder| folder.join(&file)).find(|path| path.is_file())
}
