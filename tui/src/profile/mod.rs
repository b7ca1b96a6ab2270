//! Which daemon is meant and how it is shown: the profiles of the configuration file, and what the environment and the
//! command line put in their place.

mod choose;
mod file;
mod looks;
mod problem;
mod reader;
mod settings;

pub(crate) use choose::{Overrides, choose};
pub(crate) use file::Profiles;
pub use looks::{Abilities, Charset, ColourDepth, Looks, Mouse, ThemeName, Unicode};
pub(crate) use problem::ProfileError;
pub use settings::{Profile, TokenSource};
