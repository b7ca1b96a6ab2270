//! What there is to know of a plugin: its name, where it runs, and its signs of life.

use crate::plugin::About;

/// A plugin, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Its name in the configuration.
    pub name: String,
    /// Its library; none for code that is linked in.
    pub about: Option<About>,
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
    /// A library in a process of its own.
    Process,
}

impl Isolation {
    /// As clients read it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::InProcess => "in-process",
            Self::Process => "process",
        }
    }
}

/// What can be seen of a plugin from outside.
pub trait Vitals: Send + Sync {
    /// What is seen of it now. It is looked at before each call.
    fn signs(&self) -> Signs;
}

/// A plugin's signs of life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// How many completions it owes, those of calls that were given up included.
    pub owed: usize,
    /// How often the process of the current copy was started again because it had crashed.
    pub restarts: u64,
}

/// Nothing can be seen: the plugin is linked in.
impl Vitals for () {
    fn signs(&self) -> Signs {
        Signs::default()
    }
}
