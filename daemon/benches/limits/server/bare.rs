//! The reference: tungstenite and a broadcast channel, and nothing else. One task per connection sends what the
//! channel has, as many at once as are there, through buffers of the size of the daemon's.

use super::{Server, script::Script};
use futures_util::{SinkExt, StreamExt};
use orderd::order::messages;
use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::broadcast,
};
use tokio_tungstenite::{
    WebSocketStream, accept_async_with_config,
    tungstenite::{Error, Message, Utf8Bytes, protocol::WebSocketConfig},
};

const READ_BUFFER_BYTES: usize = 4 * 1024;
const WRITE_BUFFER_BYTES: usize = 16 * 1024;
/// More than any scenario publishes at once: nobody lags.
const CHANNEL_EVENTS: usize = 4096;
const MAX_BATCH: usize = 64;

pub(super) struct Bare {
    script: Script,
    feed: Feed,
    prepared: VecDeque<Utf8Bytes>,
}

#[derive(Clone)]
struct Feed {
    events: broadcast::Sender<Utf8Bytes>,
    cursor: Arc<AtomicU64>,
}

impl Bare {
    pub(super) fn start(runtime: &Handle, listener: TcpListener, script: Script) -> Self {
        let events = broadcast::Sender::new(CHANNEL_EVENTS);
        let feed = Feed { events, cursor: Arc::new(script.cursor().into()) };
        spawn(runtime, accept(runtime.clone(), listener, feed.clone()));
        Self { script, feed, prepared: VecDeque::new() }
    }
}

impl Server for Bare {
    fn prepare(&mut self, events: usize) -> anyhow::Result<()> {
        self.prepared.clear();
        for _ in 0..events {
            let order = self.script.next()?;
            let message = messages(&order, order.seq()).pop();
            self.prepared.push_back(serde_json::to_string(&message)?.into());
        }
        Ok(())
    }

    fn publish(&mut self) {
        if let Some(message) = self.prepared.pop_front() {
            self.feed.cursor.fetch_add(1, Ordering::Relaxed);
            // An error means that nobody listens.
            let _ = self.feed.events.send(message);
        }
    }
}

async fn accept(runtime: Handle, listener: TcpListener, feed: Feed) {
    while let Ok((socket, _)) = listener.accept().await {
        let feed = feed.clone();
        spawn(&runtime, async move {
            // It ends when its client goes.
            let _ = session(socket, feed).await;
        });
    }
}

async fn session(socket: TcpStream, feed: Feed) -> Result<(), Error> {
    socket.set_nodelay(true)?;
    let config =
        WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES).write_buffer_size(WRITE_BUFFER_BYTES);
    let mut socket = accept_async_with_config(socket, Some(config)).await?;
    let mut events = feed.events.subscribe();
    let cursor = feed.cursor.load(Ordering::Relaxed);
    let greeting = format!(r#"{{"type":"subscribed","cursor":{cursor}}}"#);
    socket.send(Message::text(greeting)).await?;
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Ok(event) => send(&mut socket, event, &mut events).await?,
                Err(_) => return Ok(()),
            },
            received = socket.next() => match received {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Ok(()),
            },
        }
    }
}

async fn send(
    socket: &mut WebSocketStream<TcpStream>,
    first: Utf8Bytes,
    events: &mut broadcast::Receiver<Utf8Bytes>,
) -> Result<(), Error> {
    socket.feed(Message::Text(first)).await?;
    for _ in 1..MAX_BATCH {
        match events.try_recv() {
            Ok(event) => socket.feed(Message::Text(event)).await?,
            Err(_) => break,
        }
    }
    socket.flush().await
}

fn spawn(runtime: &Handle, task: impl Future<Output = ()> + Send + 'static) {
    drop(runtime.spawn(task));
}
