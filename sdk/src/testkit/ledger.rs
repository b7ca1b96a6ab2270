//! What a plugin was asked and what it said, token by token.

use crate::abi::{Outcome, Status};
use std::{
    collections::HashMap,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// More things said unasked are not told apart.
const MAX_STRAYS: usize = 16;
/// More questions are not noted.
const MAX_ASKED: usize = 4096;

/// Books of one instance.
#[derive(Default)]
pub(super) struct Ledger {
    books: Mutex<Books>,
    changed: Condvar,
}

#[derive(Default)]
struct Books {
    /// Completions by call.
    calls: HashMap<u64, Vec<Outcome>>,
    /// What was said unasked.
    strays: Vec<String>,
    /// Services that were asked for.
    asked: Vec<String>,
    phase: Phase,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Alive,
    /// `destroy` has returned.
    Over,
}

impl Ledger {
    /// Before `start`: the completion may be faster than its return.
    pub(super) fn open(&self, op: u64) {
        self.books().calls.insert(op, Vec::new());
    }

    pub(super) fn complete(&self, op: u64, status: Status, reply: &[u8]) {
        let mut books = self.books();
        let over = books.phase == Phase::Over;
        match books.calls.get_mut(&op) {
            _ if over => books.stray(format!("completed call {op} after destroy had returned")),
            Some(completions) => completions.push(Outcome { status, reply: reply.to_vec() }),
            None => books.stray(format!("completed call {op}, which was never made")),
        }
        drop(books);
        self.changed.notify_all();
    }

    pub(super) fn ask(&self, service: &str) {
        let mut books = self.books();
        if books.phase == Phase::Over {
            books.stray(format!("asked for {service} after destroy had returned"));
        }
        if books.asked.len() < MAX_ASKED {
            books.asked.push(service.to_owned());
        }
    }

    pub(super) fn log(&self) {
        let mut books = self.books();
        if books.phase == Phase::Over {
            books.stray("wrote to the log after destroy had returned".to_owned());
        }
    }

    /// `destroy` has returned.
    pub(super) fn end(&self) {
        self.books().phase = Phase::Over;
    }

    /// The first completion of a call, waited for so long.
    pub(super) fn first(&self, op: u64, within: Duration) -> Option<Outcome> {
        self.wait(within, |books| !books.completions(op).is_empty()).completions(op).first().cloned()
    }

    /// How often a call was completed.
    pub(super) fn count(&self, op: u64) -> usize {
        self.books().completions(op).len()
    }

    /// Waits until something is said unasked, or so long.
    pub(super) fn stray(&self, within: Duration) -> Option<String> {
        self.wait(within, |books| !books.strays.is_empty()).strays.first().cloned()
    }

    /// Waits until one of these calls is completed more than once, or so long; says which.
    pub(super) fn doubled(&self, ops: &[u64], within: Duration) -> Option<u64> {
        let doubled = |books: &Books| ops.iter().copied().find(|op| books.completions(*op).len() > 1);
        let books = self.wait(within, |books| doubled(books).is_some());
        doubled(&books)
    }

    /// The services that were asked for, in their order, and forgets them.
    pub(super) fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.books().asked)
    }

    fn wait(&self, within: Duration, done: impl Fn(&Books) -> bool) -> MutexGuard<'_, Books> {
        let deadline = Instant::now() + within;
        let mut books = self.books();
        while !done(&books) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            books = self.changed.wait_timeout(books, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        books
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn completions(&self, op: u64) -> &[Outcome] {
        self.calls.get(&op).map_or(&[], Vec::as_slice)
    }

    fn stray(&mut self, what: String) {
        if self.strays.len() < MAX_STRAYS {
            self.strays.push(what);
        }
    }
}
