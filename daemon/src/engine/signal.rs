//! What the engine's parts wait for: one-way switches, and instants.

use tokio::{sync::watch, time::Instant};

/// Waits until a switch is on. A switch whose owner is gone counts as on: there is nothing left to wait for.
pub(super) async fn raised(signal: &mut watch::Receiver<bool>) {
    signal.wait_for(|on| *on).await.map(drop).unwrap_or_default();
}

/// Waits until an instant; for ever when there is none.
pub(super) async fn until(at: Option<Instant>) {
    match at {
        // The runtime's timer goes in whole milliseconds, and has the past wait for the next one too.
        Some(at) if at <= Instant::now() => {}
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
