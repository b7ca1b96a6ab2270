//! Where a route leaves the stream that its connection turns into.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

/// A stream, from the handshake's answer to its end.
pub(in crate::api) type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Begins a stream with the client at this address.
type Begin = Box<dyn FnOnce(SocketAddr) -> Running + Send>;

/// Holds at most one stream, from the reply to the handshake until the connection is free for it.
#[derive(Clone)]
pub(in crate::api) struct Handover {
    peer: SocketAddr,
    begin: Arc<Mutex<Option<Begin>>>,
}

impl Handover {
    /// That of the connection with this client.
    pub(in crate::api) fn of(peer: SocketAddr) -> Self {
        Self { peer, begin: Arc::default() }
    }

    /// Where the client connects from.
    pub(in crate::api) fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Leaves a stream.
    pub(super) fn put<F: Future<Output = ()> + Send + 'static>(
        &self,
        begin: impl FnOnce(SocketAddr) -> F + Send + 'static,
    ) {
        let begin: Begin = Box::new(|peer| Box::pin(begin(peer)));
        *self.begin.lock().unwrap_or_else(PoisonError::into_inner) = Some(begin);
    }

    /// Whether a stream was left here and not taken yet.
    pub(super) fn is_left(&self) -> bool {
        self.begin.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Takes the stream, if there is one.
    pub(in crate::api) fn take(&self) -> Option<Running> {
        let begin = self.begin.lock().unwrap_or_else(PoisonError::into_inner).take();
        begin.map(|begin| begin(self.peer))
    }
}
