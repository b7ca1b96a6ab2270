//! The dependency rule of `ARCHITECTURE.md`: which room of the daemon may use which, and which crate which.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Every room, and the rooms that it may use. `telemetry` and `config` hold no logic of the others.
const ROOMS: &[(&str, &[&str])] = &[
    ("order", &[]),
    ("telemetry", &["order"]),
    ("config", &["order"]),
    ("actions", &["telemetry"]),
    ("account", &["config", "telemetry"]),
    ("store", &["order", "telemetry"]),
    ("plugin", &["telemetry"]),
    ("services", &["config", "telemetry"]),
    ("stream", &["order", "telemetry"]),
    ("stats", &["order", "telemetry"]),
    ("engine", &["order", "store", "config", "telemetry"]),
    ("api", &["order", "store", "engine", "stream", "stats", "actions", "config", "telemetry"]),
];

/// The composition root, which sees everything.
const ROOT: &str = "app";

/// What `api` may use of the store's room: the words of the port, never a store.
const API_OF_STORE: &[&str] = &["Claim", "ListQuery", "Page", "Seen", "StoreError", "Epoch"];

/// Every crate, and the workspace crates that it may be built with.
const CRATES: &[(&str, &[&str])] = &[
    ("sdk", &[]),
    ("plugins/paper", &["orderd-sdk"]),
    ("plugins/evm", &["orderd-sdk"]),
    ("plugins/uniswap", &["orderd-sdk"]),
    ("plugins/intents", &["orderd-sdk"]),
    ("tui", &["orderd-sdk"]),
    ("daemon", &["orderd-sdk"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the daemon is a folder of the workspace")
        .to_owned()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there").flatten() {
        match entry.path() {
            path if path.is_dir() => files.extend(rust_files(&path)),
            path if path.extension().is_some_and(|extension| extension == "rs") => files.push(path),
            _ => {}
        }
    }
    files
}

/// Source text without comments; doc comments may link anywhere.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a source file is text");
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The paths that a source uses of its own crate, as far as two names: `crate::{a::{B, C}, d}` → `a::B a::C d`.
fn uses(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in source.match_indices("crate::") {
        let own = !source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
        if own {
            expand("", &source[at + "crate::".len()..], &mut found);
        }
    }
    found
}

/// Reads one use tree at the start of `text`; returns how much of it was read.
fn expand(prefix: &str, text: &str, found: &mut BTreeSet<String>) -> usize {
    let body = text.trim_start();
    let skipped = text.len() - body.len();
    if let Some(list) = body.strip_prefix('{') {
        let mut at = 0;
        loop {
            at += expand(prefix, &list[at..], found);
            let rest = &list[at..];
            at += rest.len() - rest.trim_start().len();
            match list[at..].chars().next() {
                Some(',') => at += 1,
                _ => return skipped + 1 + at + 1,
            }
        }
    }
    let end = body.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(body.len());
    let name = &body[..end];
    if name.is_empty() {
        return skipped;
    }
    let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}::{name}") };
    if let Some(rest) = body[end..].strip_prefix("::")
        && prefix.matches("::").count() < 1
    {
        return skipped + end + 2 + expand(&path, rest, found);
    }
    found.insert(path);
    skipped + end
}

#[test]
fn use_trees_are_read() {
    let source = "use crate::{a::{B, c::D}, e};\nlet x = crate::f::G::new(); mycrate::h(); use crate::i;";
    let expected = ["a::B", "a::c", "e", "f::G", "i"];
    assert_eq!(
        uses(source)
            .iter()
            .map(|path| path.split("::").take(2).collect::<Vec<_>>().join("::"))
            .collect::<BTreeSet<_>>(),
        expected.map(str::to_owned).into()
    );
}

#[test]
fn rooms_use_only_the_rooms_they_may() {
    let rules: BTreeMap<_, _> = ROOMS.iter().copied().collect();
    let mut offences = Vec::new();
    for (room, allowed) in &rules {
        for file in rust_files(&root().join("daemon/src").join(room)) {
            for path in uses(&code(&file)) {
                let mut names = path.split("::");
                let (used, item) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
                let forbidden =
                    (rules.contains_key(used) && used != *room && !allowed.contains(&used)) || used == ROOT;
                let reaches_store = *room == "api" && used == "store" && !API_OF_STORE.contains(&item);
                if forbidden || reaches_store {
                    offences.push(format!("{} uses {path}", file.display()));
                }
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn every_room_has_a_rule() {
    let mut rules: BTreeSet<_> = ROOMS.iter().map(|(room, _)| (*room).to_owned()).collect();
    rules.insert(ROOT.to_owned());
    let folders = fs::read_dir(root().join("daemon/src")).unwrap().map(|entry| entry.unwrap());
    let rooms =
        folders.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().unwrap());
    assert_eq!(rooms.collect::<BTreeSet<_>>(), rules);
}

#[test]
fn the_order_room_knows_no_runtime() {
    for file in rust_files(&root().join("daemon/src/order")) {
        let code = code(&file);
        for stranger in ["tokio", "hyper", "sled", "SystemTime", "Instant"] {
            assert!(!code.contains(stranger), "{} mentions {stranger}", file.display());
        }
    }
}

#[test]
fn crates_are_built_only_with_the_crates_they_may() {
    for (folder, allowed) in CRATES {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let dependencies = manifest["dependencies"].as_table().unwrap();
        for name in dependencies.keys().filter(|name| name.starts_with("order")) {
            assert!(allowed.contains(&name.as_str()), "{folder} depends on {name}");
        }
        let speaks_evm = dependencies.keys().any(|name| name.starts_with("alloy"));
        assert!(!speaks_evm || folder.starts_with("plugins/"), "{folder} depends on a part of alloy");
    }
}

#[test]
fn unsafe_code_lives_in_two_rooms() {
    let mut files = Vec::new();
    let plugins = ["plugins/paper/src", "plugins/evm/src", "plugins/uniswap/src", "plugins/intents/src"];
    for folder in ["daemon/src", "sdk/src", "tui/src"].into_iter().chain(plugins) {
        files.extend(rust_files(&root().join(folder)));
    }
    for file in files {
        let place = file.strip_prefix(root()).unwrap().to_owned();
        let home = place.starts_with("sdk/src/abi") || place.starts_with("daemon/src/plugin");
        let unsafe_block = code(&file).contains("unsafe {") || code(&file).contains("unsafe extern");
        assert!(home || !unsafe_block, "{} holds unsafe code", place.display());
    }
}
