//! One request and its reply, over a connection of its own.

use super::{ClientError, address::Address};
use crate::wire::Problem;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{Request, Response, StatusCode, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use std::{io, pin::pin, time::Duration};
use tokio::{net::TcpStream, time::timeout};

/// The largest reply that is read: a full page of orders is far smaller.
const MAX_REPLY_BYTES: usize = 32 * 1024 * 1024;

/// What of a foreign answer is shown.
const SHOWN_BYTES: usize = 80;

/// How long to wait for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Patience {
    /// For a connection.
    pub(super) connect: Duration,
    /// For the whole reply, from then on.
    pub(super) reply: Duration,
}

/// Sends a request and reads the reply.
pub(super) async fn exchange<T: DeserializeOwned>(
    address: &Address,
    patience: Patience,
    request: Request<Full<Bytes>>,
) -> Result<T, ClientError> {
    let socket = connect(address, patience.connect).await?;
    let exchange = async {
        let (status, body) = send(socket, request).await?;
        match status.is_success() {
            true => read(&body),
            false => Err(refusal(status, &body)),
        }
    };
    match timeout(patience.reply, exchange).await {
        Ok(result) => result,
        Err(_) => Err(ClientError::Unanswered(format!("nothing within {:?}", patience.reply))),
    }
}

/// Opens a connection.
pub(super) async fn connect(address: &Address, patience: Duration) -> Result<TcpStream, ClientError> {
    let connecting = TcpStream::connect((address.host.as_str(), address.port));
    let connected = timeout(patience, connecting).await;
    let connected = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    connected.map_err(|source| ClientError::Unreachable { address: address.authority.clone(), source })
}

async fn send(socket: TcpStream, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), ClientError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.map_err(unanswered)?;
    let exchange = async {
        let reply = sender.send_request(request).await.map_err(unanswered)?;
        collect(reply).await
    };
    // The connection only moves while it is polled; it may end first, with the reply already in the buffers.
    let (mut exchange, mut connection) = (pin!(exchange), pin!(connection));
    tokio::select! {
        biased;
        reply = exchange.as_mut() => reply,
        _ = connection.as_mut() => exchange.await,
    }
}

async fn collect(reply: Response<Incoming>) -> Result<(StatusCode, Bytes), ClientError> {
    let status = reply.status();
    match Limited::new(reply.into_body(), MAX_REPLY_BYTES).collect().await {
        Ok(body) => Ok((status, body.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(ClientError::Protocol(format!("more than {MAX_REPLY_BYTES} bytes")))
        }
        Err(error) => Err(ClientError::Unanswered(error.to_string())),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ClientError> {
    serde_json::from_slice(body).map_err(|error| ClientError::Protocol(error.to_string()))
}

fn refusal(status: StatusCode, body: &[u8]) -> ClientError {
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => ClientError::Problem(Box::new(problem)),
        Err(_) => {
            let shown = String::from_utf8_lossy(&body[..body.len().min(SHOWN_BYTES)]);
            ClientError::Protocol(format!("status {}, {shown:?}", status.as_u16()))
        }
    }
}

fn unanswered(error: hyper::Error) -> ClientError {
    match error.is_parse() {
        true => ClientError::Protocol("it is not HTTP".to_owned()),
        false => ClientError::Unanswered(error.to_string()),
    }
}
