//! How far the cache is: the place in the daemon's log of all events that a resumption begins from.

use crate::wire::Since;
use std::sync::Arc;

/// How far the cache is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// The store that cursors are of; stays when the cursor is lost.
    pub(super) epoch: Option<Arc<str>>,
    /// Everything up to there is in the cache.
    pub(super) cursor: Option<u64>,
    /// The last event that the daemon has spoken of.
    pub(super) top: u64,
}

impl Position {
    /// What to say when coming back.
    pub(super) fn since(&self) -> Option<Since> {
        let (epoch, cursor) = (self.epoch.as_ref()?, self.cursor?);
        Some(Since::Cursor { epoch: epoch.to_string(), cursor })
    }

    /// Everything up to here has come.
    pub(super) fn reach(&mut self, cursor: u64) {
        self.cursor = Some(self.cursor.map_or(cursor, |before| before.max(cursor)));
        self.top = self.top.max(cursor);
    }

    /// Begins anew, here.
    pub(super) fn begin(&mut self, epoch: &str, cursor: u64) {
        if self.epoch.as_deref() != Some(epoch) {
            *self = Self { epoch: Some(epoch.into()), cursor: None, top: 0 };
        }
        self.cursor = Some(cursor);
        self.top = self.top.max(cursor);
    }

    /// Nothing is known of where the cache is.
    pub(super) fn lose(&mut self) {
        self.cursor = None;
        self.top = 0;
    }

    pub(super) fn lag(&self) -> u64 {
        self.top.saturating_sub(self.cursor.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_only_goes_back_when_it_begins_anew() {
        let mut position = Position::default();
        assert_eq!(position.since(), None);
        position.begin("a", 7);
        position.reach(9);
        position.reach(8);
        position.top = 12;
        assert_eq!(position.since(), Some(Since::Cursor { epoch: "a".into(), cursor: 9 }));
        assert_eq!(position.lag(), 3);
        position.begin("a", 5);
        assert_eq!((position.cursor, position.top), (Some(5), 12), "the same store still is as long");
        position.begin("b", 2);
        assert_eq!((position.cursor, position.lag()), (Some(2), 0));
        position.lose();
        assert_eq!((position.since(), position.epoch.as_deref()), (None, Some("b")));
    }
}
