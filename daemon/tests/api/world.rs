//! A running interface on a free port.

use crate::{
    contract::assert_described,
    desk::MemoryDesk,
    wire::{Http, Reply, Ws, soon},
};
use orderd::{
    api::{ApiSettings, ApiState, serve},
    engine::Desk,
    order::OrderId,
    stats::Stats,
    stream::Hub,
    telemetry::spawn,
};
use std::{net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

pub(crate) struct World {
    pub(crate) desk: Arc<MemoryDesk>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) address: SocketAddr,
    pub(crate) closing: watch::Sender<bool>,
    server: JoinHandle<usize>,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(ApiSettings::default()).await
    }

    pub(crate) async fn with(settings: ApiSettings) -> Self {
        Self::serving(settings, |state| state).await
    }

    /// With these counts.
    pub(crate) async fn counting(stats: Arc<Stats>) -> Self {
        Self::serving(ApiSettings::default(), |state| state.with_stats(stats)).await
    }

    /// With an interface that has been given more.
    pub(crate) async fn serving(settings: ApiSettings, amend: impl FnOnce(ApiState) -> ApiState) -> Self {
        let hub = Hub::new(settings.buffer, settings.buffer.messages);
        spawn("hub", Arc::clone(&hub).run());
        let desk = Arc::new(MemoryDesk::new(Arc::clone(&hub)));
        let state = amend(ApiState::new(Arc::clone(&desk) as Arc<dyn Desk>, Arc::clone(&hub), settings));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (closing, closes) = watch::channel(false);
        let server = spawn("api", serve(listener, state, closes));
        Self { desk, hub, address, closing, server }
    }

    pub(crate) async fn connect(&self) -> Http {
        Http::connect(self.address).await
    }

    /// One request on a connection of its own.
    pub(crate) async fn ask(&self, request: impl AsRef<[u8]>) -> Reply {
        let mut http = self.connect().await;
        http.send(&request).await;
        let reply = http.reply().await;
        assert_described(request.as_ref(), &reply);
        reply
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.ask(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await
    }

    pub(crate) async fn post(&self, body: &str) -> Reply {
        self.post_with("", body).await
    }

    pub(crate) async fn post_with(&self, headers: &str, body: &str) -> Reply {
        self.ask(post(headers, body)).await
    }

    /// A `POST` without a body.
    pub(crate) async fn send_post(&self, path: &str) -> Reply {
        self.ask(format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n")).await
    }

    pub(crate) async fn follow(&self, id: OrderId) -> Ws {
        self.open(&format!("/api/orders/status/{id}")).await.unwrap()
    }

    pub(crate) async fn open(&self, path: &str) -> Result<Ws, Reply> {
        Ws::open(self.address, path).await
    }

    /// Waits until nobody follows any order, asking the daemon itself.
    pub(crate) async fn unfollowed(&self) {
        let ask = async { while self.get("/health").await.json()["websocket"]["totalClients"] != 0 {} };
        soon(ask).await;
    }

    /// Waits for the end; gives the number of connections that had to be cut off.
    pub(crate) async fn ended(self) -> usize {
        soon(self.server).await.unwrap()
    }
}

pub(crate) fn post(headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /api/orders/execute HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n{headers}\r\n{body}"
    )
}
