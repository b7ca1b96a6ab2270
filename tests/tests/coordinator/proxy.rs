//! A TCP proxy before the daemon that cuts, stalls and refuses sockets, as networks do. What is not a WebSocket passes.

use anyhow::{Context as _, Result};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// How many bytes tell a WebSocket from another call.
const FIRST: usize = 16;

/// What becomes of WebSockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// They pass.
    Fair,
    /// Those that are open stay open, and nothing passes any more.
    Still,
    /// Those that are open are cut, and there are no new ones.
    Foul,
}

/// The weather, and how often sockets were cut: so that none of them misses it.
type Sky = (Weather, u64);

/// The proxy. Dropping it ends it.
pub(crate) struct Proxy {
    url: String,
    weather: watch::Sender<Sky>,
    daemon: watch::Sender<SocketAddr>,
    _listening: JoinSet<()>,
}

impl Proxy {
    /// A proxy before the daemon at this URL.
    ///
    /// # Errors
    /// When the URL is none, or no port is free.
    pub(crate) async fn before(daemon: &str) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (weather, weather_seen) = watch::channel((Weather::Fair, 0));
        let (daemon, daemon_seen) = watch::channel(address(daemon)?);
        let mut listening = JoinSet::new();
        listening.spawn(listen(listener, daemon_seen, weather_seen));
        Ok(Self { url, weather, daemon, _listening: listening })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The daemon listens there now.
    ///
    /// # Errors
    /// When the URL is none.
    pub(crate) fn moved_to(&self, daemon: &str) -> Result<()> {
        self.daemon.send_replace(address(daemon)?);
        Ok(())
    }

    pub(crate) fn set(&self, weather: Weather) {
        self.weather.send_modify(|sky| sky.0 = weather);
    }

    /// Cuts the sockets that are open; new ones pass.
    pub(crate) fn cut(&self) {
        self.weather.send_modify(|sky| sky.1 += 1);
    }
}

fn address(url: &str) -> Result<SocketAddr> {
    let address = url.strip_prefix("http://").context("an http URL")?;
    Ok(address.parse()?)
}

async fn listen(listener: TcpListener, daemon: watch::Receiver<SocketAddr>, weather: watch::Receiver<Sky>) {
    let mut passing = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        passing.spawn(pass(client, *daemon.borrow(), weather.clone()));
        while passing.try_join_next().is_some() {}
    }
}

async fn pass(mut client: TcpStream, daemon: SocketAddr, mut weather: watch::Receiver<Sky>) {
    let mut first = vec![0; FIRST];
    let Ok(mut daemon) = TcpStream::connect(daemon).await else { return };
    if client.read_exact(&mut first).await.is_err() || daemon.write_all(&first).await.is_err() {
        return;
    }
    if !first.starts_with(b"GET /api/stream ") {
        let _ = copy_bidirectional(&mut client, &mut daemon).await;
        return;
    }
    let (_, cuts) = *weather.borrow();
    let is_cut = move |sky: &Sky| sky.0 == Weather::Foul || sky.1 != cuts;
    let mut turn = weather.clone();
    tokio::select! {
        _ = turn.wait_for(|sky| sky.0 != Weather::Fair || is_cut(sky)) => {}
        _ = copy_bidirectional(&mut client, &mut daemon) => return,
    }
    // Of what has stalled, bytes are lost: it never passes again.
    let _ = weather.wait_for(is_cut).await;
}
