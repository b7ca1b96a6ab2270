//! The coordinator against a daemon that does what the test says: cut, stall, gap, repeat, restart, forget.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod following;
mod gaps;
mod handing_in;
mod peer;
mod polling;
mod recalling;
mod resuming;
mod server;

use orderd_sdk::client::{Coordinator, Counts, Phase};
use server::PATIENCE;
use tokio::time::timeout;

/// Waits for what has to happen.
async fn soon<T>(happens: impl Future<Output = T>) -> T {
    timeout(PATIENCE, happens).await.expect("it happens")
}

/// Waits until the cache holds exactly these orders at these events.
async fn holds(coordinator: &Coordinator, expected: &[(&str, u64)]) {
    let mut changes = coordinator.cache().changes();
    let held = || -> Vec<(String, u64)> {
        coordinator.cache().orders().iter().map(|held| (held.id.clone(), held.seq)).collect()
    };
    let expected: Vec<_> = expected.iter().map(|(id, seq)| ((*id).to_owned(), *seq)).collect();
    while held() != expected {
        let changed = timeout(PATIENCE, changes.next()).await;
        changed.unwrap_or_else(|_| panic!("{expected:?} expected, {:?} held", held()));
    }
}

/// Waits until the coordinator stands so.
async fn stands(coordinator: &Coordinator, phase: Phase) {
    let waited = timeout(PATIENCE, coordinator.wait_for(phase)).await;
    waited.unwrap_or_else(|_| panic!("{phase:?} expected, {:?}", coordinator.link()));
}

/// What is counted apart from messages and bytes.
fn counts(coordinator: &Coordinator) -> Counts {
    Counts { messages: 0, bytes: 0, ..coordinator.counts() }
}
