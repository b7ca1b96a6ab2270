//! What a plugin calls: the C functions of its host, each behind a panic fence, and the trait behind them.
//!
//! The context behind their pointer is never freed, so that a plugin which calls after `destroy` meets its host, not
//! freed memory.
#![expect(unsafe_code, reason = "extern functions take raw pointers")]

use crate::abi::{
    HostTable, Status, catch,
    table::{ABI_MINOR, Bytes, Level},
};
use std::{borrow::Cow, ffi::c_void, sync::Arc};

/// Longer log messages are cut, in bytes.
const MAX_LOG_MESSAGE: usize = 16 << 10;

/// What one instance may ask of its host. Called on any thread, concurrently, from the begin of `create` on, and by a
/// plugin that breaks its word even after `destroy`; each returns at once.
pub trait Callbacks: Send + Sync {
    /// Records above it are not wanted.
    fn log_level(&self) -> Level;

    /// The plugin writes a record. The message is cut where it is too long.
    fn log(&self, level: Level, target: &str, message: &str);

    /// The plugin completes an operation; the token may be any number. A reply that could not be read comes as an
    /// empty one with [`Status::ERROR`].
    fn complete(&self, op: u64, status: Status, reply: &[u8]);

    /// The plugin asks a service. [`Status::OK`]: one `deliver` follows.
    fn request(&self, op: u64, service: &str, budget_ns: u64, payload: &[u8]) -> Status;
}

/// What the context points to.
type Context = Arc<dyn Callbacks>;

/// A table with fields after those of this minor version, as a newer host has them.
#[repr(C)]
struct NewerTable {
    known: HostTable,
    unknown: [usize; 4],
}

/// Makes the table of a host of this minor version. It stays for good, as its host does.
pub(super) fn leak(callbacks: Context, minor: u32) -> &'static HostTable {
    let mut known = table(callbacks, minor);
    if minor <= ABI_MINOR {
        return Box::leak(Box::new(known));
    }
    known.size = size_of::<NewerTable>();
    let newer: &'static NewerTable = Box::leak(Box::new(NewerTable { known, unknown: [usize::MAX; 4] }));
    // SAFETY: the pointer is to all of the leaked struct, which begins with the table and is as long as it says.
    unsafe { &*(&raw const *newer).cast::<HostTable>() }
}

fn table(callbacks: Context, abi_minor: u32) -> HostTable {
    let log_level = callbacks.log_level();
    let context: &'static Context = Box::leak(Box::new(callbacks));
    HostTable {
        size: size_of::<HostTable>(),
        abi_minor,
        log_level,
        ctx: (&raw const *context).cast_mut().cast(),
        log: Some(log),
        complete: Some(complete),
        request: Some(request),
        extension: Some(extension),
    }
}

unsafe extern "C" fn log(ctx: *mut c_void, level: Level, target: Bytes, message: Bytes) {
    let _ = catch(|| {
        // SAFETY: `ctx` is a leaked host, and the plugin lends the bytes to this call.
        let (host, target, message) = unsafe { (borrow(ctx), target.read(), message.read()) };
        host.log(level, &text(target), &text(message));
    });
}

fn text(bytes: Option<&[u8]>) -> Cow<'_, str> {
    let bytes = bytes.unwrap_or_default();
    String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_LOG_MESSAGE)])
}

unsafe extern "C" fn complete(ctx: *mut c_void, op: u64, status: Status, reply: Bytes) {
    let _ = catch(|| {
        // SAFETY: `ctx` is a leaked host, and the plugin lends the reply to this call.
        let (host, reply) = unsafe { (borrow(ctx), reply.read()) };
        match reply {
            Some(reply) => host.complete(op, status, reply),
            None => host.complete(op, Status::ERROR, &[]),
        }
    });
}

unsafe extern "C" fn request(
    ctx: *mut c_void,
    op: u64,
    method: Bytes,
    budget_ns: u64,
    payload: Bytes,
) -> Status {
    catch(|| {
        // SAFETY: `ctx` is a leaked host, and the plugin lends the bytes to this call.
        let (host, method, payload) = unsafe { (borrow(ctx), method.read_str(), payload.read()) };
        match (method, payload) {
            (Some(method), Some(payload)) => host.request(op, method, budget_ns, payload),
            _ => Status::BAD_REQUEST,
        }
    })
    .unwrap_or(Status::PANIC)
}

/// This minor version has no extensions.
unsafe extern "C" fn extension(_ctx: *mut c_void, _name: Bytes) -> *const c_void {
    std::ptr::null()
}

/// # Safety
/// `ctx` is the one of [`leak`].
unsafe fn borrow(ctx: *mut c_void) -> &'static dyn Callbacks {
    // SAFETY: the host is leaked, and only ever borrowed shared.
    unsafe { &**ctx.cast::<Context>() }
}
