//! What the routes work with.

use super::{ApiSettings, Auth};
use crate::{engine::Desk, stream::Bus, telemetry::LogTail};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::Instant,
};

/// Everything that the interface works with. Cloning shares it.
#[derive(Clone)]
pub struct ApiState {
    /// The engine.
    pub(super) desk: Arc<dyn Desk>,
    /// Where followed orders are published.
    pub(super) bus: Arc<Bus>,
    /// The bounds.
    pub(super) settings: Arc<ApiSettings>,
    /// Who may call.
    pub(super) auth: Auth,
    /// The last lines of the log.
    pub(super) logs: LogTail,
    started: Instant,
    websockets: Arc<Semaphore>,
    last_websocket: Arc<AtomicU64>,
}

/// A place among the WebSockets. Dropping it frees the place.
#[derive(Debug)]
pub(super) struct WebsocketPlace {
    /// 1, 2, 3, … since the daemon started.
    pub(super) number: u64,
    _permit: OwnedSemaphorePermit,
}

/// Tells when the interface closes: when the value is true, or its sender is gone.
pub(super) type Closing = watch::Receiver<bool>;

impl ApiState {
    /// The interface of this engine. From now on it counts as ready.
    #[must_use]
    pub fn new(desk: Arc<dyn Desk>, bus: Arc<Bus>, settings: ApiSettings) -> Self {
        Self {
            desk,
            bus,
            websockets: Arc::new(Semaphore::new(settings.max_websockets())),
            settings: Arc::new(settings),
            auth: Auth::default(),
            logs: LogTail::default(),
            started: Instant::now(),
            last_websocket: Arc::default(),
        }
    }

    /// The same interface, which also shows these lines of the log. Without them it has none to show.
    #[must_use]
    pub fn with_logs(mut self, logs: LogTail) -> Self {
        self.logs = logs;
        self
    }

    /// The same interface, for these callers only. Without them it is for everybody who reaches it.
    #[must_use]
    pub fn with_auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// Milliseconds since the interface was ready.
    pub(super) fn uptime_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Takes a place among the WebSockets, if one is left.
    pub(super) fn take_websocket_place(&self) -> Option<WebsocketPlace> {
        let permit = Arc::clone(&self.websockets).try_acquire_owned().ok()?;
        let number = self.last_websocket.fetch_add(1, Ordering::Relaxed) + 1;
        Some(WebsocketPlace { number, _permit: permit })
    }
}

/// Waits until the interface closes.
pub(super) async fn closed(closing: &mut Closing) {
    // An error means that the sender is gone: whoever ran the daemon has ended.
    let _ = closing.wait_for(|closing| *closing).await;
}
