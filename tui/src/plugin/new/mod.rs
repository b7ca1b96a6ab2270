//! `orderctl plugin new NAME`: writes a project that builds, passes its tests, and trades.

mod name;
mod surroundings;
mod template;

pub(super) use name::NameError;

use super::PluginFailure;
use crate::{
    args::{NewArgs, Style},
    failure::Failure,
};
use name::Name;
use std::{
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};
use surroundings::Surroundings;
use template::{File, Placeholders};

/// Writes the project into a folder of its name, which must not be there yet.
pub(super) fn new(args: &NewArgs, style: Style, out: &mut impl Write) -> Result<(), Failure> {
    let name = Name::parse(&args.name).map_err(PluginFailure::Name)?;
    let surroundings = Surroundings::look(args.sdk.as_deref())?;
    let placeholders = Placeholders::new(&name, args.chain, &surroundings);
    let folder = PathBuf::from(name.as_str());
    fs::create_dir(&folder).map_err(|error| match error.kind() == ErrorKind::AlreadyExists {
        true => PluginFailure::Exists(folder.clone()),
        false => PluginFailure::io(format!("cannot make the folder {name}"))(error),
    })?;
    for file in template::files(args.chain) {
        write(&folder, file, &placeholders)?;
    }
    match style {
        Style::Json => writeln!(out, "{}", serde_json::json!({"folder": folder}))?,
        Style::Table | Style::Words => {
            writeln!(out, "{name}: a constant-product venue on {}", args.chain.title())?;
            writeln!(
                out,
                "\n  cd {name}\n  cargo test\n  cargo build\n  orderctl plugin check target/debug/{}",
                name.library()
            )?;
            writeln!(out, "\nIts README.md says what comes next.")?;
        }
    }
    out.flush()?;
    Ok(())
}

fn write(folder: &Path, file: &File, placeholders: &Placeholders) -> Result<(), PluginFailure> {
    let path = folder.join(file.path);
    let cannot = || PluginFailure::io(format!("cannot write {}", path.display()));
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(cannot())?;
    }
    fs::write(&path, placeholders.fill(file.text)).map_err(cannot())
}
