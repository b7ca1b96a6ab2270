//! The socket: how it is opened, and what goes in and out. Nothing here waits for a daemon that does not take what it is
//! told: that stays in an outbox while reading goes on.

use super::link::Why;
use crate::{
    client::{Client, ClientError},
    wire::{ClientMessage, Problem},
};
use futures_util::{FutureExt as _, Sink as _, Stream as _};
use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, Error, Message, Utf8Bytes, client::IntoClientRequest as _, protocol::WebSocketConfig,
    },
};

const PATH: &str = "/api/stream";
/// The largest message that is read: a page of 100 orders is far smaller.
const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;
/// How long a farewell may take.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);
/// What a connection that ends without a close frame has.
const NO_CLOSE_CODE: u16 = 1005;

/// An open socket.
#[derive(Debug)]
pub(super) struct Socket {
    stream: WebSocketStream<TcpStream>,
    /// Bounded by what a session says within a heartbeat, and by the heartbeats without an answer that it survives.
    outbox: VecDeque<ClientMessage>,
    outgoing: Outgoing,
}

#[derive(Debug, PartialEq, Eq)]
enum Outgoing {
    Sent,
    Buffered,
}

/// What came in.
#[derive(Debug)]
pub(super) enum Heard {
    /// A message.
    Text(Utf8Bytes),
    /// A sign of life without a meaning of its own.
    Sign,
    /// Nothing more will come.
    End(Why),
}

/// Why a socket could not be opened.
#[derive(Debug)]
pub(super) enum DialError {
    /// It may be different the next time.
    Passing(Why),
    /// It will be the same the next time.
    Lasting(Why),
}

/// Opens the stream of this daemon.
pub(super) async fn dial(client: &Client) -> Result<Socket, DialError> {
    let tcp = client.connect().await.map_err(|error| DialError::Passing(unreachable(&error)))?;
    let mut request = client.stream_url(PATH).into_client_request().expect("the authority comes from a URL");
    request.headers_mut().extend(client.headers());
    let config = WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE_BYTES));
    let handshake = client_async_with_config(request, tcp, Some(config));
    match timeout(client.connect_patience(), handshake).await {
        Ok(Ok((stream, _))) => Ok(Socket { stream, outbox: VecDeque::new(), outgoing: Outgoing::Sent }),
        Ok(Err(Error::Http(reply))) => Err(refused(reply.status().as_u16(), reply.body().as_deref())),
        Ok(Err(error)) => Err(DialError::Passing(Why::Broken(error.to_string().into()))),
        Err(_late) => Err(DialError::Passing(Why::Unreachable("no handshake in time".into()))),
    }
}

/// In one line, with what the system said.
pub(super) fn unreachable(error: &ClientError) -> Why {
    match error {
        ClientError::Unreachable { source, .. } => Why::Unreachable(format!("{error}: {source}").into()),
        ClientError::Problem(problem) => {
            Why::Refused { code: problem.code.as_str().into(), detail: problem.detail.as_str().into() }
        }
        ClientError::Unanswered(_) | ClientError::InvalidIdempotencyKey | ClientError::Protocol(_) => {
            Why::Unreachable(error.to_string().into())
        }
    }
}

fn refused(status: u16, body: Option<&[u8]>) -> DialError {
    let problem = body.and_then(|body| serde_json::from_slice::<Problem>(body).ok());
    let why = match problem {
        Some(problem) => Why::Refused { code: problem.code.into(), detail: problem.detail.into() },
        None => Why::Refused { code: "not-upgraded".into(), detail: format!("status {status}").into() },
    };
    match status {
        401 | 403 => DialError::Lasting(why),
        _ => DialError::Passing(why),
    }
}

impl Socket {
    /// Has the daemon told something, as soon as it takes it.
    pub(super) fn say(&mut self, message: ClientMessage) {
        self.outbox.push_back(message);
    }

    /// Waits for what comes in, while what waits goes out. Nothing is lost when it is dropped before it is done.
    pub(super) async fn next(&mut self) -> Heard {
        poll_fn(|context| self.poll(context)).await
    }

    /// What has come in already.
    pub(super) fn ready(&mut self) -> Option<Heard> {
        self.next().now_or_never()
    }

    /// Says farewell, and does not wait long for the answer.
    pub(super) async fn close(mut self) {
        let _ = timeout(CLOSE_PATIENCE, self.stream.close(None)).await;
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Heard> {
        if let Poll::Ready(Err(error)) = self.poll_send(context) {
            return Poll::Ready(Heard::End(broken(&error)));
        }
        Pin::new(&mut self.stream).poll_next(context).map(|message| match message {
            Some(Ok(message)) => heard(message),
            Some(Err(error)) => Heard::End(broken(&error)),
            None => Heard::End(Why::Broken("the end of the stream".into())),
        })
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<tungstenite::Result<()>> {
        while !self.outbox.is_empty() {
            std::task::ready!(Pin::new(&mut self.stream).poll_ready(context))?;
            if let Some(message) = self.outbox.pop_front() {
                let text = serde_json::to_string(&message).expect("a message has string keys only");
                Pin::new(&mut self.stream).start_send(Message::text(text))?;
                self.outgoing = Outgoing::Buffered;
            }
        }
        if self.outgoing == Outgoing::Buffered {
            std::task::ready!(Pin::new(&mut self.stream).poll_flush(context))?;
            self.outgoing = Outgoing::Sent;
        }
        Poll::Ready(Ok(()))
    }
}

fn heard(message: Message) -> Heard {
    match message {
        Message::Text(text) => Heard::Text(text),
        Message::Close(frame) => {
            let (code, reason) = frame.map_or((NO_CLOSE_CODE, "".into()), |frame| {
                (frame.code.into(), frame.reason.as_str().into())
            });
            Heard::End(Why::Closed { code, reason })
        }
        Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_) => Heard::Sign,
    }
}

fn broken(error: &Error) -> Why {
    Why::Broken(error.to_string().into())
}
