//! A running daemon.

use super::reloading::{ConfigReload, Reloading, VenueReloadError};
use crate::{
    actions::ActionLog,
    api::{self, ApiSettings, ApiState, Auth},
    config::{Settings, StreamSettings},
    engine::{
        CancelError, Desk, Engine, NotKept, QueueDesk, Readiness, RetryError, SubmitError, Switch,
        SwitchError, Unwatched, VenueDesk, with_desk, with_guards,
    },
    order::{OrderId, View},
    plugin::Reloaded,
    stats::Stats,
    store::{ListQuery, StoreError},
    stream::{Bell, Budget, Hub, Subscription},
    telemetry::{LogTail, Shutdown, metrics::Source, observe, spawn_critical},
};
use orderd_sdk::wire::{ExecuteRequest, OrderDto, OrderMessage, Pause, Queue, Venues};
use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// How long a plugin may take to end.
const PLUGIN_GRACE: Duration = Duration::from_secs(5);

/// A running daemon: takes orders, tells their lives, and shuts down in good order.
pub struct Daemon {
    engine: Engine,
    hub: Arc<Hub>,
    stats: Arc<Stats>,
    settings: Settings,
    shutdown: Shutdown,
    plugins: Reloading,
    venues: Arc<dyn VenueDesk>,
    queue: Arc<dyn QueueDesk>,
    actions: Arc<ActionLog>,
    logs: LogTail,
    auth: Auth,
    sources: Vec<Arc<dyn Source>>,
    store_bytes: Arc<AtomicU64>,
    closing: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
    /// Brings events to their readers.
    telling: JoinHandle<()>,
    /// Has the store remove what is past its time.
    sweeping: Option<JoinHandle<()>>,
}

/// Reads an order's life, event by event.
pub struct Follower {
    subscription: Subscription,
}

impl Daemon {
    pub(super) fn new(
        engine: Engine,
        hub: Arc<Hub>,
        stats: Arc<Stats>,
        settings: Settings,
        shutdown: Shutdown,
        plugins: Reloading,
        venues: Arc<dyn VenueDesk>,
    ) -> Self {
        let telling = spawn_critical("hub", &shutdown, hub.clone().run());
        Self {
            engine,
            hub,
            stats,
            settings,
            shutdown,
            plugins,
            venues,
            queue: Arc::new(Unwatched),
            actions: Arc::default(),
            logs: LogTail::default(),
            auth: Auth::default(),
            sources: Vec::new(),
            store_bytes: Arc::default(),
            closing: watch::Sender::new(false),
            servers: Vec::new(),
            telling,
            sweeping: None,
        }
    }

    /// The same daemon, which shows these lines of the log over HTTP.
    pub(super) fn showing(mut self, logs: LogTail) -> Self {
        self.logs = logs;
        self
    }

    /// The same daemon, which these may call over HTTP.
    pub(super) fn admitting(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// The same daemon, which also tells these figures over HTTP.
    pub(super) fn measuring(mut self, sources: Vec<Arc<dyn Source>>, store_bytes: Arc<AtomicU64>) -> Self {
        (self.sources, self.store_bytes) = (sources, store_bytes);
        self
    }

    /// The same daemon, whose queue is seen to here, and which notes there what was done over HTTP.
    pub(super) fn operated(mut self, queue: Arc<dyn QueueDesk>, actions: Arc<ActionLog>) -> Self {
        (self.queue, self.actions) = (queue, actions);
        self
    }

    /// The same daemon, which waits for this task at its end.
    pub(super) fn sweeping(mut self, task: JoinHandle<()>) -> Self {
        self.sweeping = Some(task);
        self
    }

    /// Takes an order. It is on stable storage when this returns.
    ///
    /// # Errors
    /// When nothing was accepted.
    pub async fn submit(&self, request: ExecuteRequest) -> Result<OrderDto, SubmitError> {
        let submitted = self.engine.submit(request, None).await?;
        Ok(View::latest(&submitted.order))
    }

    /// An order as of its last durable event.
    ///
    /// # Errors
    /// When its record cannot be read.
    pub async fn order(&self, id: OrderId) -> Result<Option<OrderDto>, StoreError> {
        Ok(self.engine.load(id).await?.map(|order| View::latest(&order)))
    }

    /// Has an order end without effect, if that can still be; see [`Desk::cancel`].
    ///
    /// # Errors
    /// When it cannot be cancelled, or not now.
    pub async fn cancel(&self, id: OrderId, reason: &str) -> Result<Option<OrderDto>, CancelError> {
        let order = self.engine.cancel(id, reason.to_owned()).await?;
        Ok(order.map(|order| View::latest(&order)))
    }

    /// Gives a failed order one more attempt; see [`Desk::retry`].
    ///
    /// # Errors
    /// When it gets none.
    pub async fn retry(&self, id: OrderId) -> Result<Option<OrderDto>, RetryError> {
        Ok(self.engine.retry(id).await?.map(|order| View::latest(&order)))
    }

    /// How far the start has come, and which lanes sign.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        self.engine.readiness()
    }

    /// What waits, and how fast it goes.
    #[must_use]
    pub fn queue(&self) -> Queue {
        with_desk(self.stats.queue(self.engine.live_counts()), &*self.queue)
    }

    /// Has no attempt begun any more; see [`QueueDesk::pause`]. Wait for it to the end.
    ///
    /// # Errors
    /// When it could not be written down: the queue is paused all the same, until the daemon ends.
    pub async fn pause(&self, by: &str, reason: Option<String>) -> Result<Pause, NotKept> {
        self.queue.pause(by, reason).await
    }

    /// Has attempts begun again; see [`QueueDesk::resume`]. Wait for it to the end.
    ///
    /// # Errors
    /// When it could not be written down: the queue is still paused.
    pub async fn resume(&self, by: &str) -> Result<(), NotKept> {
        self.queue.resume(by).await
    }

    /// How the venues do.
    #[must_use]
    pub fn venues(&self) -> Venues {
        with_guards(self.stats.venues(), &*self.venues)
    }

    /// Has a venue asked, or asked no more. It holds beyond the end of the daemon when this returns.
    ///
    /// # Errors
    /// When there is no such venue, or when it holds until the end of the daemon only.
    pub async fn switch_venue(&self, venue: &str, switch: Switch) -> Result<(), SwitchError> {
        self.venues.switch(venue, switch).await
    }

    /// Loads the library of the plugin that serves a venue anew, and has it take the place of the one in use, with all
    /// else that the plugin serves. Orders go on meanwhile.
    ///
    /// # Errors
    /// When the plugin was not replaced; the version before works on, unless the error says otherwise.
    pub async fn reload_venue(&self, venue: &str) -> Result<Reloaded, VenueReloadError> {
        self.plugins.venue(venue).await
    }

    /// Takes up what a running daemon can take up of a new configuration: libraries and settings of plugins. It tells
    /// what else has changed, which waits for a restart.
    pub async fn reload(&self, settings: &Settings) -> ConfigReload {
        self.plugins.config(settings).await
    }

    /// Orders, newest first.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub async fn list(&self, query: ListQuery) -> Result<Vec<OrderDto>, StoreError> {
        Ok(self.engine.list(query).await?.orders.iter().map(|order| View::latest(order)).collect())
    }

    /// Reads an order's life from its first event on; none when there is no such order.
    ///
    /// # Errors
    /// When its record cannot be read.
    pub async fn follow(&self, id: OrderId) -> Result<Option<Follower>, StoreError> {
        // In this order: what happens after the load is published to the subscription.
        let subscription = self.hub.follow(id, 1, Arc::<Bell>::default(), 1);
        let Some(order) = self.engine.load(id).await? else {
            return Ok(None);
        };
        subscription.offer(&order);
        Ok(Some(Follower { subscription }))
    }

    /// Serves HTTP and WebSocket on this listener, until the daemon shuts down.
    pub fn serve(&mut self, listener: TcpListener) {
        let Settings { server, stream, storage, .. } = &self.settings;
        let settings = ApiSettings {
            max_connections: server.max_connections,
            max_body_bytes: server.max_body_bytes,
            max_bulk_orders: server.max_bulk_orders,
            heartbeat: server.heartbeat,
            buffer: budget(stream),
            max_subscriptions: stream.max_subscriptions,
            retention: storage.retention,
            ..ApiSettings::default()
        };
        let state = ApiState::new(Arc::new(self.engine.clone()), self.hub.clone(), settings)
            .with_stats(self.stats.clone())
            .with_venues(self.venues.clone())
            .with_queue(self.queue.clone())
            .with_actions(self.actions.clone())
            .with_store_bytes(self.store_bytes.clone())
            .with_logs(self.logs.clone())
            .with_auth(self.auth.clone())
            .with_sources(self.sources.clone());
        let closing = self.closing.subscribe();
        let serving = async move {
            let cut_off = api::serve(listener, state, closing).await;
            observe::http_closed(cut_off);
        };
        self.servers.push(spawn_critical("http", &self.shutdown, serving));
    }

    /// The handle to this daemon's end: to ask for it, and to hear of it.
    #[must_use]
    pub fn shutdown(&self) -> Shutdown {
        self.shutdown.clone()
    }

    /// Ends in good order: refuses new orders, lets attempts in hand come to a rest, makes everything durable, and
    /// tells streaming clients to come back.
    ///
    /// # Errors
    /// When the store could not write everything. What was acknowledged is durable all the same.
    pub async fn shut_down(self) -> Result<(), StoreError> {
        let grace = self.settings.server.drain;
        observe::daemon_stopping(grace);
        self.shutdown.request();
        let closed = self.engine.shut_down(grace).await;
        if let Some(sweeping) = self.sweeping {
            // It has the store, too. A panic of it was told of when it happened.
            sweeping.await.unwrap_or_default();
        }
        self.closing.send_replace(true);
        for server in self.servers {
            server.await.unwrap_or_default();
        }
        self.telling.abort();
        for plugin in self.plugins.loaded() {
            plugin.shutdown(PLUGIN_GRACE).await;
        }
        observe::daemon_stopped(self.engine.live_counts().values().sum());
        closed
    }
}

/// How far behind a subscription may be.
pub(super) fn budget(stream: &StreamSettings) -> Budget {
    Budget { messages: stream.buffer_messages, bytes: stream.buffer_bytes as u64 }
}

impl Follower {
    /// The next event. It waits until there is one; after the last it waits for ever.
    pub async fn next(&mut self) -> OrderMessage {
        loop {
            if let Some(event) = self.subscription.next_frame() {
                let json = event.frame.json();
                return serde_json::from_slice(json).expect("a frame holds the message it was made of");
            }
            self.subscription.changed().await;
        }
    }
}
