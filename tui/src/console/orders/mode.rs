//! Whether the table moves with what happens.

use super::MAX_BEHIND;
use orderd_sdk::client::Changed;
use std::{collections::HashSet, sync::Arc};

/// How the table goes along with changes.
#[derive(Debug, Default)]
pub enum Mode {
    /// The cursor is on the newest row, whichever that is: the first, or the last where the newest come last.
    #[default]
    Follow,
    /// The row under the cursor stays where it is, others come and go.
    Stay,
    /// No row comes, goes or changes.
    Frozen(Behind),
}

/// What has changed behind a frozen table.
#[derive(Debug, Default)]
pub enum Behind {
    /// Nothing.
    #[default]
    Nothing,
    /// These orders are new, have changed or are gone.
    Orders(HashSet<Arc<str>>),
    /// More than are remembered.
    Many,
}

impl Behind {
    /// How many orders; none when nobody knows.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        match self {
            Self::Nothing => Some(0),
            Self::Orders(ids) => Some(ids.len()),
            Self::Many => None,
        }
    }

    pub(super) fn add(&mut self, changed: &Changed) {
        let Changed::Ids(ids) = changed else {
            *self = Self::Many;
            return;
        };
        match self {
            Self::Nothing if ids.is_empty() => {}
            Self::Nothing => *self = Self::Orders(ids.iter().cloned().collect()),
            Self::Orders(known) => known.extend(ids.iter().cloned()),
            Self::Many => {}
        }
        if self.count().is_some_and(|count| count > MAX_BEHIND) {
            *self = Self::Many;
        }
    }
}
