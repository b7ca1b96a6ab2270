//! The stream of one order to one client, from greeting to goodbye.

use super::inbound;
use crate::{
    api::{
        ApiState,
        auth::Access,
        state::{Closing, WebsocketPlace, closed},
    },
    order::{Order, View},
    stream::Subscription,
    telemetry::observe,
};
use futures_util::{SinkExt, StreamExt};
use hyper_tungstenite::{
    HyperWebsocket, HyperWebsocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};
use orderd_sdk::wire::{Connection, Limits, Signal, Subscribed, Topic};
use serde::Serialize;
use std::{convert::Infallible, fmt, net::SocketAddr, sync::Arc, time::Duration};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

/// Events that go out before the client is heard again.
const MAX_BATCH: usize = 64;

/// A client that shows no sign of life for so many heartbeats has gone.
const SILENT_HEARTBEATS: u32 = 3;

/// How long the goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// The clients of a closing daemon are spread over this many steps of [`RECONNECT_STEP_MS`].
const RECONNECT_STEPS: u64 = 16;
const RECONNECT_STEP_MS: u64 = 125;

/// What a stream shows.
pub(super) struct Following {
    /// The events.
    pub(super) subscription: Subscription,
    /// The order when the stream began.
    pub(super) order: Arc<Order>,
    /// Whether the client has said up to where it knows the order.
    pub(super) is_resumed: bool,
    /// Who connects.
    pub(super) access: Access,
}

/// A stream whose handshake is answered.
pub(in crate::api) struct Session {
    state: ApiState,
    place: WebsocketPlace,
    handshake: HyperWebsocket,
    following: Following,
}

impl Session {
    pub(super) fn new(
        state: ApiState,
        place: WebsocketPlace,
        handshake: HyperWebsocket,
        following: Following,
    ) -> Self {
        Self { state, place, handshake, following }
    }

    /// Streams until the client leaves, fails its duties, or the interface closes.
    pub(in crate::api) async fn run(self, peer: SocketAddr, mut closing: Closing) {
        let Ok(Ok(socket)) = timeout(self.state.settings.header_timeout, self.handshake).await else {
            return;
        };
        let name = format!("ws-{}", self.place.number);
        observe::client_connected(&name, peer);
        let mut stream = Stream {
            sent_cursor: 0,
            messages: 0,
            heard: Instant::now(),
            name,
            state: self.state,
            socket,
            subscription: self.following.subscription,
        };
        let authenticated = self.following.access != Access::Pending;
        let greeting = stream.greeting(&self.following.order, self.following.is_resumed, authenticated);
        drop(self.following.order);
        let Err(end) = stream.serve(greeting, &mut closing).await;
        observe::client_gone(&stream.name, &end);
        stream.say_goodbye(end, self.place.number).await;
    }
}

struct Stream {
    state: ApiState,
    socket: HyperWebsocketStream,
    subscription: Subscription,
    name: String,
    /// The cursor of the last event that was sent.
    sent_cursor: u64,
    /// Messages of the client since the last heartbeat.
    messages: u32,
    /// When the client last showed a sign of life.
    heard: Instant,
}

enum Event {
    /// There may be events to send.
    News,
    /// The client said something, or its connection ended.
    Received(Option<Result<Message, Error>>),
    /// It is time for a ping.
    Heartbeat,
    /// The interface closes.
    Closing,
}

/// Why a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The client left.
    Left,
    /// The interface closes.
    Closing,
    /// The client takes nothing of what is sent.
    Stalled,
    /// The client shows no sign of life.
    Silent,
    /// The client says too much.
    Flooding,
    /// The client said something too long.
    TooLarge,
    /// The client does not speak the protocol.
    Protocol,
}

impl Stream {
    async fn serve(&mut self, greeting: Vec<Message>, closing: &mut Closing) -> Result<Infallible, End> {
        let mut heartbeat = self.heartbeat();
        let mut outgoing = greeting;
        loop {
            for message in outgoing {
                self.feed(message).await?;
            }
            let has_more = self.feed_events().await?;
            self.flush().await?;
            let event = tokio::select! {
                () = closed(closing) => Event::Closing,
                _ = heartbeat.tick() => Event::Heartbeat,
                received = self.socket.next() => Event::Received(received),
                () = self.subscription.changed() => Event::News,
                () = std::future::ready(()), if has_more => Event::News,
            };
            outgoing = self.react(event)?;
        }
    }

    /// What an event is answered with.
    fn react(&mut self, event: Event) -> Result<Vec<Message>, End> {
        match event {
            Event::News => Ok(Vec::new()),
            Event::Closing => Err(End::Closing),
            Event::Heartbeat => self.beat(),
            Event::Received(Some(Ok(message))) => self.hear(&message),
            Event::Received(Some(Err(error))) => Err(End::of(&error)),
            Event::Received(None) => Err(End::Left),
        }
    }

    fn beat(&mut self) -> Result<Vec<Message>, End> {
        if self.heard.elapsed() >= self.state.settings.heartbeat * SILENT_HEARTBEATS {
            return Err(End::Silent);
        }
        self.messages = 0;
        let (cursor, (_, top)) = (self.sent_cursor, self.state.desk.position());
        let ping = Signal::Ping { cursor, top };
        Ok(vec![text(&ping), Message::Ping(Vec::new().into())])
    }

    fn hear(&mut self, message: &Message) -> Result<Vec<Message>, End> {
        self.heard = Instant::now();
        match message {
            Message::Pong(_) => return Ok(Vec::new()),
            Message::Close(_) => return Err(End::Left),
            Message::Text(_) | Message::Binary(_) | Message::Ping(_) | Message::Frame(_) => {}
        }
        self.messages += 1;
        match self.messages > self.state.settings.max_messages {
            true => Err(End::Flooding),
            false => Ok(self.answer(message)),
        }
    }

    fn answer(&self, message: &Message) -> Vec<Message> {
        let (cursor, (_, top)) = (self.sent_cursor, self.state.desk.position());
        inbound::answer(message, Signal::Pong { cursor, top }).iter().map(text).collect()
    }

    /// Sends what is ready, and tells whether there may be more.
    async fn feed_events(&mut self) -> Result<bool, End> {
        for _ in 0..MAX_BATCH {
            let Some(frame) = self.subscription.next_frame() else {
                return Ok(false);
            };
            self.sent_cursor = frame.cursor;
            self.feed(Message::Text(frame.json)).await?;
        }
        Ok(true)
    }

    async fn feed(&mut self, message: Message) -> Result<(), End> {
        let fed = timeout(self.state.settings.write_stall, self.socket.feed(message)).await;
        fed.map_err(|_| End::Stalled)?.map_err(|error| End::of(&error))
    }

    async fn flush(&mut self) -> Result<(), End> {
        let flushed = timeout(self.state.settings.write_stall, self.socket.flush()).await;
        flushed.map_err(|_| End::Stalled)?.map_err(|error| End::of(&error))
    }

    fn greeting(&self, order: &Order, is_resumed: bool, authenticated: bool) -> Vec<Message> {
        let settings = &self.state.settings;
        let (epoch, top) = self.state.desk.position();
        let connection = Connection {
            connection_id: self.name.clone(),
            heartbeat_ms: millis(settings.heartbeat),
            epoch: epoch.to_string(),
            cursor: top,
            authenticated,
            limits: Limits {
                max_message_bytes: settings.max_message_bytes as u64,
                max_subscriptions: 1,
                max_filter_ids: 1,
                buffer_messages: 0,
                buffer_bytes: 0,
            },
        };
        let subscribed = Subscribed {
            id: order.id.to_string(),
            topic: Topic::Orders,
            recovered: is_resumed,
            order: Some(View::latest(order)),
            cursor: order.events.last().map_or(0, |event| event.cursor.get()),
        };
        vec![text(&connection), text(&subscribed)]
    }

    fn heartbeat(&self) -> Interval {
        let period = self.state.settings.heartbeat;
        let mut heartbeat = interval_at(Instant::now() + period, period);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat
    }

    /// Closes in due form, as far as the client takes part in it.
    async fn say_goodbye(self, end: End, number: u64) {
        let Self { state, mut socket, subscription, .. } = self;
        drop(subscription);
        let spread = number % RECONNECT_STEPS * RECONNECT_STEP_MS;
        let after_ms = millis(state.settings.reconnect_after) + spread;
        let goodbye = async {
            if end == End::Closing {
                socket.feed(text(&Signal::Reconnect { after_ms })).await?;
            }
            if let Some((code, reason)) = end.close() {
                let reason = reason.into();
                socket.close(Some(CloseFrame { code, reason })).await?;
            }
            while socket.next().await.transpose()?.is_some() {}
            Ok::<(), Error>(())
        };
        // Whether the client took part makes no difference any more.
        let _ = timeout(GOODBYE, goodbye).await;
    }
}

impl End {
    fn of(error: &Error) -> Self {
        match error {
            Error::Capacity(_) => Self::TooLarge,
            Error::Protocol(_) | Error::Utf8(_) | Error::AttackAttempt => Self::Protocol,
            Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Io(_)
            | Error::Tls(_)
            | Error::WriteBufferFull(_)
            | Error::Url(_)
            | Error::Http(_)
            | Error::HttpFormat(_) => Self::Left,
        }
    }

    /// What the client is told; nothing when it closed by itself.
    fn close(self) -> Option<(CloseCode, &'static str)> {
        match self {
            Self::Left => None,
            Self::Closing => Some((CloseCode::Restart, "the daemon restarts")),
            Self::Stalled => Some((CloseCode::Library(4308), "nothing was read")),
            Self::Silent => Some((CloseCode::Library(4309), "no sign of life for three heartbeats")),
            Self::Flooding => Some((CloseCode::Policy, "too many messages")),
            Self::TooLarge => Some((CloseCode::Size, "the message is too large")),
            Self::Protocol => Some((CloseCode::Protocol, "not the WebSocket protocol")),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.close().map_or("it left", |(_, reason)| reason))
    }
}

fn text(message: &impl Serialize) -> Message {
    Message::text(serde_json::to_string(message).expect("wire objects have string keys only"))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
