//! What the engine's parts wait for: one-way switches, and instants.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

/// A one-way switch, off at first. Who waits is woken in the order in which they began to wait: a `watch` wakes by
/// chance, and the engine has to go the same way every time in a simulated world.
#[derive(Clone, Default)]
pub(super) struct Switch(Arc<SwitchState>);

#[derive(Default)]
struct SwitchState {
    is_on: AtomicBool,
    turned: Notify,
}

impl Switch {
    pub(super) fn turn_on(&self) {
        self.0.is_on.store(true, Ordering::Release);
        self.0.turned.notify_waiters();
    }

    pub(super) fn is_on(&self) -> bool {
        self.0.is_on.load(Ordering::Acquire)
    }

    /// Waits until it is on.
    pub(super) async fn on(&self) {
        // It hears of every turn from here on, also before it is waited for.
        let turned = self.0.turned.notified();
        if !self.is_on() {
            turned.await;
        }
    }
}

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
