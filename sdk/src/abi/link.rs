//! A plugin's line to its host: the host's C functions as safe methods that fall silent once it is closed.
#![expect(unsafe_code, reason = "calls the host's C functions")]

use super::{
    TableError,
    table::{Bytes, HostTable, Level, Status},
};
use std::{
    ffi::c_void,
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

/// Why a plugin cannot talk to its host.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    /// Its table is of no use.
    #[error("the host's table is unusable")]
    Table(#[from] TableError),
    /// A required function is missing.
    #[error("the host's table lacks {0}")]
    Missing(&'static str),
}

/// The host of one instance.
pub(super) struct HostLink {
    ctx: *mut c_void,
    log: unsafe extern "C" fn(*mut c_void, Level, Bytes, Bytes),
    complete: unsafe extern "C" fn(*mut c_void, u64, Status, Bytes),
    request: unsafe extern "C" fn(*mut c_void, u64, Bytes, u64, Bytes) -> Status,
    log_level: Level,
    /// Held for reading during each call into the host, for writing to close.
    gate: RwLock<Gate>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gate {
    Open,
    Closed,
}

// SAFETY: the interface allows the host's functions on any thread, and `ctx` is only handed back to them.
unsafe impl Send for HostLink {}
// SAFETY: as for `Send`.
unsafe impl Sync for HostLink {}

impl HostLink {
    /// # Safety
    /// `table` is null, or a host's table that stays valid until [`HostLink::close`] has returned.
    pub(super) unsafe fn new(table: *const HostTable) -> Result<Self, LinkError> {
        // SAFETY: the caller vouches for it.
        let table = unsafe { HostTable::copy_from(table) }?;
        Ok(Self {
            ctx: table.ctx,
            log: table.log.ok_or(LinkError::Missing("log"))?,
            complete: table.complete.ok_or(LinkError::Missing("complete"))?,
            request: table.request.ok_or(LinkError::Missing("request"))?,
            log_level: table.log_level,
            gate: RwLock::new(Gate::Open),
        })
    }

    /// Records above it are not wanted.
    pub(super) fn log_level(&self) -> Level {
        self.log_level
    }

    pub(super) fn log(&self, level: Level, target: &str, message: &str) {
        if let Some(_open) = self.enter() {
            // SAFETY: the link is open, so the table is valid; the texts outlive the call.
            unsafe { (self.log)(self.ctx, level, Bytes::of(target), Bytes::of(message)) };
        }
    }

    pub(super) fn complete(&self, op: u64, status: Status, reply: &[u8]) {
        if let Some(_open) = self.enter() {
            // SAFETY: the link is open, so the table is valid; the reply outlives the call.
            unsafe { (self.complete)(self.ctx, op, status, Bytes::of(reply)) };
        }
    }

    pub(super) fn request(&self, op: u64, service: &str, budget_ns: u64, payload: &[u8]) -> Status {
        match self.enter() {
            // SAFETY: the link is open, so the table is valid; name and payload outlive the call.
            Some(_open) => unsafe {
                (self.request)(self.ctx, op, Bytes::of(service), budget_ns, Bytes::of(payload))
            },
            None => Status::CANCELLED,
        }
    }

    /// Waits for calls into the host that are running, and lets no other begin.
    pub(super) fn close(&self) {
        *self.gate.write().unwrap_or_else(PoisonError::into_inner) = Gate::Closed;
    }

    fn enter(&self) -> Option<RwLockReadGuard<'_, Gate>> {
        let gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        (*gate == Gate::Open).then_some(gate)
    }
}
