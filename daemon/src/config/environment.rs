//! What reaches the configuration from outside its file.

use super::key_path::{PREFIX, SEPARATOR};
use std::{collections::BTreeMap, env, fmt, net::SocketAddr, path::PathBuf};

/// What the command line sets. It goes before the environment, and the environment before the file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// In place of `server.listen`.
    pub listen: Option<SocketAddr>,
    /// In place of `data_dir`; relative to the working directory.
    pub data_dir: Option<PathBuf>,
    /// In place of `plugin_dir`; relative to the working directory.
    pub plugin_dir: Option<PathBuf>,
}

/// The variables of the environment. Their values may be secrets and are not shown.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// The environment of this process. What is not Unicode in it has `�` in its place, and fails where it is used.
#[must_use]
pub fn environment() -> Environment {
    env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .collect()
}

impl Environment {
    /// The value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The variables that may be overrides of keys.
    pub(super) fn candidates(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter().filter(|(name, _)| name.starts_with(PREFIX))
    }
}

/// Whether a variable of this name cannot be meant for anything but an override of a key within a table.
pub(super) fn is_override(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|rest| rest.contains(SEPARATOR))
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(variables: [(&str, &str); N]) -> Self {
        variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
