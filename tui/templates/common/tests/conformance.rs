//! The library as the daemon loads it, against everything that a plugin promises. `orderd-plugin.toml` says what it is asked.

#[test]
fn the_library_keeps_its_promises() {
    let (package, folder) = (env!("CARGO_PKG_NAME"), env!("CARGO_MANIFEST_DIR"));
    orderd_sdk::testkit::assert_conforms(package, folder, env!("CARGO_TARGET_TMPDIR"));
}
