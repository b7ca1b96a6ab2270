//! What a plugin is called, and where it runs.

/// A plugin, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Its name in the configuration.
    pub name: String,
    /// What the library says of itself; none for code that is linked in.
    pub version: Option<String>,
    /// Where it runs.
    pub isolation: Isolation,
}

/// Where a plugin runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// It is part of this program.
    Linked,
    /// A library in the daemon's own process.
    InProcess,
}

impl Isolation {
    /// As clients read it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::InProcess => "in-process",
        }
    }
}
