//! The example of a venue in C under the compiler's sanitizers: no access out of bounds, no undefined arithmetic, no leak.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

#[test]
fn the_venue_in_c_touches_nothing_that_is_not_its_own_and_leaks_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("driver");
    let files = std::fs::read_dir(root.join("examples/c")).unwrap().map(|entry| entry.unwrap().path());
    let sources = files.filter(|path| path.extension().is_some_and(|end| end == "c"));
    let status = Command::new("cc")
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion", "-Wshadow"])
        .args(["-O1", "-g", "-pthread", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-I"])
        .arg(root.join("include"))
        .arg(root.join("tests/c_venue/driver.c"))
        .args(sources.collect::<Vec<PathBuf>>())
        .arg("-o")
        .arg(&program)
        .status();
    assert!(status.unwrap().success(), "it is compiled without a warning");
    let output = Command::new(&program).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
