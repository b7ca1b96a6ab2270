//! The calls of those who operate a daemon: the queue, its clients, and what was done.

use super::{
    Client, ClientError,
    query::{actions_path, escape},
};
use crate::wire::{Actions, Clients, Disconnected, PauseRequest, QueueSwitched};

impl Client {
    /// Has no attempt begun any more; what was begun goes on, and orders are accepted. It holds over a restart. Whoever
    /// paused the queue first is kept, with their reason.
    ///
    /// # Errors
    /// When it could not be written down, so that it holds until the daemon ends only, or the call failed.
    pub async fn pause(&self, request: &PauseRequest) -> Result<QueueSwitched, ClientError> {
        let body = serde_json::to_vec(request).expect("a request has string keys only");
        self.post("/api/queue/pause", body).await
    }

    /// Has attempts begun again. It holds over a restart.
    ///
    /// # Errors
    /// When it could not be written down, so that the queue is still paused, or the call failed.
    pub async fn resume(&self) -> Result<QueueSwitched, ClientError> {
        self.post("/api/queue/resume", Vec::new()).await
    }

    /// What operators and clients had done, newest first: at most `limit`, 1 to 1000, or the daemon's default; only what
    /// came before the action of number `before`.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn actions(&self, limit: Option<u32>, before: Option<u64>) -> Result<Actions, ClientError> {
        self.get(&actions_path(limit, before)).await
    }

    /// Who is connected by WebSocket, the most behind first: at most `limit`, 1 to 1000, or the daemon's default.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn clients(&self, limit: Option<u32>) -> Result<Clients, ClientError> {
        let query = limit.map(|limit| format!("?limit={limit}")).unwrap_or_default();
        self.get(&format!("/api/clients{query}")).await
    }

    /// Has a client leave: its connection is told to close, and not to come back by itself.
    ///
    /// # Errors
    /// When there is no such client, or the call failed.
    pub async fn disconnect_client(&self, id: &str) -> Result<Disconnected, ClientError> {
        self.post(&format!("/api/clients/{}/disconnect", escape(id)), Vec::new()).await
    }
}
