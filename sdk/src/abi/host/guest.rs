//! One instance of a plugin: its functions can be called while it lives, and not afterwards.
#![expect(unsafe_code, reason = "calls the plugin's C functions")]

use super::{
    Callbacks, Library, callbacks,
    library::{Functions, InstancePtr},
};
use crate::abi::{Status, table::ABI_MINOR};
use std::sync::{
    Arc, PoisonError, RwLock, RwLockReadGuard, TryLockError,
    atomic::{AtomicBool, Ordering},
};

/// An instance. It has to be [destroyed](Guest::destroy): dropping it leaves it behind.
pub struct Guest {
    functions: Functions,
    /// There until `destroy`. Read-locked during each call of a function, which returns at once. Only the thread that
    /// ends the instance waits for the lock.
    pointer: RwLock<Option<InstancePtr>>,
    ending: AtomicBool,
}

/// What `start` said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// The plugin was called. [`Status::OK`]: one completion follows.
    Answered(Status),
    /// The plugin was not called: its end has begun.
    Ended,
}

impl Guest {
    /// Has the library make an instance. Blocks on files, as the plugin's `create` may. `callbacks` stays for good.
    ///
    /// # Errors
    /// When the plugin does not want this configuration: its own words.
    pub fn create(library: &Library, callbacks: Arc<dyn Callbacks>, config: &[u8]) -> Result<Self, String> {
        Self::create_for_minor(library, callbacks, config, ABI_MINOR)
    }

    /// As [`Guest::create`], by a host that says that it speaks another minor version. Of a newer one it has what a
    /// newer host would have: fields that this version does not know.
    ///
    /// # Errors
    /// As for [`Guest::create`].
    pub fn create_for_minor(
        library: &Library,
        callbacks: Arc<dyn Callbacks>,
        config: &[u8],
        minor: u32,
    ) -> Result<Self, String> {
        let functions = library.functions();
        let pointer = functions.create(callbacks::leak(callbacks, minor), config)?;
        Ok(Self { functions, pointer: RwLock::new(Some(pointer)), ending: AtomicBool::new(false) })
    }

    /// Begins an operation. `op` must not be in use.
    pub fn start(&self, op: u64, method: &str, target: &str, budget_ns: u64, request: &[u8]) -> Started {
        let Some(entered) = self.enter() else {
            return Started::Ended;
        };
        // SAFETY: `enter` keeps the instance from being destroyed meanwhile.
        let status =
            unsafe { self.functions.start(entered.instance, op, method, target, budget_ns, request) };
        Started::Answered(status)
    }

    /// Asks that an operation end early. Its `start` must have returned.
    pub fn cancel(&self, op: u64) {
        if let Some(entered) = self.enter() {
            // SAFETY: `enter` keeps the instance from being destroyed meanwhile, and `start` has returned.
            unsafe { self.functions.cancel(entered.instance, op) };
        }
    }

    /// Answers a question of the plugin.
    pub fn deliver(&self, op: u64, status: Status, reply: &[u8]) {
        if let Some(entered) = self.enter() {
            // SAFETY: `enter` keeps the instance from being destroyed meanwhile.
            unsafe { self.functions.deliver(entered.instance, op, status, reply) };
        }
    }

    /// From now on nothing calls the instance any more. True for the first who says so.
    pub fn begin_end(&self) -> bool {
        !self.ending.swap(true, Ordering::AcqRel)
    }

    /// Ends the instance. It blocks as long as the plugin takes, and must not be called on a thread of the plugin's.
    /// Only the first call does anything.
    pub fn destroy(&self) {
        self.begin_end();
        let taken = self.pointer.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(pointer) = taken {
            // SAFETY: the pointer was taken, so no call is running and none can begin; only once.
            unsafe { self.functions.destroy(pointer) };
        }
    }

    /// Keeps the instance from being destroyed while the guard lives; `None` when its end has begun.
    fn enter(&self) -> Option<Entered<'_>> {
        if self.ending.load(Ordering::Acquire) {
            return None;
        }
        let guard = match self.pointer.try_read() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        let instance = (*guard)?;
        Some(Entered { instance, _guard: guard })
    }
}

/// A pointer that stays valid as long as this lives.
struct Entered<'a> {
    instance: InstancePtr,
    _guard: RwLockReadGuard<'a, Option<InstancePtr>>,
}
