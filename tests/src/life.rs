//! An order's life as its WebSocket tells it.

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::StreamExt as _;
use orderd_sdk::wire::{Connection, OrderMessage, OrderStatus, Subscribed};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, protocol::CloseFrame},
};

/// How long a stream may be silent, heartbeats apart, before a test gives up. Pings are no sign of progress.
const PATIENCE: Duration = Duration::from_secs(60);

/// An event is missing, repeated or out of order.
#[derive(Debug, thiserror::Error)]
#[error("event {expected} was expected, {came} came")]
pub struct Gap {
    /// The number that was next.
    pub expected: u64,
    /// The number that came.
    pub came: u64,
}

/// A WebSocket on one order.
pub struct Life {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The first message.
    pub connection: Connection,
    /// The second message.
    pub subscribed: Subscribed,
    told: Vec<OrderMessage>,
}

impl Life {
    /// Follows an order from its first event on.
    ///
    /// # Errors
    /// When the daemon refuses, or begins in another way than it should.
    pub async fn follow(daemon_url: &str, order: &str) -> Result<Self> {
        let url = format!("{}/api/orders/status/{order}", daemon_url.replacen("http", "ws", 1));
        let (mut socket, _) = connect_async(url).await?;
        let connection = read(&text(&mut socket).await?)?;
        let subscribed = read(&text(&mut socket).await?)?;
        Ok(Self { socket, connection, subscribed, told: Vec::new() })
    }

    /// The next event. Checks that no event is missing, repeated or out of order.
    ///
    /// # Errors
    /// When the stream ends, or with [`Gap`].
    pub async fn next(&mut self) -> Result<&OrderMessage> {
        let event = timeout(PATIENCE, event(&mut self.socket)).await;
        let message = event.with_context(|| format!("nothing follows {:?}", self.stages()))??;
        let expected = self.told.last().map_or(1, |last| last.seq + 1);
        ensure!(message.seq == expected, Gap { expected, came: message.seq });
        ensure!(message.order.seq == message.seq, "the order is of event {}", message.order.seq);
        ensure!(message.order.status == message.kind, "{} carries {}", message.kind, message.order.status);
        self.told.push(message);
        Ok(&self.told[self.told.len() - 1])
    }

    /// Reads on until an event of this kind.
    ///
    /// # Errors
    /// As [`Life::next`].
    pub async fn until(&mut self, kind: OrderStatus) -> Result<&OrderMessage> {
        self.until_any(&[kind]).await
    }

    /// Reads on until an event of one of these kinds.
    ///
    /// # Errors
    /// As [`Life::next`].
    pub async fn until_any(&mut self, kinds: &[OrderStatus]) -> Result<&OrderMessage> {
        while !kinds.contains(&self.next().await?.kind) {}
        Ok(&self.told[self.told.len() - 1])
    }

    /// Reads on until an event of this stage.
    ///
    /// # Errors
    /// As [`Life::next`].
    pub async fn until_stage(&mut self, stage: &str) -> Result<&OrderMessage> {
        while self.next().await?.fields.stage.as_deref() != Some(stage) {}
        Ok(&self.told[self.told.len() - 1])
    }

    /// Every event so far.
    #[must_use]
    pub fn told(&self) -> &[OrderMessage] {
        &self.told
    }

    /// Every event so far by its type, and its stage where it has one.
    #[must_use]
    pub fn stages(&self) -> Vec<String> {
        let stage = |message: &OrderMessage| match &message.fields.stage {
            Some(stage) => format!("{}:{stage}", message.kind),
            None => message.kind.to_string(),
        };
        self.told.iter().map(stage).collect()
    }

    /// Reads until the daemon closes the stream, and says how.
    ///
    /// # Errors
    /// When it ends without a word.
    pub async fn closed(mut self) -> Result<(Vec<String>, CloseFrame)> {
        let mut last_words = Vec::new();
        loop {
            match timeout(PATIENCE, self.socket.next())
                .await?
                .context("the stream ended without closing")??
            {
                Message::Text(text) => last_words.push(text.to_string()),
                Message::Close(Some(frame)) => return Ok((last_words, frame)),
                Message::Close(None) => bail!("closed without a reason"),
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }
}

async fn event(socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>) -> Result<OrderMessage> {
    loop {
        let text = text(socket).await?;
        if !text.starts_with(r#"{"type":"ping""#) {
            return read(&text);
        }
    }
}

async fn text(socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>) -> Result<String> {
    loop {
        match timeout(PATIENCE, socket.next())
            .await
            .context("the stream is silent")?
            .context("the stream ended")??
        {
            Message::Text(text) => return Ok(text.to_string()),
            Message::Close(frame) => bail!("the daemon closed the stream: {frame:?}"),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).with_context(|| format!("cannot read {text}"))
}
