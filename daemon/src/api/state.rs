//! What the routes work with.

use super::{
    ApiSettings, Auth, bulk::Previews, bulletin::Bulletins, clients::Registry, problem::ApiError,
    shown::Shown, ws::LARGE_SNAPSHOTS,
};
use crate::{
    engine::{Desk, Unwatched, VenueDesk},
    order::Catalog,
    stats::Stats,
    stream::Hub,
    telemetry::{LogTail, SystemClock, metrics::Source},
};
use orderd_sdk::timestamp::Timestamp;
use std::sync::Arc;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::Instant,
};

/// Everything that the interface works with. Cloning shares it.
#[derive(Clone)]
pub struct ApiState {
    /// The engine.
    pub(super) desk: Arc<dyn Desk>,
    /// Where events meet their readers.
    pub(super) hub: Arc<Hub>,
    /// Who is connected by WebSocket.
    pub(super) clients: Arc<Registry>,
    /// The topics that are told whole.
    pub(super) bulletins: Arc<Bulletins>,
    /// How orders look that were asked for.
    pub(super) shown: Arc<Shown>,
    /// What bulk calls have shown and done.
    pub(super) previews: Arc<Previews>,
    /// Turns for snapshots of many orders.
    pub(super) large_snapshots: Arc<Semaphore>,
    /// The bounds.
    pub(super) settings: Arc<ApiSettings>,
    /// Who may call.
    pub(super) auth: Auth,
    /// The last lines of the log.
    pub(super) logs: LogTail,
    /// What is counted.
    pub(super) stats: Arc<Stats>,
    /// Who else has figures.
    pub(super) sources: Arc<[Arc<dyn Source>]>,
    /// Whether venues are asked.
    pub(super) venues: Arc<dyn VenueDesk>,
    started: Instant,
    started_at: Timestamp,
    websockets: Arc<Semaphore>,
}

/// A place among the WebSockets. Dropping it frees the place.
#[derive(Debug)]
pub(super) struct WebsocketPlace {
    _permit: OwnedSemaphorePermit,
}

/// Tells when the interface closes: when the value is true, or its sender is gone.
pub(super) type Closing = watch::Receiver<bool>;

impl ApiState {
    /// The interface of this engine. From now on it counts as ready.
    #[must_use]
    pub fn new(desk: Arc<dyn Desk>, hub: Arc<Hub>, settings: ApiSettings) -> Self {
        let stats = Arc::new(Stats::new(Arc::new(SystemClock), &Catalog::default()));
        Self {
            desk,
            hub,
            clients: Arc::default(),
            bulletins: Arc::default(),
            shown: Arc::default(),
            previews: Arc::default(),
            large_snapshots: Arc::new(Semaphore::new(LARGE_SNAPSHOTS)),
            websockets: Arc::new(Semaphore::new(settings.max_websockets())),
            settings: Arc::new(settings),
            auth: Auth::default(),
            logs: LogTail::default(),
            sources: Arc::default(),
            started: Instant::now(),
            started_at: stats.now(),
            stats,
            venues: Arc::new(Unwatched),
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

    /// The same, with what is counted of the engine's orders. Without, all counts are zero.
    #[must_use]
    pub fn with_stats(mut self, stats: Arc<Stats>) -> Self {
        self.started_at = stats.now();
        self.stats = stats;
        self
    }

    /// The same, with these figures besides those of the orders.
    #[must_use]
    pub fn with_sources(mut self, sources: Vec<Arc<dyn Source>>) -> Self {
        self.sources = sources.into();
        self
    }

    /// The same, where operators see to venues. Without, none can be seen to.
    #[must_use]
    pub fn with_venues(mut self, venues: Arc<dyn VenueDesk>) -> Self {
        self.venues = venues;
        self
    }

    /// There is no such order.
    pub(super) fn order_not_found(&self) -> ApiError {
        ApiError::OrderNotFound { kept: self.settings.retention }
    }

    /// When the interface was ready.
    pub(super) fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Milliseconds since the interface was ready.
    pub(super) fn uptime_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Takes a place among the WebSockets, if one is left.
    pub(super) fn take_websocket_place(&self) -> Option<WebsocketPlace> {
        let permit = Arc::clone(&self.websockets).try_acquire_owned().ok()?;
        Some(WebsocketPlace { _permit: permit })
    }
}

/// Waits until the interface closes.
pub(super) async fn closed(closing: &mut Closing) {
    // An error means that the sender is gone: whoever ran the daemon has ended.
    let _ = closing.wait_for(|closing| *closing).await;
}
