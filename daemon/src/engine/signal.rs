//! One-way switches between the engine's parts.

use tokio::sync::watch;

/// Waits until a switch is on. A switch whose owner is gone counts as on: there is nothing left to wait for.
pub(super) async fn raised(signal: &mut watch::Receiver<bool>) {
    signal.wait_for(|on| *on).await.map(drop).unwrap_or_default();
}
