//! Plugins in C, compiled when a test needs them.

use anyhow::{Context as _, Result, ensure};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Compiles every C file of a folder of this workspace, against the header in another, to a library.
///
/// # Errors
/// When the compiler is missing, or finds something.
pub fn compile(sources: &str, header: &str, folder: &Path) -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let library = folder.join("plugin.so");
    let mut command = Command::new("cc");
    command.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-pthread", "-shared", "-fPIC", "-I"]);
    command.arg(root.join(header)).arg("-o").arg(&library);
    for file in std::fs::read_dir(root.join(sources)).context(sources.to_owned())? {
        let file = file?.path();
        if file.extension().is_some_and(|end| end == "c") {
            command.arg(file);
        }
    }
    ensure!(command.status()?.success(), "cc failed");
    Ok(library)
}
