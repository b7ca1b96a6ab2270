//! Changes at the daemon, and the leave that each of them needs.

use crate::console::model::Session;
use orderd_sdk::wire::BulkAction;
use std::fmt;

/// Which of many orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// These.
    Ids(Vec<String>),
    /// Those that this filter means.
    Matching(String),
}

/// A change at the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Give a failed order one more attempt.
    Retry {
        /// The order.
        id: String,
    },
    /// Have an order end without effect, if that can still be.
    Cancel {
        /// The order.
        id: String,
        /// Why, for the order's history.
        reason: Option<String>,
    },
    /// Find out what doing something to many orders would do. The daemon does nothing yet, but it is the first half of a change.
    Preview {
        /// What would be done.
        action: BulkAction,
        /// To which.
        which: Which,
    },
    /// Do what was previewed.
    Bulk {
        /// What is done.
        action: BulkAction,
        /// The preview's token.
        token: String,
        /// How many orders were eligible in it.
        expected: u64,
    },
    /// Have no attempt begun any more.
    Pause {
        /// Why, for whoever wonders.
        reason: Option<String>,
    },
    /// Have attempts begun again.
    Resume,
    /// Have a venue asked again.
    EnableVenue {
        /// The venue.
        name: String,
    },
    /// Have a venue not asked any more.
    DisableVenue {
        /// The venue.
        name: String,
    },
    /// Load the library of a venue's plugin anew.
    ReloadVenue {
        /// The venue.
        name: String,
    },
    /// Have a client leave.
    Disconnect {
        /// The name of its connection.
        id: String,
    },
}

impl Verb {
    /// What takes it back, if anything does.
    #[must_use]
    pub fn reverse(&self) -> Option<Self> {
        match self {
            Self::EnableVenue { name } => Some(Self::DisableVenue { name: name.clone() }),
            Self::DisableVenue { name } => Some(Self::EnableVenue { name: name.clone() }),
            Self::Pause { .. } => Some(Self::Resume),
            // Why it was paused is not known any more.
            Self::Resume => Some(Self::Pause { reason: None }),
            Self::Retry { .. }
            | Self::Cancel { .. }
            | Self::Preview { .. }
            | Self::Bulk { .. }
            | Self::ReloadVenue { .. }
            | Self::Disconnect { .. } => None,
        }
    }
}

/// For people, as an imperative.
impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retry { id } => write!(f, "retry order {id}"),
            Self::Cancel { id, .. } => write!(f, "cancel order {id}"),
            Self::Preview { action, .. } => write!(f, "see what to {} them would do", action.as_str()),
            Self::Bulk { action, expected, .. } => write!(f, "{} {expected} orders", action.as_str()),
            Self::Pause { .. } => f.write_str("pause the queue"),
            Self::Resume => f.write_str("resume the queue"),
            Self::Disconnect { id } => write!(f, "disconnect client {id}"),
            Self::EnableVenue { name } => write!(f, "enable venue {name}"),
            Self::DisableVenue { name } => write!(f, "disable venue {name}"),
            Self::ReloadVenue { name } => write!(f, "reload venue {name}"),
        }
    }
}

/// The leave to change something. Only a session that may change anything gives it.
#[derive(Clone, Copy, Debug)]
pub struct Licence(());

/// The session may look, and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this session is read-only")]
pub struct ReadOnly;

impl Licence {
    /// The leave to change something, at this moment.
    ///
    /// # Errors
    /// In a session that is read-only.
    pub fn of(session: &Session) -> Result<Self, ReadOnly> {
        match session.may_change() {
            true => Ok(Self(())),
            false => Err(ReadOnly),
        }
    }
}

/// A change that may be made. There is none without a [`Licence`], so none in a session that is read-only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutation(Verb);

impl Mutation {
    /// The change, with leave.
    #[must_use]
    pub fn new(_leave: Licence, verb: Verb) -> Self {
        Self(verb)
    }

    /// The change.
    #[must_use]
    pub fn verb(&self) -> &Verb {
        &self.0
    }
}
