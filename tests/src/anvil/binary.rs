//! Where the `anvil` program is: named by `ORDERD_ANVIL`, else on the `PATH`, else in the pinned npm package.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use crate::artifacts::package_file;

const PACKAGED: &str = "@foundry-rs/anvil-linux-amd64/bin/anvil";

/// No `anvil` program was found in any of the three places.
#[derive(Debug, thiserror::Error)]
#[error(
    "no anvil: ORDERD_ANVIL does not name a file, it is not on the PATH, and the npm package is not installed; \
     run `make chain-deps`"
)]
pub struct BinaryMissing;

/// Finds the `anvil` program.
///
/// A set `ORDERD_ANVIL` is taken alone: a wrong value is an error and never silently replaced.
///
/// # Errors
/// [`BinaryMissing`], whose text says how to install it.
pub fn binary() -> Result<PathBuf, BinaryMissing> {
    find(env::var_os("ORDERD_ANVIL"), env::var_os("PATH"), package_file(PACKAGED))
}

fn find(
    named: Option<OsString>,
    path: Option<OsString>,
    packaged: PathBuf,
) -> Result<PathBuf, BinaryMissing> {
    let found = match named {
        Some(named) => existing(named.into()),
        None => path.as_deref().and_then(on_path).or_else(|| existing(packaged)),
    };
    found.ok_or(BinaryMissing)
}

fn on_path(path: &OsStr) -> Option<PathBuf> {
    env::split_paths(path).find_map(|folder| existing(folder.join("anvil")))
}

fn existing(file: PathBuf) -> Option<PathBuf> {
    file.is_file().then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_program_goes_before_the_path_and_the_path_before_the_package() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, "").unwrap();
            file
        };
        let (named, on_path, packaged) = (file("named"), file("anvil"), file("packaged"));
        let path = Some(folder.path().into());
        assert_eq!(find(Some(named.clone().into()), path.clone(), packaged.clone()).unwrap(), named);
        assert_eq!(find(None, path, packaged.clone()).unwrap(), on_path);
        assert_eq!(find(None, None, packaged.clone()).unwrap(), packaged);
    }

    #[test]
    fn a_missing_program_is_an_error_that_says_how_to_install_it() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("anvil");
        let installed = env::current_exe().unwrap();
        let error = find(Some(nowhere.into()), None, installed).unwrap_err();
        assert!(error.to_string().contains("make chain-deps"), "{error}");
    }
}
