//! The bounded queue in front of the writer's thread. It wakes the thread for what somebody waits for; what is soon enough
//! lies there until the thread looks by itself, which it goes on doing for a while after everything that it has done.

use super::{Urgency, deferred::HOLD, intake::Work};
use std::{
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{Semaphore, TryAcquireError};

/// Work that waits, and the thread that sleeps while there is none.
#[derive(Debug)]
pub(super) struct Inbox {
    /// There is room for so much more.
    room: Semaphore,
    inner: Mutex<Inner>,
    news: Condvar,
}

#[derive(Debug)]
struct Inner {
    waiting: Vec<Arrived>,
    thread: Thread,
    is_open: bool,
}

/// Work, and since when it waits.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) work: Work,
    pub(super) at: Instant,
}

/// What the thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thread {
    /// It works, and looks here before it sleeps.
    Awake,
    /// It looks here within [`HOLD`].
    Dozes,
    /// It looks here when it is woken.
    Sleeps,
    /// It looks here within a moment, or as soon as so much waits.
    Gathers(usize),
}

/// Nothing is taken any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Closed;

impl Inbox {
    /// At most so much waits.
    pub(super) fn new(capacity: usize) -> Self {
        let inner = Inner { waiting: Vec::new(), thread: Thread::Awake, is_open: true };
        Self { room: Semaphore::new(capacity), inner: Mutex::new(inner), news: Condvar::new() }
    }

    /// Waits for room and puts the work there.
    ///
    /// # Errors
    /// When it was closed.
    pub(super) async fn send(&self, work: Work) -> Result<(), Closed> {
        let place = match self.room.try_acquire() {
            Ok(place) => place,
            Err(TryAcquireError::Closed) => return Err(Closed),
            Err(TryAcquireError::NoPermits) => {
                // What fills it may be nothing that the thread was woken for.
                self.wake(self.inner());
                self.room.acquire().await.map_err(|_| Closed)?
            }
        };
        let mut inner = self.inner();
        if !inner.is_open {
            return Err(Closed);
        }
        // The thread gives the place back.
        place.forget();
        let wakes = match inner.thread {
            Thread::Awake | Thread::Dozes => work.is_awaited(),
            Thread::Sleeps => true,
            Thread::Gathers(enough) => inner.waiting.len() + 1 >= enough,
        };
        inner.waiting.push(Arrived { work, at: Instant::now() });
        if wakes {
            self.wake(inner);
        }
        Ok(())
    }

    /// Moves everything that waits to `arrived`. When there is nothing, it sleeps until there is something that
    /// somebody waits for, or until `due`. False when it was closed and is empty.
    pub(super) fn receive(&self, arrived: &mut Vec<Arrived>, due: Option<Instant>) -> bool {
        let mut inner = self.inner();
        if inner.is_idle() {
            inner = self.doze(inner, due.unwrap_or_else(|| Instant::now() + HOLD));
        }
        if inner.is_idle() && due.is_none() {
            inner = self.sleep(inner);
        }
        inner.thread = Thread::Awake;
        let (count, is_open) = (inner.waiting.len(), inner.is_open);
        arrived.append(&mut inner.waiting);
        drop(inner);
        self.room.add_permits(count);
        is_open || count > 0
    }

    /// Waits until so much waits, or for so long.
    pub(super) fn gather(&self, enough: usize, longest: Duration) {
        let until = Instant::now() + longest;
        let mut inner = self.inner();
        if inner.is_open && inner.waiting.len() < enough {
            inner.thread = Thread::Gathers(enough);
            self.wait(inner, until).thread = Thread::Awake;
        }
    }

    /// Takes nothing more. What waits stays to be received.
    pub(super) fn close(&self) {
        self.room.close();
        let mut inner = self.inner();
        inner.is_open = false;
        self.wake(inner);
    }

    fn doze<'a>(&'a self, mut inner: MutexGuard<'a, Inner>, until: Instant) -> MutexGuard<'a, Inner> {
        inner.thread = Thread::Dozes;
        self.wait(inner, until)
    }

    /// Until the thread is woken, but no longer than this.
    fn wait<'a>(&'a self, mut inner: MutexGuard<'a, Inner>, until: Instant) -> MutexGuard<'a, Inner> {
        while inner.thread != Thread::Awake {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            inner = self.news.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        inner
    }

    fn sleep<'a>(&'a self, mut inner: MutexGuard<'a, Inner>) -> MutexGuard<'a, Inner> {
        inner.thread = Thread::Sleeps;
        while inner.thread == Thread::Sleeps {
            inner = self.news.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
        inner
    }

    fn wake(&self, mut inner: MutexGuard<'_, Inner>) {
        if mem::replace(&mut inner.thread, Thread::Awake) != Thread::Awake {
            drop(inner);
            self.news.notify_one();
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.is_open
    }
}

impl Work {
    /// Whether somebody waits for it.
    fn is_awaited(&self) -> bool {
        match self {
            Self::Change(pending) => pending.change.urgency == Urgency::Now,
            Self::Sweep(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        Change, Receipt,
        samples::{accepted, step},
        writer::Pending,
    };
    use futures_util::FutureExt as _;
    use std::thread;

    fn work(urgency: Urgency) -> Work {
        let change = Change { urgency, ..step(&accepted(1), 1) };
        Work::Change(Pending { change, receipt: Receipt::pending().0 })
    }

    fn put(inbox: &Inbox, urgency: Urgency) -> Option<Result<(), Closed>> {
        inbox.send(work(urgency)).now_or_never()
    }

    #[test]
    fn what_is_soon_enough_wakes_the_thread_only_when_it_would_not_look_by_itself() {
        for (thread, urgency, then) in [
            (Thread::Gathers(2), Urgency::Now, Thread::Gathers(2)),
            (Thread::Gathers(1), Urgency::Soon, Thread::Awake),
            (Thread::Dozes, Urgency::Soon, Thread::Dozes),
            (Thread::Dozes, Urgency::Now, Thread::Awake),
            (Thread::Sleeps, Urgency::Soon, Thread::Awake),
            (Thread::Sleeps, Urgency::Now, Thread::Awake),
        ] {
            let inbox = Inbox::new(4);
            inbox.inner().thread = thread;
            assert_eq!(put(&inbox, urgency), Some(Ok(())));
            assert_eq!(inbox.inner().thread, then, "{thread:?} {urgency:?}");
        }
    }

    #[test]
    fn whoever_finds_no_room_wakes_the_thread() {
        let inbox = Inbox::new(1);
        inbox.inner().thread = Thread::Dozes;
        assert_eq!(put(&inbox, Urgency::Soon), Some(Ok(())));
        let mut waits = Box::pin(inbox.send(work(Urgency::Soon)));
        assert!(waits.as_mut().now_or_never().is_none());
        assert_eq!(inbox.inner().thread, Thread::Awake);
        let mut arrived = Vec::new();
        assert!(inbox.receive(&mut arrived, None));
        assert_eq!(waits.now_or_never(), Some(Ok(())));
        assert!(inbox.receive(&mut arrived, None));
        assert_eq!(arrived.len(), 2);
    }

    #[test]
    fn a_thread_that_dozes_off_looks_when_something_is_due_and_finds_what_came() {
        let inbox = Inbox::new(4);
        let mut arrived = Vec::new();
        assert!(inbox.receive(&mut arrived, Some(Instant::now())));
        assert!(arrived.is_empty());
        assert_eq!(inbox.inner().thread, Thread::Awake);
        put(&inbox, Urgency::Soon);
        assert!(inbox.receive(&mut arrived, Some(Instant::now())));
        assert_eq!(arrived.len(), 1);
    }

    #[test]
    fn a_thread_that_gathers_goes_on_when_enough_waits_and_after_a_while_in_any_case() {
        let inbox = Inbox::new(4);
        let (begin, short) = (Instant::now(), Duration::from_millis(2));
        put(&inbox, Urgency::Now);
        inbox.gather(2, short);
        assert!(begin.elapsed() >= short);
        assert_eq!(inbox.inner().thread, Thread::Awake);
        let endless = Duration::from_hours(1);
        thread::scope(|scope| {
            let gathering = scope.spawn(|| inbox.gather(3, endless));
            while inbox.inner().thread == Thread::Awake {
                thread::yield_now();
            }
            put(&inbox, Urgency::Soon);
            assert_eq!(inbox.inner().thread, Thread::Gathers(3));
            put(&inbox, Urgency::Soon);
            gathering.join().unwrap();
        });
        // There is enough already, or nothing will ever come.
        inbox.gather(3, endless);
        inbox.close();
        inbox.gather(4, endless);
    }

    #[test]
    fn what_waits_when_it_is_closed_is_received_and_nothing_else() {
        let inbox = Inbox::new(4);
        put(&inbox, Urgency::Soon);
        inbox.close();
        assert_eq!(put(&inbox, Urgency::Now), Some(Err(Closed)));
        let mut arrived = Vec::new();
        assert!(inbox.receive(&mut arrived, None));
        assert!(!inbox.receive(&mut arrived, None));
        assert_eq!(arrived.len(), 1);
    }
}
