//! Clients that show every byte: HTTP/1 and WebSocket over a socket.

use crate::contract::{assert_described, assert_message};
use futures_util::StreamExt;
use hyper_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{Role, frame::coding::CloseCode},
    },
};
use serde_json::Value;
use std::{collections::BTreeMap, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Only a broken daemon makes a test wait so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Fails the test when something never happens.
pub(crate) async fn soon<T>(event: impl Future<Output = T>) -> T {
    timeout(PATIENCE, event).await.expect("it happens")
}

/// An HTTP/1 connection.
pub(crate) struct Http {
    pub(crate) socket: TcpStream,
    unread: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Status and code of a problem, which it has to be.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        (self.status, problem["code"].as_str().unwrap().to_owned())
    }
}

impl Http {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }

    pub(crate) fn over(socket: TcpStream) -> Self {
        let unread = Vec::new();
        Self { socket, unread }
    }

    /// After the reply to the handshake.
    pub(crate) async fn into_websocket(self) -> Ws {
        let Self { socket, unread } = self;
        Ws(WebSocketStream::from_partially_read(socket, unread, Role::Client, None).await)
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.socket.write_all(bytes.as_ref()).await.unwrap();
    }

    pub(crate) async fn reply(&mut self) -> Reply {
        self.reply_to("GET").await
    }

    /// Reads a reply; that to a HEAD has no body.
    pub(crate) async fn reply_to(&mut self, method: &str) -> Reply {
        let head_end = loop {
            match self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(end) => break end,
                None => assert!(self.fill().await, "a reply, not {:?}", self.unread),
            }
        };
        let head: Vec<u8> = self.unread.drain(..head_end + 4).collect();
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: BTreeMap<String, String> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length = match (method, headers.get("content-length")) {
            ("HEAD", _) | (_, None) => 0,
            (_, Some(length)) => length.parse().unwrap(),
        };
        while self.unread.len() < length {
            assert!(self.fill().await, "a whole body");
        }
        let body = self.unread.drain(..length).collect();
        Reply { status, headers, body }
    }

    /// Waits until the daemon has closed the connection.
    pub(crate) async fn ended(&mut self) {
        while self.fill().await {}
        assert!(self.unread.is_empty(), "{:?}", String::from_utf8_lossy(&self.unread));
    }

    async fn fill(&mut self) -> bool {
        let read = soon(self.socket.read_buf(&mut self.unread)).await;
        read.unwrap_or(0) > 0
    }
}

/// A WebSocket client.
pub(crate) struct Ws(pub(crate) WebSocketStream<TcpStream>);

impl Ws {
    /// Asks for a WebSocket; gives the daemon's refusal otherwise.
    pub(crate) async fn open(address: SocketAddr, path: &str) -> Result<Self, Reply> {
        let mut http = Http::connect(address).await;
        let request = upgrade(path);
        http.send(&request).await;
        let reply = http.reply().await;
        assert_described(request.as_bytes(), &reply);
        match reply.status {
            101 => Ok(http.into_websocket().await),
            _ => Err(reply),
        }
    }

    /// The next text; pings of the WebSocket are answered on the way.
    pub(crate) async fn text(&mut self) -> String {
        loop {
            let message = soon(self.0.next()).await.expect("open").expect("intact");
            if let Message::Text(text) = message {
                assert_message(&text);
                return text.as_str().to_owned();
            }
            assert!(message.is_ping(), "a text, not {message:?}");
        }
    }

    pub(crate) async fn json(&mut self) -> Value {
        serde_json::from_str(&self.text().await).unwrap()
    }

    /// The `seq` of the next event. On a busy machine signs of life come in between.
    pub(crate) async fn seq(&mut self) -> u64 {
        loop {
            if let Some(seq) = self.json().await["seq"].as_u64() {
                return seq;
            }
        }
    }

    /// Reads over the two greetings.
    pub(crate) async fn greeted(mut self) -> Self {
        assert_eq!(self.json().await["type"], "connection");
        assert_eq!(self.json().await["type"], "subscribed");
        self
    }

    /// The `seq` of every event up to this one.
    pub(crate) async fn seqs_up_to(&mut self, last: u64) -> Vec<u64> {
        let mut seqs = Vec::new();
        while seqs.last() != Some(&last) {
            seqs.push(self.json().await["seq"].as_u64().expect("an event"));
        }
        seqs
    }

    /// How the daemon closes the connection, and the texts before that.
    pub(crate) async fn closed(&mut self) -> (CloseCode, Vec<String>) {
        let mut texts = Vec::new();
        loop {
            let message = soon(self.0.next()).await.expect("a close frame").expect("intact");
            if let Message::Close(frame) = message {
                return (frame.unwrap().code, texts);
            } else if let Message::Text(text) = message {
                assert_message(&text);
                texts.push(text.as_str().to_owned());
            }
        }
    }
}

pub(crate) fn upgrade(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
}
