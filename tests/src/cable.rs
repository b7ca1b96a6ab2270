//! A bad line between clients and a daemon: a TCP proxy that cuts connections in the middle of a byte stream, stalls and
//! throttles them, by chance and repeatably. What it leads to may change, so that clients keep one address while daemons
//! come and go.

use crate::dice::Dice;
use anyhow::{Context as _, Result};
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};

/// Connections at one time; more wait to be accepted.
const MAX_CONNECTIONS: usize = 128;
/// Bytes that are taken at once.
const CHUNK: usize = 16 * 1024;
/// What the system may hold for a line that stalls, so that the daemon notices soon.
const WINDOW: u32 = 16 * 1024;
/// The longest that a daemon may take to accept.
const PATIENCE: Duration = Duration::from_secs(5);

/// What may happen to a connection. Bytes are those from the daemon to the client.
#[derive(Clone, Copy, Debug, Default)]
pub struct Habits {
    /// It is cut after at most so many bytes, at any one of them.
    pub cut_within: Option<u64>,
    /// Nothing passes for at most so long, again and again.
    pub stall: Option<Stall>,
    /// At most so many bytes pass at once, with a short pause.
    pub throttle: Option<u64>,
}

/// How a line stalls.
#[derive(Clone, Copy, Debug)]
pub struct Stall {
    /// After at most so many bytes each time.
    pub every: u64,
    /// For so long at most.
    pub longest: Duration,
}

/// The proxy. Dropping it ends it.
#[derive(Debug)]
pub struct Cable {
    address: SocketAddr,
    shared: Arc<Shared>,
    _listening: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    seed: u64,
    cuts: AtomicU64,
    stalls: AtomicU64,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    daemon: Option<SocketAddr>,
    habits: Habits,
    connections: u64,
}

impl Cable {
    /// A line that leads nowhere yet.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn new(seed: u64, habits: Habits) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = Mutex::new(State { habits, ..State::default() });
        let shared = Arc::new(Shared { state, seed, cuts: AtomicU64::new(0), stalls: AtomicU64::new(0) });
        let mut listening = JoinSet::new();
        listening.spawn(listen(listener, shared.clone()));
        Ok(Self { address, shared, _listening: listening })
    }

    /// Its address, to be used in place of the daemon's.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// New connections lead to this daemon.
    ///
    /// # Errors
    /// When the address is none.
    pub fn lead_to(&self, daemon_url: &str) -> Result<()> {
        let address = daemon_url.strip_prefix("http://").context("an address over HTTP")?.parse()?;
        self.shared.state().daemon = Some(address);
        Ok(())
    }

    /// From now on nothing happens to connections, old ones included.
    pub fn be_good(&self) {
        self.shared.state().habits = Habits::default();
    }

    /// How often it has cut a connection, and stalled one.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.shared.cuts.load(Ordering::Relaxed), self.shared.stalls.load(Ordering::Relaxed))
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the next connection leads, and what chance has in store for it.
    fn next(&self) -> Option<(SocketAddr, Dice)> {
        let mut state = self.state();
        state.connections += 1;
        Some((state.daemon?, Dice::new(self.seed ^ state.connections.rotate_left(32))))
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => {
                if let Ok((client, _)) = accepted {
                    connections.spawn(lead(client, shared.clone()));
                }
            }
            Some(_ended) = connections.join_next() => {}
        }
    }
}

/// Serves one connection. However it ends, it is a reset for both sides.
async fn lead(client: TcpStream, shared: Arc<Shared>) {
    let Some((daemon, dice)) = shared.next() else {
        return;
    };
    // An error is a side that has left, which ends the other as well.
    if let Ok(Ok(daemon)) = timeout(PATIENCE, reach(daemon, &client)).await {
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_daemon, mut to_daemon) = daemon.into_split();
        let mut trouble = Trouble { shared, dice };
        tokio::select! {
            _ = tokio::io::copy(&mut from_client, &mut to_daemon) => {}
            _ = trouble.carry(&mut from_daemon, &mut to_client) => {}
        }
    }
}

async fn reach(daemon: SocketAddr, client: &TcpStream) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(WINDOW)?;
    let daemon = socket.connect(daemon).await?;
    for side in [client, &daemon] {
        side.set_nodelay(true)?;
        side.set_zero_linger()?;
    }
    Ok(daemon)
}

/// What happens to the bytes of one connection.
struct Trouble {
    shared: Arc<Shared>,
    dice: Dice,
}

impl Trouble {
    async fn carry(
        &mut self,
        from: &mut (impl tokio::io::AsyncRead + Unpin),
        to: &mut (impl tokio::io::AsyncWrite + Unpin),
    ) -> std::io::Result<()> {
        let habits = self.shared.state().habits;
        let mut until_cut = habits.cut_within.map_or(u64::MAX, |most| 1 + self.dice.roll(most));
        let mut until_stall = self.until_stall(habits);
        let mut chunk = vec![0; CHUNK];
        loop {
            let habits = self.shared.state().habits;
            if habits.cut_within.is_none() {
                until_cut = u64::MAX;
            }
            let most = habits.throttle.unwrap_or(u64::MAX).min(until_cut).min(until_stall.max(1));
            let most = usize::try_from(most).map_or(CHUNK, |most| most.min(CHUNK));
            let count = from.read(&mut chunk[..most]).await?;
            if count == 0 {
                return to.shutdown().await;
            }
            to.write_all(&chunk[..count]).await?;
            until_cut -= count as u64;
            until_stall = until_stall.saturating_sub(count as u64);
            if until_cut == 0 {
                self.shared.cuts.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
            if habits.throttle.is_some() {
                sleep(Duration::from_millis(1)).await;
            }
            if until_stall == 0 {
                self.stall(habits).await;
                until_stall = self.until_stall(habits);
            }
        }
    }

    fn until_stall(&mut self, habits: Habits) -> u64 {
        habits.stall.map_or(u64::MAX, |stall| 1 + self.dice.roll(stall.every))
    }

    async fn stall(&mut self, habits: Habits) {
        if let Some(Stall { longest, .. }) = habits.stall {
            self.shared.stalls.fetch_add(1, Ordering::Relaxed);
            let most = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX).max(1);
            sleep(Duration::from_millis(self.dice.roll(most))).await;
        }
    }
}
