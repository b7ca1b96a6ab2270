//! One client, from greeting to goodbye.

use super::{
    End, Pipe,
    inbound::{self, Refusal},
    lines::Lines,
    orders::{NotBegun, Orders},
    request::{Request, What},
    source::{Progress, Source, Whole},
    sources::{MAX_SOURCES, Sources},
};
use crate::{
    api::{
        ApiState,
        auth::Access,
        clients::{CLOSE, Card, LEAVE, Registered},
        state::WebsocketPlace,
    },
    config::Scope,
    stream::{Frame, MAX_IDS},
    telemetry::observe,
};
use hyper_tungstenite::tungstenite::Message;
use orderd_sdk::wire::{ClientMessage, Connection, Limits, Signal, Subscribe, Subscribed, Topic};
use std::{convert::Infallible, pin::Pin, sync::Arc, time::Duration};
use tokio::time::{Instant, Sleep, sleep_until};

/// A client that shows no sign of life for so many heartbeats has gone.
const SILENT_HEARTBEATS: u32 = 3;

/// How long a client has to say who it is, where nothing in its handshake has.
const AUTH_PATIENCE: Duration = Duration::from_secs(5);

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
    state: ApiState,
    kind: Kind,
    access: Access,
    /// The order that it follows as soon as it may.
    following: Option<(Subscribed, Source)>,
    pipe: Pipe,
    sources: Sources,
    registered: Registered,
    _place: WebsocketPlace,
    begun: Instant,
    next_beat: Instant,
    /// Messages of the client since the last heartbeat.
    messages: u32,
    /// When the client last showed a sign of life.
    heard: Instant,
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
        let next_beat = now + state.settings.heartbeat;
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
            begun: now,
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
    fn admit(&mut self) {
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
    pub(super) async fn run(mut self) {
        let Err(end) = self.serve().await;
        observe::client_gone(&self.card().id(), &end);
        let Self { state, pipe, sources, registered, following, .. } = self;
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
            Access::Pending => next.min(self.begun + AUTH_PATIENCE),
            Access::Granted(_) | Access::Anonymous => next,
        }
    }

    async fn beat(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if self.access == Access::Pending && now >= self.begun + AUTH_PATIENCE {
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

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        self.heard = Instant::now();
        if matches!(message, Message::Pong(_)) {
            return Ok(());
        }
        if matches!(message, Message::Close(_)) {
            return Err(End::Left);
        }
        self.messages += 1;
        if self.messages > self.state.settings.max_messages {
            return Err(End::Flooding);
        }
        let answered = match inbound::read(&message) {
            None => Ok(()),
            Some(Ok(ClientMessage::Auth { token })) => return self.authenticate(&token),
            Some(Ok(said)) => self.answer(said).await,
            Some(Err(refusal)) => Err(refusal),
        };
        if let Err(refusal) = answered {
            self.tell(&refusal.signal());
        }
        Ok(())
    }

    /// The client says who it is. Where nobody has to, everybody may do everything.
    fn authenticate(&mut self, token: &str) -> Result<(), End> {
        let (name, scope) = match self.state.auth.check(token) {
            Some(identity) => {
                let told = (identity.name.to_string(), identity.scope);
                self.access = Access::Granted(identity);
                self.admit();
                told
            }
            None if self.access == Access::Anonymous => ("anonymous".to_owned(), Scope::Admin),
            None => return Err(End::Unauthenticated),
        };
        self.tell(&Signal::Authenticated { name, scope: scope.as_str().to_owned() });
        Ok(())
    }

    async fn answer(&mut self, said: ClientMessage) -> Result<(), Refusal> {
        match said {
            ClientMessage::Ping => {
                let (cursor, top) = self.position();
                self.tell(&Signal::Pong { cursor, top });
                Ok(())
            }
            ClientMessage::Pong | ClientMessage::Auth { .. } => Ok(()),
            ClientMessage::Subscribe(_) | ClientMessage::Unsubscribe { .. }
                if self.access == Access::Pending =>
            {
                Err(Refusal::of("unauthenticated", "say who it is first, with auth"))
            }
            ClientMessage::Subscribe(_) | ClientMessage::Unsubscribe { .. }
                if self.kind == Kind::OneOrder =>
            {
                Err(Refusal::of("unknown-message", "subscriptions are for /api/stream"))
            }
            ClientMessage::Subscribe(subscribe) => self.subscribe(subscribe).await,
            ClientMessage::Unsubscribe { id } => self.unsubscribe(id),
        }
    }

    async fn subscribe(&mut self, subscribe: Subscribe) -> Result<(), Refusal> {
        let Request { id, topic, batch, what } = Request::check(subscribe)?;
        if let Err(error) = self.access.require(scope_of(topic)) {
            return Err(Refusal::of("forbidden", error.detail()).about(&id));
        }
        if self.sources.has(&id) {
            return Err(Refusal::of("duplicate-subscription", "there is one of this id").about(&id));
        }
        let most = self.max_subscriptions();
        if self.sources.len() >= most {
            return Err(Refusal::of("too-many-subscriptions", format!("at most {most}")).about(&id));
        }
        let place = self.sources.free_place();
        let source = match what {
            What::Orders(request) => {
                let bell = (self.card().bell().clone(), Sources::bit(place));
                let begun = Orders::begin(&self.state, id.clone(), request, bell, &mut self.pipe).await;
                Source::Orders(Box::new(begun.map_err(|error| refusal(error).about(&id))?))
            }
            What::Whole => {
                self.confirm(&id, topic);
                Source::Whole(Whole { topic, told: 0 })
            }
            What::Logs { filter, lines } => {
                self.confirm(&id, topic);
                Source::Lines(Lines::new(id.clone(), filter, lines))
            }
        };
        self.card().subscribed(id.clone(), topic, source.seat().cloned());
        self.sources.put(place, id, source, batch);
        Ok(())
    }

    fn confirm(&mut self, id: &str, topic: Topic) {
        let cursor = self.state.hub.told();
        self.tell(&Subscribed { id: id.to_owned(), topic, recovered: false, order: None, cursor });
    }

    fn unsubscribe(&mut self, id: String) -> Result<(), Refusal> {
        if !self.sources.remove(&id) {
            return Err(Refusal::of("unknown-subscription", "there is none of this id").about(&id));
        }
        self.card().unsubscribed(&id);
        self.tell(&Signal::Unsubscribed { id });
        Ok(())
    }

    fn tell(&mut self, message: &impl serde::Serialize) {
        self.pipe.push(&Frame::encode(message));
    }

    fn card(&self) -> &Arc<Card> {
        self.registered.card()
    }

    /// Up to which event everything was told that the client asked for, and the last event of all.
    fn position(&self) -> (u64, u64) {
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

    fn max_subscriptions(&self) -> usize {
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

fn refusal(error: NotBegun) -> Refusal {
    match error {
        NotBegun::Busy => Refusal::of("busy", "too many large snapshots are under way; try again"),
        NotBegun::Unreadable => {
            Refusal::of("storage-unavailable", "an order cannot be read; try again later")
        }
    }
}

/// Sets the alarm, unless it goes off early enough already: an alarm for nothing costs less than setting it.
fn set(alarm: &mut Pin<Box<Sleep>>, due: Instant) {
    if alarm.is_elapsed() || due < alarm.deadline() {
        alarm.as_mut().reset(due);
    }
}

/// What a client must be allowed to do to follow a topic: the same as to call for it.
fn scope_of(topic: Topic) -> Scope {
    match topic {
        Topic::Orders | Topic::Queue | Topic::Venues | Topic::Status => Scope::Read,
        Topic::Clients | Topic::Logs => Scope::Admin,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
