//! The C header: that the committed one is what the Rust code says, and that compilers take it, also those that check
//! the layout of its structs. `UPDATE=1` writes it anew.

#[cfg(test)]
mod compilers;
#[cfg(test)]
mod document;
#[cfg(test)]
mod layout;

use std::path::{Path, PathBuf};

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include/orderd_plugin.h")
}

#[test]
fn the_committed_header_is_the_one_that_the_code_makes() {
    let made = document::document();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path(), &made).unwrap();
    }
    let committed = std::fs::read_to_string(path()).unwrap_or_default();
    assert!(committed == made, "sdk/include/orderd_plugin.h is not what `make header` writes");
}
