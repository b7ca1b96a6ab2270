//! Wakes one connection, and tells it which of its subscriptions there is news for.

use futures_util::task::AtomicWaker;
use std::{
    future::poll_fn,
    sync::atomic::{AtomicU64, Ordering},
    task::Poll,
};

/// One connection's bell. Whoever has news rings with the bit of the subscription; ringing again before the
/// connection has looked costs next to nothing.
#[derive(Debug, Default)]
pub struct Bell {
    rung: AtomicU64,
    waker: AtomicWaker,
}

impl Bell {
    /// There is news for the subscriptions of these bits.
    pub fn ring(&self, bits: u64) {
        if self.rung.fetch_or(bits, Ordering::AcqRel) & bits != bits {
            self.waker.wake();
        }
    }

    /// Whose news are waiting.
    #[must_use]
    pub fn peek(&self) -> u64 {
        self.rung.load(Ordering::Acquire)
    }

    /// Waits for news; tells whose, and forgets it. One task at a time may wait. Cancelling it loses nothing.
    pub async fn rung(&self) -> u64 {
        poll_fn(|context| {
            self.waker.register(context.waker());
            match self.rung.swap(0, Ordering::AcqRel) {
                0 => Poll::Pending,
                bits => Poll::Ready(bits),
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn news_wake_whoever_waits() {
        let bell = Bell::default();
        let (rung, ()) = tokio::join!(bell.rung(), async { bell.ring(2) });
        assert_eq!(rung, 2);
    }

    #[test]
    fn what_was_rung_before_is_not_lost() {
        let bell = Bell::default();
        assert!(bell.rung().now_or_never().is_none());
        bell.ring(1);
        bell.ring(4);
        assert_eq!(bell.rung().now_or_never(), Some(5));
        assert!(bell.rung().now_or_never().is_none());
    }
}
