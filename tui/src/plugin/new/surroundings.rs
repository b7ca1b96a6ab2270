//! Where a new project finds the SDK, and the libraries of the chains that come with the daemon.

use super::PluginFailure;
use std::{
    env::consts,
    path::{Path, PathBuf},
};

/// The SDK that this program was built with.
const OWN_SDK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sdk");

/// What is around this program.
#[derive(Debug)]
pub(super) struct Surroundings {
    /// The SDK's folder; none: its version is asked of the registry.
    pub(super) sdk: Option<PathBuf>,
    /// Where plugins lie: beside this program. None when they do not.
    libraries: Option<PathBuf>,
}

impl Surroundings {
    /// Looks around; `sdk` is where the SDK should be.
    pub(super) fn look(sdk: Option<&Path>) -> Result<Self, PluginFailure> {
        let sdk = match sdk {
            Some(folder) => Some(folder.to_owned()),
            None => Some(PathBuf::from(OWN_SDK)).filter(|folder| folder.join("Cargo.toml").is_file()),
        };
        let sdk = sdk.map(|folder| {
            let found = folder.join("Cargo.toml").is_file().then(|| folder.canonicalize().ok()).flatten();
            found.ok_or(PluginFailure::NoSdk(folder))
        });
        let own = std::env::current_exe().ok();
        Ok(Self { sdk: sdk.transpose()?, libraries: own.and_then(|file| file.parent().map(Path::to_owned)) })
    }

    /// The library of a plugin that comes with the daemon: where it is, or what it is called.
    pub(super) fn library(&self, plugin: &str) -> String {
        let file = format!("{}orderd_plugin_{plugin}{}", consts::DLL_PREFIX, consts::DLL_SUFFIX);
        let found = self.libraries.iter().map(|folder| folder.join(&file)).find(|path| path.is_file());
        found.map_or(file, |path| path.display().to_string())
    }
}
