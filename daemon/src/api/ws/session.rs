//! One client, from greeting to goodbye.

use super::{
    End, Pipe,
    source::{Progress, Source},
    sources::{MAX_SOURCES, Sources},
};
use crate::{
    api::{
        ApiState,
        auth::Access,
        clients::{CLOSE, Card, LEAVE, Registered},
        state::WebsocketPlace,
    },
    stream::{Frame, MAX_IDS},
    telemetry::observe,
};
use hyper_tungstenite::tungstenite::Message;
use orderd_sdk::wire::{Connection, Limits, Signal, Subscribed, Topic};
use std::{convert::Infallible, pin::Pin, sync::Arc, time::Duration};
use tokio::time::{Instant, Sleep, sleep_until};

/// A client that shows no sign of life for so many heartbeats has gone.
const SILENT_HEARTBEATS: u32 = 3;

/// The clients of a closing daemon are spread over this many steps of [`RECONNECT_STEP_MS`].
const RECONNECT_STEPS: u64 = 16;
const RECONNECT_STEP_MS: u64 = 125;

/// What a client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It follows the order of its path.
    OneOrder,
    /// It subscribes to what it wants.
    Many,
}

/// One client.
pub(super) struct Session {
    pub(super) state: ApiState,
    pub(super) kind: Kind,
    pub(super) access: Access,
    /// The order that it follows as soon as it may.
    following: Option<(Subscribed, Source)>,
    pub(super) pipe: Pipe,
    pub(super) sources: Sources,
    registered: Registered,
    _place: WebsocketPlace,
    /// When the client has to have said who it is.
    authenticate_by: Instant,
    next_beat: Instant,
    /// Messages of the client since the last heartbeat.
    pub(super) messages: u32,
    /// When the client last showed a sign of life.
    pub(super) heard: Instant,
}

enum Event {
    /// There may be something to send.
    News,
    /// It was rung for these bits.
    Rung(u64),
    /// The client said something.
    Received(Message),
    /// It is time for something.
    Due,
}

impl Session {
    pub(super) fn new(
        state: ApiState,
        (kind, access): (Kind, Access),
        pipe: Pipe,
        registered: Registered,
        place: WebsocketPlace,
    ) -> Self {
        let now = Instant::now();
        let (next_beat, authenticate_by) =
            (now + state.settings.heartbeat, now + state.settings.auth_timeout);
        let sources = Sources::default();
        Self {
            state,
            kind,
            access,
            following: None,
            pipe,
            sources,
            registered,
            _place: place,
            authenticate_by,
            next_beat,
            messages: 0,
            heard: now,
        }
    }

    /// Greets the client, and tells it the order that it follows, as soon as it may.
    pub(super) fn greet(&mut self, following: Option<(Subscribed, Source)>) {
        let connection = self.connection();
        self.pipe.push(&Frame::encode(&connection));
        self.following = following;
        if self.access != Access::Pending {
            self.admit();
        }
    }

    /// The client may go on.
    pub(super) fn admit(&mut self) {
        if let Access::Granted(identity) = &self.access {
            self.card().identified(identity.name.clone());
        }
        if let Some((subscribed, source)) = self.following.take() {
            self.pipe.push(&Frame::encode(&subscribed));
            self.card().subscribed(subscribed.id.clone(), Topic::Orders, None);
            self.sources.put(0, subscribed.id, source, Duration::ZERO);
        }
    }

    /// Serves the client until it leaves, fails its duties, or the interface closes.
    pub(super) async fn run(mut self: Box<Self>) {
        let Err(end) = self.serve().await;
        observe::client_gone(&self.card().id(), &end);
        // On the heap too: almost no client is about to leave.
        Box::pin(self.leave(end)).await;
    }

    async fn leave(self: Box<Self>, end: End) {
        let Self { state, pipe, sources, registered, following, .. } = *self;
        // Nothing is kept for a client that leaves.
        drop((sources, following));
        let spread = registered.card().number() % RECONNECT_STEPS * RECONNECT_STEP_MS;
        let after_ms = millis(state.settings.reconnect_after) + spread;
        let last = (end == End::Closing).then(|| Frame::encode(&Signal::Reconnect { after_ms }));
        pipe.say_goodbye(end, last).await;
    }

    async fn serve(&mut self) -> Result<Infallible, End> {
        let bell = self.card().bell().clone();
        let mut alarm = Box::pin(sleep_until(self.next_due()));
        loop {
            let progress = self.sources.pull(&self.state, &mut self.pipe).await?;
            self.pipe.flush().await?;
            self.note_progress();
            set(&mut alarm, self.next_due());
            let event = tokio::select! {
                bits = bell.rung() => Event::Rung(bits),
                received = self.pipe.receive() => Event::Received(received?),
                () = alarm.as_mut() => Event::Due,
                () = std::future::ready(()), if progress == Progress::More => Event::News,
            };
            match event {
                Event::News => {}
                Event::Rung(bits) if bits & CLOSE != 0 => return Err(End::Closing),
                Event::Rung(bits) if bits & LEAVE != 0 => return Err(End::Disconnected),
                Event::Rung(bits) => self.sources.mark(bits),
                // On the heap: it has much to remember, and almost every client is idle.
                Event::Received(message) => Box::pin(self.hear(message)).await?,
                Event::Due => self.beat().await?,
            }
        }
    }

    fn next_due(&self) -> Instant {
        let next = self.sources.next_due().map_or(self.next_beat, |due| due.min(self.next_beat));
        match self.access {
            Access::Pending => next.min(self.authenticate_by),
            Access::Granted(_) | Access::Anonymous => next,
        }
    }

    async fn beat(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if self.access == Access::Pending && now >= self.authenticate_by {
            return Err(End::Unauthenticated);
        }
        if now < self.next_beat {
            return Ok(());
        }
        let period = self.state.settings.heartbeat;
        if now.duration_since(self.heard) >= period * SILENT_HEARTBEATS {
            return Err(End::Silent);
        }
        self.next_beat = now + period;
        self.messages = 0;
        let (cursor, top) = self.position();
        self.tell(&Signal::Ping { cursor, top });
        self.pipe.ping().await
    }

    pub(super) fn tell(&mut self, message: &impl serde::Serialize) {
        self.pipe.push(&Frame::encode(message));
    }

    pub(super) fn card(&self) -> &Arc<Card> {
        self.registered.card()
    }

    /// Up to which event everything was told that the client asked for, and the last event of all.
    pub(super) fn position(&self) -> (u64, u64) {
        let (_, top) = self.state.desk.position();
        (self.complete(), top)
    }

    fn complete(&self) -> u64 {
        let told = self.state.hub.told();
        self.sources.complete(told, self.card().bell().peek())
    }

    fn note_progress(&self) {
        let sent = self.pipe.sent();
        self.card().note(sent.messages, sent.bytes, self.complete());
    }

    pub(super) fn max_subscriptions(&self) -> usize {
        match self.kind {
            Kind::OneOrder => 1,
            Kind::Many => self.state.settings.max_subscriptions.min(MAX_SOURCES),
        }
    }

    fn connection(&self) -> Connection {
        let settings = &self.state.settings;
        let (epoch, cursor) = self.state.desk.position();
        Connection {
            connection_id: self.card().id(),
            heartbeat_ms: millis(settings.heartbeat),
            epoch: epoch.to_string(),
            cursor,
            authenticated: self.access != Access::Pending,
            limits: Limits {
                max_message_bytes: settings.max_message_bytes as u64,
                max_subscriptions: self.max_subscriptions() as u64,
                max_filter_ids: MAX_IDS as u64,
                buffer_messages: settings.buffer.messages as u64,
                buffer_bytes: settings.buffer.bytes,
            },
        }
    }
}

/// Sets the alarm, unless it goes off early enough already: an alarm for nothing costs less than setting it.
fn set(alarm: &mut Pin<Box<Sleep>>, due: Instant) {
    if alarm.is_elapsed() || due < alarm.deadline() {
        alarm.as_mut().reset(due);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
