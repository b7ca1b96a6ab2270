//! Clients that come back: they follow orders over a line that breaks, resume where they left off, and take down all that
//! they hear.

mod path;
mod position;

pub use path::follow_paths;
pub use position::{Followed, Resume};

use crate::{
    checker::{Heard, Log, Target},
    http::Http,
};
use anyhow::{Context as _, Result, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use orderd_sdk::wire::{ClientMessage, OrderChanges, Signal};
use std::time::Duration;
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{interval, sleep, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, protocol::frame::coding::CloseCode},
};

/// How long a client waits before it tries again.
const PAUSE: Duration = Duration::from_millis(20);
/// How long it waits for a handshake.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it may take to have everything, once nothing more happens.
const LATEST: Duration = Duration::from_secs(20);
/// How often it asks how far it is, once nothing more happens.
const ASKING: Duration = Duration::from_millis(50);

/// What clients know of the run they are in.
#[derive(Clone, Debug, Default)]
pub struct Tide {
    /// Ids of orders that were accepted.
    pub orders: Vec<String>,
    /// The cursor of the last event, once nothing more happens.
    pub top: Option<u64>,
}

/// What a client does between two connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// It comes back at once.
    None,
    /// It asks for what has changed, every second time.
    Polls,
    /// It stays away until so many more orders were accepted.
    Orders(usize),
}

/// A client of `/api/stream`.
#[derive(Debug)]
pub struct Follower {
    url: String,
    followed: Vec<Followed>,
    absence: Absence,
    log: Log,
    epoch: String,
    connections: usize,
}

impl Follower {
    /// A client that follows this, at this address.
    #[must_use]
    pub fn new(url: &str, log: Log, followed: Vec<Followed>, absence: Absence) -> Self {
        Self { url: url.to_owned(), followed, absence, log, epoch: String::new(), connections: 0 }
    }

    /// Follows until it has everything up to the last event, or that takes too long; gives its record.
    ///
    /// # Errors
    /// When the daemon answers in a way that nobody can go on from.
    pub async fn run(mut self, tide: watch::Receiver<Tide>) -> Result<Log> {
        let too_late = too_late(tide.clone());
        tokio::select! {
            followed = self.follow(tide) => followed?,
            () = too_late => {}
        }
        Ok(self.log)
    }

    async fn follow(&mut self, mut tide: watch::Receiver<Tide>) -> Result<()> {
        loop {
            if let Some(mut socket) = connect(&self.url, "/api/stream").await {
                self.connections += 1;
                self.log.connected(Target::Stream);
                if self.listen(&mut socket, &mut tide).await {
                    socket.close(None).await.ok();
                    return Ok(());
                }
            }
            sleep(PAUSE).await;
            self.stay_away(&mut tide).await?;
        }
    }

    async fn stay_away(&mut self, tide: &mut watch::Receiver<Tide>) -> Result<()> {
        match self.absence {
            Absence::Polls if self.connections.is_multiple_of(2) => self.poll().await,
            Absence::Orders(more) => {
                let now = tide.borrow().orders.len();
                let is_time = |tide: &Tide| tide.top.is_some() || tide.orders.len() >= now + more;
                tide.wait_for(is_time).await.context("the run has ended").map(|_| ())
            }
            Absence::None | Absence::Polls => Ok(()),
        }
    }

    /// Asks for what has changed, as far as the daemon can be reached.
    async fn poll(&mut self) -> Result<()> {
        let http = Http::new(&self.url);
        while let Some(since) = self.followed[0].cursor() {
            let path = format!("/api/orders?since={since}&epoch={}&limit=200", self.epoch);
            let Ok(reply) = http.get(&path).await else {
                return Ok(());
            };
            // Too long away: the socket will say the same, and show how things stand. A reply that was cut has no body.
            let Ok(page) = serde_json::from_value::<OrderChanges>(reply.body.clone()) else {
                let is_cut =
                    reply.body.is_null() || reply.status.is_server_error() || reply.code() == "cursor-gone";
                ensure!(is_cut, "{}: {}", reply.status, reply.body);
                return Ok(());
            };
            let (cursor, more) = (page.cursor, page.more);
            self.log.polled(since, page);
            self.followed[0].go_on_after(cursor);
            if !more {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Listens until the connection ends; tells whether everything has come.
    async fn listen(&mut self, socket: &mut Socket, tide: &mut watch::Receiver<Tide>) -> bool {
        let mut asking = interval(ASKING);
        loop {
            let top = tide.borrow_and_update().top;
            let message = tokio::select! {
                message = socket.next() => message,
                _ = asking.tick(), if top.is_some() => {
                    if !self.say(socket, &ClientMessage::Ping).await {
                        return false;
                    }
                    continue;
                }
                _ = tide.changed() => continue,
            };
            let Some(text) = text(message, &mut self.log) else {
                return false;
            };
            let Some(text) = text else { continue };
            let heard = self.log.heard(&text);
            let is_alone = self.followed.len() == 1;
            self.followed.iter_mut().for_each(|followed| followed.has_heard(&heard, is_alone));
            if let Heard::Connection(connection) = &heard {
                self.epoch.clone_from(&connection.epoch);
                if !self.subscribe(socket).await {
                    return false;
                }
            }
            if self.has_everything(&heard, top) {
                return true;
            }
        }
    }

    /// Whether this says that everything has come, to all that was asked for.
    fn has_everything(&self, heard: &Heard, top: Option<u64>) -> bool {
        let (Heard::Signal(Signal::Pong { cursor, .. }), Some(top)) = (heard, top) else {
            return false;
        };
        *cursor >= top && self.followed.iter().all(Followed::is_subscribed)
    }

    async fn subscribe(&mut self, socket: &mut Socket) -> bool {
        for index in 0..self.followed.len() {
            let wish = ClientMessage::Subscribe(self.followed[index].ask(&self.epoch));
            if !self.say(socket, &wish).await {
                return false;
            }
        }
        true
    }

    async fn say(&mut self, socket: &mut Socket, message: &ClientMessage) -> bool {
        say(socket, &mut self.log, message).await
    }
}

/// Returns when a client should have everything by now.
async fn too_late(mut tide: watch::Receiver<Tide>) {
    // Without an end of the run there is no end of the client.
    tide.wait_for(|tide| tide.top.is_some()).await.ok();
    sleep(LATEST).await;
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(url: &str, path: &str) -> Option<Socket> {
    let url = format!("{}{path}", url.replacen("http", "ws", 1));
    timeout(PATIENCE, connect_async(url)).await.ok()?.ok().map(|(socket, _)| socket)
}

/// Says something, and takes it down; tells whether the connection is still there.
async fn say(socket: &mut Socket, log: &mut Log, message: &ClientMessage) -> bool {
    let Ok(text) = serde_json::to_string(message) else {
        return false;
    };
    log.said(&text);
    socket.send(Message::text(text)).await.is_ok()
}

/// The text that came, if it is one; none of both when the connection has ended.
#[expect(
    clippy::option_option,
    reason = "the end of a connection is one thing, a message without text another"
)]
fn text(
    message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
    log: &mut Log,
) -> Option<Option<String>> {
    match message?.ok()? {
        Message::Text(text) => Some(Some(text.to_string())),
        Message::Close(frame) => {
            log.closed(frame.map_or(u16::from(CloseCode::Status), |frame| frame.code.into()));
            None
        }
        Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Some(None),
    }
}
