//! Where the libraries under test are, built if they have to be.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, OnceLock},
};
use tempfile::TempDir;

/// The real paper plugin. Cargo builds it before the tests, as a dependency of theirs.
pub(crate) fn paper() -> PathBuf {
    let name = library("orderd_plugin_paper");
    let folder = deps_folder();
    let candidates = [folder.join(&name), folder.with_file_name(&name)];
    if let Some(built) = candidates.iter().find(|path| path.is_file()) {
        return built.clone();
    }
    cargo_build(&["--workspace", "--lib"]);
    folder.with_file_name(&name)
}

/// The Rust plugin that breaks its word.
pub(crate) fn misbehaving() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| example("misbehaving")).clone()
}

/// The Rust plugin that asks the daemon what it is told to ask.
pub(crate) fn asking() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| example("asking")).clone()
}

/// `cargo test --test` does not build examples; a fresh one costs nothing. It is asked for of the whole workspace, as
/// everything else is: for one package alone, dependencies would have other features and be built once more.
pub(crate) fn example(name: &str) -> PathBuf {
    cargo_build(&["--workspace", "--example", name]);
    deps_folder().with_file_name("examples").join(library(name))
}

/// The plugin in C, compiled with this macro; an empty one gives the plain plugin.
pub(crate) fn in_c(flavour: &str) -> PathBuf {
    let sources = [root().join("tests/plugin_host/fixtures/plugin.c")];
    compile("fixture", flavour, &header(), &sources)
}

/// The plugin in C that ruins its process.
pub(crate) fn disaster() -> PathBuf {
    compile("disaster", "", &header(), &[root().join("tests/plugin_host/fixtures/disaster.c")])
}

/// The plugin of version 1.0, compiled against the header of then; as `NEWER` one of a later minor version.
pub(crate) fn first_minor(flavour: &str) -> PathBuf {
    let folder = root().join("tests/plugin_host/fixtures/abi_1_0");
    compile("first", flavour, &folder, &[folder.join("plugin.c")])
}

/// The example of a venue in C.
pub(crate) fn c_venue() -> PathBuf {
    let folder = root().join("../sdk/examples/c");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let sources: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "c")).collect();
    compile("venue", "", &header(), &sources)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn header() -> PathBuf {
    root().join("../sdk/include")
}

fn compile(name: &str, flavour: &str, header: &Path, sources: &[PathBuf]) -> PathBuf {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    static COMPILER: Mutex<()> = Mutex::new(());
    let _one_at_a_time = COMPILER.lock().unwrap();
    let folder = FOLDER.get_or_init(|| tempfile::tempdir().unwrap()).path();
    let out = folder.join(format!("{name}-{flavour}.so"));
    if !out.is_file() {
        let status = Command::new("cc")
            .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-Wno-unused-variable"])
            .args(["-O1", "-pthread", "-shared", "-fPIC"])
            .args((!flavour.is_empty()).then(|| format!("-D{flavour}")))
            .arg("-I")
            .arg(header)
            .args(sources)
            .arg("-o")
            .arg(&out)
            .status();
        assert!(status.expect("a C compiler, as Rust itself needs one to link").success());
    }
    out
}

fn library(name: &str) -> String {
    format!("{}{name}{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX)
}

/// Where this test executable is: `TARGET/PROFILE/deps`.
fn deps_folder() -> PathBuf {
    let executable = env::current_exe().unwrap();
    executable.parent().unwrap().to_owned()
}

fn cargo_build(what: &[&str]) {
    let profile_folder = deps_folder().parent().unwrap().to_owned();
    let profile = match profile_folder.file_name().unwrap().to_str().unwrap() {
        "debug" => "dev",
        other => other,
    };
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--profile", profile, "--target-dir"]);
    cargo.arg(profile_folder.parent().unwrap()).args(what).current_dir(env!("CARGO_MANIFEST_DIR"));
    // Build scripts of dependencies read it and are outdated by it, and with them all that depends on them.
    for variable in told_of_this_package() {
        cargo.env_remove(variable);
    }
    assert!(cargo.status().unwrap().success(), "cargo build {what:?}");
}

/// The variables in which Cargo tells a test what package it is of.
fn told_of_this_package() -> impl Iterator<Item = OsString> {
    let is_told = |name: &OsString| {
        name.to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
    };
    env::vars_os().map(|(name, _)| name).filter(is_told)
}
