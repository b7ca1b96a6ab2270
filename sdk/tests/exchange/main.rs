//! The JSON Schema of the plugin interface: that the committed one is what the Rust types say (`UPDATE=1` writes it anew),
//! and that it, serde and docs/plugin-abi.md agree about every message.

#[cfg(test)]
mod examples;
#[cfg(test)]
mod messages;

use orderd_sdk::abi::exchange::document;
use std::path::{Path, PathBuf};

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

#[test]
fn the_committed_schema_is_the_one_that_the_types_make() {
    let (path, made) = (docs("plugin-abi/schema.json"), format!("{:#}\n", document()));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == made, "docs/plugin-abi/schema.json is not what `make header` writes");
}
