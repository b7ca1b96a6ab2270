//! The libraries to try, built if they have to be, and their plans.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// A file with a plan, gone at the end.
pub(crate) struct Scratch {
    pub(crate) file: PathBuf,
}

impl Scratch {
    pub(crate) fn new(plan: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let file = folder().join(format!("plan-{}-{number}.toml", std::process::id()));
        fs::write(&file, plan).unwrap();
        Self { file }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_file(&self.file).unwrap();
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// The plugin in Rust. `cargo test --test` does not build examples; a fresh one costs nothing. It is asked for
/// of the whole workspace, as everything else is: for one package alone, dependencies would be built once more.
pub(crate) fn sinner() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let profile = env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned();
        let name = match profile.file_name().unwrap().to_str().unwrap() {
            "debug" => "dev",
            other => other,
        };
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            "build",
            "--quiet",
            "--workspace",
            "--example",
            "sinner",
            "--profile",
            name,
            "--target-dir",
        ]);
        cargo.arg(profile.parent().unwrap()).current_dir(env!("CARGO_MANIFEST_DIR"));
        // Build scripts of dependencies read it and are outdated by it, and with them all that depends on them.
        for variable in told_of_this_package() {
            cargo.env_remove(variable);
        }
        assert!(cargo.status().unwrap().success(), "the fixture is built");
        let file = format!("{}sinner{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
        profile.join("examples").join(file)
    });
    built.clone()
}

/// The variables in which Cargo tells a test what package it is of.
fn told_of_this_package() -> impl Iterator<Item = OsString> {
    let is_told = |name: &OsString| {
        name.to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
    };
    env::vars_os().map(|(name, _)| name).filter(is_told)
}

/// The plugin in C, compiled with this macro; an empty one gives one without a sin of its own.
pub(crate) fn raw(sin: &str) -> PathBuf {
    static COMPILER: Mutex<()> = Mutex::new(());
    let _one_at_a_time = COMPILER.lock().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = folder().join(format!("raw-{sin}.so"));
    let status = Command::new("cc")
        .args([
            "-std=c11",
            "-D_POSIX_C_SOURCE=200809L",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-shared",
            "-fPIC",
            "-pthread",
        ])
        .args((!sin.is_empty()).then(|| format!("-D{sin}")))
        .arg("-I")
        .arg(root.join("../sdk/include"))
        .arg(root.join("tests/plugin/fixtures/raw.c"))
        .arg("-o")
        .arg(&out)
        .status();
    assert!(status.expect("a C compiler, as Rust itself needs one to link").success());
    out
}
