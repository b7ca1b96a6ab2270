//! Whose console it is, of which daemon, and what it may do.

/// One console at one daemon.
#[derive(Clone, Debug)]
pub struct Session {
    /// The name of the profile, for the corner of the screen.
    pub profile: String,
    /// The daemon's address, without anything secret.
    pub url: String,
    /// What the console may do.
    pub access: Access,
    /// How careful it has to be.
    pub guarded: Guarded,
}

/// What a console may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Look.
    Look,
    /// Look, and change things.
    Change,
}

/// How careful a console has to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Guarded {
    /// Numbers are typed for many orders only.
    #[default]
    No,
    /// A number is typed before every change of more than one order: real money.
    Yes,
}

impl Session {
    /// Whether anything may be changed.
    #[must_use]
    pub fn may_change(&self) -> bool {
        self.access == Access::Change
    }
}
