//! The structs that cross the interface, as C sees them, and which thread may call what.
//!
//! Both tables begin with their size in bytes. A minor version only appends fields: a reader looks at `size`
//! before it touches a field that its own first version did not have. Another major version has another entry
//! symbol, so that the two cannot be mistaken for each other.
#![expect(unsafe_code, reason = "C structs hold raw pointers")]

use super::{TableError, prefix::copy_prefixed};
use std::{ffi::c_void, mem::offset_of, slice};

/// The major version, which is part of [`ENTRY_SYMBOL`].
pub const ABI_MAJOR: u32 = 1;
/// The minor version that is described here.
pub const ABI_MINOR: u32 = 2;
/// What a plugin exports: an [`Entry`].
pub const ENTRY_SYMBOL: &str = "orderd_plugin_entry_v1";
/// No payload, reply, configuration or manifest is larger, in bytes.
pub const MAX_MESSAGE: usize = 4 << 20;
/// How many operations one instance has in flight at most, in either direction.
pub const MAX_OPERATIONS: usize = 16_384;

/// The entry symbol's type. Any thread; returns the same table each time, valid as long as the library is loaded.
pub type Entry = unsafe extern "C" fn() -> *const PluginTable;

/// Bytes that are borrowed until the call which carries them returns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Bytes {
    /// The first byte; may be null when `len` is zero.
    pub ptr: *const u8,
    /// How many.
    pub len: usize,
}

impl Bytes {
    /// No bytes.
    pub const EMPTY: Self = Self { ptr: std::ptr::null(), len: 0 };

    /// Lends these bytes to one call.
    #[must_use]
    pub fn of(bytes: &(impl AsRef<[u8]> + ?Sized)) -> Self {
        let bytes = bytes.as_ref();
        Self { ptr: bytes.as_ptr(), len: bytes.len() }
    }

    /// The bytes, or `None` when there are more than [`MAX_MESSAGE`] or the pointer is null.
    ///
    /// # Safety
    /// Unless `len` is zero, `ptr` is null or points to `len` bytes that nobody writes to during `'a`.
    #[must_use]
    pub unsafe fn read<'a>(self) -> Option<&'a [u8]> {
        match (self.len, self.ptr.is_null()) {
            (0, _) => Some(&[]),
            (1..=MAX_MESSAGE, false) => {
                // SAFETY: not null, and by the caller's word readable and unchanged; far below isize::MAX bytes.
                Some(unsafe { slice::from_raw_parts(self.ptr, self.len) })
            }
            _ => None,
        }
    }

    /// As [`Bytes::read`], or `None` when they are not UTF-8.
    ///
    /// # Safety
    /// As for [`Bytes::read`].
    #[must_use]
    pub unsafe fn read_str<'a>(self) -> Option<&'a str> {
        // SAFETY: the caller's word is the same.
        let bytes = unsafe { self.read() }?;
        std::str::from_utf8(bytes).ok()
    }
}

/// How a call ended. A plain number, since the other side may send any.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub i32);

impl Status {
    /// Done. From `start` and `request`: accepted, one answer follows or has already come.
    pub const OK: Self = Self(0);
    /// Failed; the reply is a [`PluginError`](crate::plugin::PluginError).
    pub const ERROR: Self = Self(1);
    /// The other side's code panicked.
    pub const PANIC: Self = Self(2);
    /// The budget was used up.
    pub const DEADLINE: Self = Self(3);
    /// The call was cancelled, or the instance is being destroyed.
    pub const CANCELLED: Self = Self(4);
    /// No such method or service.
    pub const UNSUPPORTED: Self = Self(5);
    /// Not UTF-8, not the JSON that the method takes, too large, or no such target.
    pub const BAD_REQUEST: Self = Self(6);
    /// Too many operations in flight. Only returned by `start` and `request`: nothing was begun.
    pub const BUSY: Self = Self(7);
}

/// How severe a log record is.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(pub u32);

impl Level {
    /// Nothing at all; only as a limit.
    pub const OFF: Self = Self(0);
    /// Something failed.
    pub const ERROR: Self = Self(1);
    /// Something is wrong, and was dealt with.
    pub const WARN: Self = Self(2);
    /// What an operator wants to know.
    pub const INFO: Self = Self(3);
    /// What a developer wants to know.
    pub const DEBUG: Self = Self(4);
    /// Everything.
    pub const TRACE: Self = Self(5);
}

/// Takes the message of a failed `create`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ErrorSink {
    /// Handed back to `write`.
    pub ctx: *mut c_void,
    /// Takes UTF-8 text for people. On the thread of `create`, before it returns, at most once.
    pub write: Option<unsafe extern "C" fn(ctx: *mut c_void, message: Bytes)>,
}

/// What a plugin offers. Every function is required.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct PluginTable {
    /// Of this struct in bytes, as the plugin was compiled.
    pub size: usize,
    /// The plugin's minor version of the interface.
    pub abi_minor: u32,
    /// Zero.
    pub reserved: u32,
    /// A [`Manifest`](super::Manifest) as JSON; valid as long as the library is loaded.
    pub manifest: Bytes,
    /// Makes an instance from a [`PluginConfig`](crate::plugin::PluginConfig) as JSON and writes it to `out`.
    /// Any thread where blocking is allowed; it may read and write files but not wait for the network. `host`
    /// stays valid until `destroy` has returned, and may be called from now on. When the status is not
    /// [`Status::OK`], `out` is untouched, there is nothing to destroy, and `host` is not called again.
    pub create: Option<
        unsafe extern "C" fn(
            host: *const HostTable,
            config: Bytes,
            out: *mut *mut c_void,
            error: ErrorSink,
        ) -> Status,
    >,
    /// Begins an operation and returns at once. Any thread, concurrently. `op` is the host's token: not in use
    /// by this instance. [`Status::OK`]: exactly one `complete` follows, possibly before `start` returns, on any
    /// thread. Any other status: refused, no `complete` follows.
    pub start: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            op: u64,
            method: Bytes,
            target: Bytes,
            budget_ns: u64,
            request: Bytes,
        ) -> Status,
    >,
    /// Asks that an operation end early; its `complete` still comes. Any thread, after its `start` has returned;
    /// returns at once. A token that is not in flight is ignored.
    pub cancel: Option<unsafe extern "C" fn(instance: *mut c_void, op: u64)>,
    /// Answers a `request`. Any thread, possibly before `request` has returned; returns at once. A token that
    /// is not in flight is ignored.
    pub deliver: Option<unsafe extern "C" fn(instance: *mut c_void, op: u64, status: Status, reply: Bytes)>,
    /// Ends the instance: every operation in flight is completed with [`Status::CANCELLED`], its threads end,
    /// and nothing of the host is called after it returns. Once, on any thread but the plugin's own; no other
    /// call on the instance is running or follows. It may block.
    pub destroy: Option<unsafe extern "C" fn(instance: *mut c_void)>,
    /// A named, separately versioned addition, or null. Any thread; valid as long as the library is loaded.
    pub extension: Option<unsafe extern "C" fn(name: Bytes) -> *const c_void>,
}

/// What the host offers to one instance. Every function is required, and may be called on any thread,
/// concurrently, from the begin of `create` until `destroy` returns; each returns at once.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct HostTable {
    /// Of this struct in bytes, as the host was compiled.
    pub size: usize,
    /// The host's minor version of the interface.
    pub abi_minor: u32,
    /// Records above it would be thrown away: do not send them.
    pub log_level: Level,
    /// Handed back to every function.
    pub ctx: *mut c_void,
    /// Writes a record to the daemon's log.
    pub log: Option<unsafe extern "C" fn(ctx: *mut c_void, level: Level, target: Bytes, message: Bytes)>,
    /// Answers a `start`, exactly once. The reply of [`Status::OK`] is the method's JSON; of any other status a
    /// [`PluginError`](crate::plugin::PluginError) or empty.
    pub complete: Option<unsafe extern "C" fn(ctx: *mut c_void, op: u64, status: Status, reply: Bytes)>,
    /// Asks a service of the host. `op` is the plugin's token, in a number space of its own. [`Status::OK`]:
    /// one `deliver` follows unless the instance is destroyed before. Any other status: refused.
    pub request: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            op: u64,
            method: Bytes,
            budget_ns: u64,
            payload: Bytes,
        ) -> Status,
    >,
    /// A named, separately versioned addition, or null; valid until `destroy` returns.
    pub extension: Option<unsafe extern "C" fn(ctx: *mut c_void, name: Bytes) -> *const c_void>,
}

// SAFETY: a table is constant from the moment it is published, and the interface allows its functions on any
// thread.
unsafe impl Send for PluginTable {}
// SAFETY: as for `Send`.
unsafe impl Sync for PluginTable {}
// SAFETY: as for `PluginTable`; `ctx` is only ever handed back to those functions.
unsafe impl Send for HostTable {}
// SAFETY: as for `Send`.
unsafe impl Sync for HostTable {}

impl PluginTable {
    /// How long it was in version 1.0, in bytes: up to `extension`. None is shorter.
    pub const SIZE_1_0: usize = offset_of!(Self, extension) + size_of::<*const c_void>();

    /// Copies a plugin's table, however new or old the plugin is. What it does not have is zero, or no function.
    ///
    /// # Errors
    /// When it is null or shorter than in version 1.0.
    ///
    /// # Safety
    /// `table` is null or points to a table whose `size` is true.
    pub unsafe fn copy_from(table: *const Self) -> Result<Self, TableError> {
        // SAFETY: a table starts with its size, and the caller vouches for both.
        unsafe { copy_prefixed(table, Self::SIZE_1_0) }
    }
}

impl HostTable {
    /// How long it was in version 1.0, in bytes: up to `extension`. None is shorter.
    pub const SIZE_1_0: usize = offset_of!(Self, extension) + size_of::<*const c_void>();

    /// Copies a host's table, however new or old the host is. What it does not have is zero, or no function.
    ///
    /// # Errors
    /// When it is null or shorter than in version 1.0.
    ///
    /// # Safety
    /// `table` is null or points to a table whose `size` is true.
    pub unsafe fn copy_from(table: *const Self) -> Result<Self, TableError> {
        // SAFETY: a table starts with its size, and the caller vouches for both.
        unsafe { copy_prefixed(table, Self::SIZE_1_0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_only_where_there_are_some() {
        let long = Bytes { ptr: [0].as_ptr(), len: MAX_MESSAGE + 1 };
        let null = Bytes { len: 1, ..Bytes::EMPTY };
        for (bytes, expected) in [
            (Bytes::of("quote"), Some("quote")),
            (Bytes::EMPTY, Some("")),
            (Bytes::of(&[0xff]), None),
            (long, None),
            (null, None),
        ] {
            // SAFETY: literals, or refused before they are touched.
            assert_eq!(unsafe { bytes.read_str() }, expected);
        }
    }
}
