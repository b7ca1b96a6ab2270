//! The way from a file to settings.

use super::{
    ConfigError, Environment, Overrides, Problem, Settings,
    assemble::Folders,
    auth::read_auth,
    sections::{read_engine, read_server, read_storage, read_stream},
    source::{Section, Source},
    value::Found,
    world::read_world,
};
use crate::order::Catalog;
use std::{
    fs,
    path::{Path, PathBuf},
};
use toml::Table;

const DEFAULT_PLUGIN_DIR: &str = "target/release";
const DEFAULT_DATA_DIR: &str = "data";

/// Reads a configuration file, with overrides from the command line and the environment.
///
/// # Errors
/// When the file cannot be read or says something wrong; then every problem in it is named.
pub fn load(path: &Path, overrides: &Overrides, environment: &Environment) -> Result<Settings, ConfigError> {
    let text =
        fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    read_text(&text, folder, overrides, environment)
        .map_err(|problems| ConfigError::Invalid { path: path.to_owned(), problems })
}

/// Reads a configuration that is not in a file, such as that of a program which embeds the daemon. Relative paths in
/// it count from `folder`.
///
/// # Errors
/// When it says something wrong; then every problem in it is named.
pub fn parse(text: &str, folder: &Path, environment: &Environment) -> Result<Settings, ConfigError> {
    read_text(text, folder, &Overrides::default(), environment)
        .map_err(|problems| ConfigError::Invalid { path: folder.to_owned(), problems })
}

/// Reads the text of a file in this folder.
pub(super) fn read_text(
    text: &str,
    folder: &Path,
    overrides: &Overrides,
    environment: &Environment,
) -> Result<Settings, Vec<Problem>> {
    let table: Table = toml::from_str(text).map_err(|error| vec![syntax_problem(text, &error)])?;
    let source = Source::new(overrides, environment);
    let settings = source.read(table, |root| read_settings(root, folder, overrides));
    match source.finish() {
        problems if problems.is_empty() => Ok(settings),
        problems => Err(problems),
    }
}

fn read_settings(root: &mut Section<'_>, folder: &Path, overrides: &Overrides) -> Settings {
    let folders = Folders {
        config: folder.to_owned(),
        plugins: read_folder(root, "plugin_dir", DEFAULT_PLUGIN_DIR, &overrides.plugin_dir, folder),
        data: read_folder(root, "data_dir", DEFAULT_DATA_DIR, &overrides.data_dir, folder),
    };
    let engine = root.section("engine", read_engine);
    let world = read_world(root);
    Settings {
        server: root.section("server", read_server),
        stream: root.section("stream", read_stream),
        storage: root
            .section("storage", |section| read_storage(section, &folders.data, world.longest_spend_window())),
        plugins: world.plugins(&folders, engine.settings.workers),
        engine: engine.settings,
        guard: engine.guard,
        chains: world.chains(),
        accounts: world.accounts(&folders),
        tokens: root.section("auth", |section| read_auth(section, &folders)),
        catalog: Catalog {
            chains: world.catalog(),
            default_slippage: engine.default_slippage,
            max_attempts: engine.max_attempts,
        },
        data_dir: folders.data,
    }
}

fn read_folder(
    root: &mut Section<'_>,
    key: &'static str,
    default: &str,
    from_command_line: &Option<PathBuf>,
    folder: &Path,
) -> PathBuf {
    let in_file = root.optional(key, Found::text);
    match from_command_line {
        Some(path) => path.clone(),
        None => folder.join(in_file.as_deref().unwrap_or(default)),
    }
}

fn syntax_problem(text: &str, error: &toml::de::Error) -> Problem {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    Problem { place: format!("line {line}, column {column}"), detail: error.message().replace('\n', ", ") }
}
