//! The files of a new project. They lie in `tui/templates`, where they can be read as what they are.

use super::{name::Name, surroundings::Surroundings};
use crate::args::ChainKind;

/// A file to write.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: &'static str,
    pub(super) text: &'static str,
}

macro_rules! file {
    ($path:literal, $source:literal) => {
        File { path: $path, text: include_str!(concat!("../../../templates/", $source)) }
    };
}

const COMMON: [File; 7] = [
    file!("Cargo.toml", "common/Cargo.toml.in"),
    file!(".gitignore", "common/gitignore"),
    file!("README.md", "common/README.md"),
    file!("src/lib.rs", "common/src/lib.rs"),
    file!("src/pool.rs", "common/src/pool.rs"),
    file!("src/venue.rs", "common/src/venue.rs"),
    file!("tests/conformance.rs", "common/tests/conformance.rs"),
];

const PAPER: [File; 5] = [
    file!("src/chain.rs", "paper/chain.rs"),
    file!("src/settings.rs", "paper/settings.rs"),
    file!("orderd-plugin.toml", "paper/orderd-plugin.toml"),
    file!("local-chain.toml", "paper/local-chain.toml"),
    file!("orderd.toml", "paper/orderd.toml"),
];

const EVM: [File; 5] = [
    file!("src/chain.rs", "evm/chain.rs"),
    file!("src/settings.rs", "evm/settings.rs"),
    file!("orderd-plugin.toml", "evm/orderd-plugin.toml"),
    file!("local-chain.toml", "evm/local-chain.toml"),
    file!("orderd.toml", "evm/orderd.toml"),
];

/// The files of a project for this chain.
pub(super) fn files(chain: ChainKind) -> impl Iterator<Item = &'static File> {
    COMMON.iter().chain(match chain {
        ChainKind::Paper => &PAPER,
        ChainKind::Evm => &EVM,
    })
}

/// What stands in the files in place of `{{…}}`.
#[derive(Debug)]
pub(super) struct Placeholders(Vec<(&'static str, String)>);

impl Placeholders {
    pub(super) fn new(name: &Name, chain: ChainKind, surroundings: &Surroundings) -> Self {
        let sdk = match &surroundings.sdk {
            // As TOML has it: a folder may have any name.
            Some(folder) => format!("path = {}", serde_json::json!(folder.display().to_string())),
            None => concat!("version = \"", env!("CARGO_PKG_VERSION"), "\"").to_owned(),
        };
        let (plugin, dependencies, trade) = match chain {
            ChainKind::Paper => ("paper", "", include_str!("../../../templates/paper/trade.md")),
            ChainKind::Evm => ("evm", EVM_DEPENDENCIES, include_str!("../../../templates/evm/trade.md")),
        };
        Self(vec![
            // First, since it has placeholders of its own.
            ("trade", trade.trim_end().to_owned()),
            ("name", name.to_string()),
            ("library", name.library()),
            ("sdk", sdk),
            ("dependencies", dependencies.to_owned()),
            ("chain_library", surroundings.library(plugin)),
            ("chain_title", chain.title().to_owned()),
        ])
    }

    pub(super) fn fill(&self, text: &str) -> String {
        let fill =
            |text: String, (key, value): &(&str, String)| text.replace(&format!("{{{{{key}}}}}"), value);
        self.0.iter().fold(text.to_owned(), fill)
    }
}

const EVM_DEPENDENCIES: &str = "\
alloy-primitives = { version = \"1\", default-features = false, features = [\"std\", \"serde\"] }
alloy-sol-types = { version = \"1\", default-features = false, features = [\"std\"] }
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_to_fill_in() {
        let name = Name::parse("my-dex").unwrap();
        let surroundings = Surroundings::look(None).unwrap();
        for chain in [ChainKind::Paper, ChainKind::Evm] {
            let placeholders = Placeholders::new(&name, chain, &surroundings);
            for file in files(chain) {
                let filled = placeholders.fill(file.text);
                assert!(!filled.contains("{{"), "{}: {filled}", file.path);
            }
        }
    }
}
