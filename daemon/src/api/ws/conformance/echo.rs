//! The endpoint: what comes is sent back.

use super::{
    super::{End, Handover, Pipe, open::upgrade},
    client::soon,
};
use crate::{
    api::{
        ApiSettings,
        server::{accept, finish},
        state::{Closing, closed},
    },
    stream::Frame,
    telemetry::spawn,
};
use hyper_tungstenite::{
    HyperWebsocket,
    tungstenite::{Message, protocol::frame::coding::Data},
};
use std::{convert::Infallible, net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// A running endpoint on a free port of the loopback address.
pub(super) struct Echo {
    pub(super) address: SocketAddr,
    pub(super) closing: watch::Sender<bool>,
    server: JoinHandle<usize>,
}

impl Echo {
    pub(super) async fn start(settings: ApiSettings) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (closing, closes) = watch::channel(false);
        let server = spawn("echo", serve(listener, Arc::new(settings), closes));
        Self { address, closing, server }
    }

    /// Closes, and waits until the last connection is gone by itself.
    pub(super) async fn ended(self) {
        self.closing.send_replace(true);
        assert_eq!(soon(self.server).await.unwrap(), 0, "connections cut off");
    }
}

async fn serve(listener: TcpListener, settings: Arc<ApiSettings>, closing: Closing) -> usize {
    let (served, closes) = (settings.clone(), closing.clone());
    let answer = move |request, handover: Handover| {
        let (settings, closing) = (served.clone(), closes.clone());
        async move {
            match upgrade(request, &settings) {
                Ok((reply, handshake)) => {
                    handover.put(|_| converse(handshake, settings, closing));
                    reply
                }
                Err(error) => error.into_reply(),
            }
        }
    };
    let connections = accept(listener, &settings, closing, answer).await;
    finish(connections, settings.closing_grace).await
}

async fn converse(handshake: HyperWebsocket, settings: Arc<ApiSettings>, mut closing: Closing) {
    let mut pipe = Pipe::new(handshake.await.unwrap(), settings.write_stall);
    let Err(end) = echo(&mut pipe, &mut closing).await;
    pipe.say_goodbye(end, None).await;
}

async fn echo(pipe: &mut Pipe, closing: &mut Closing) -> Result<Infallible, End> {
    loop {
        pipe.flush().await?;
        let message = tokio::select! {
            () = closed(closing) => return Err(End::Closing),
            received = pipe.receive() => received?,
        };
        match message {
            Message::Text(text) => pipe.push(&Frame::of(Data::Text, text.as_bytes())),
            Message::Binary(bytes) => pipe.push(&Frame::of(Data::Binary, &bytes)),
            Message::Close(_) => return Err(End::Closed),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
}
