//! How work on a plugin ends when it does not end well.

use super::new::NameError;
use orderd_sdk::testkit::PlanError;
use std::{error::Error, fmt, io, path::PathBuf};

/// Why it did not end well.
#[derive(Debug)]
pub(crate) enum PluginFailure {
    /// Checks have failed; their reports are written already.
    Failed { failed: usize },
    /// There is no such library.
    NoLibrary(PathBuf),
    /// There is no such check.
    NoCheck { name: String, known: Vec<&'static str> },
    /// The plan cannot be used.
    Plan { file: PathBuf, source: PlanError },
    /// A name that no plugin can have.
    Name(NameError),
    /// Something has this name here already, and is left alone.
    Exists(PathBuf),
    /// There is no SDK in this folder.
    NoSdk(PathBuf),
    /// A file cannot be written, or a process not be started.
    Io { what: String, source: io::Error },
}

impl PluginFailure {
    /// For `map_err`: what could not be done.
    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Failed { .. } => 1,
            Self::NoLibrary(_) | Self::NoCheck { .. } | Self::Plan { .. } => 2,
            Self::Name(_) | Self::Exists(_) | Self::NoSdk(_) => 2,
            Self::Io { .. } => 74,
        }
    }
}

impl fmt::Display for PluginFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { failed: 1 } => f.write_str("a check has failed"),
            Self::Failed { failed } => write!(f, "{failed} checks have failed"),
            Self::NoLibrary(file) => write!(f, "there is no library {}", file.display()),
            Self::NoCheck { name, known } => {
                write!(f, "there is no check {name}; there are {}", known.join(", "))
            }
            Self::Plan { file, .. } => write!(f, "{} is no plan", file.display()),
            Self::Name(error) => error.fmt(f),
            Self::Exists(path) => write!(f, "there is a {} here already", path.display()),
            Self::NoSdk(folder) => write!(f, "there is no SDK in {}", folder.display()),
            Self::Io { what, .. } => f.write_str(what),
        }
    }
}

impl Error for PluginFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Plan { source, .. } => Some(source),
            Self::Io { source, .. } => Some(source),
            Self::Failed { .. }
            | Self::NoLibrary(_)
            | Self::NoCheck { .. }
            | Self::Name(_)
            | Self::Exists(_)
            | Self::NoSdk(_) => None,
        }
    }
}
