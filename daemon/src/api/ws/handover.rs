//! Where a route leaves the stream that its connection turns into.

use super::Session;
use std::sync::{Arc, Mutex, PoisonError};

/// Holds at most one stream, from the reply to the handshake until the connection is free for it.
#[derive(Clone, Default)]
pub(in crate::api) struct Handover(Arc<Mutex<Option<Session>>>);

impl Handover {
    /// Leaves a stream.
    pub(super) fn put(&self, session: Session) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
    }

    /// Takes the stream, if there is one.
    pub(in crate::api) fn take(&self) -> Option<Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
