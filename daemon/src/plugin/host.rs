//! What a plugin calls: the C functions of its host, each behind a panic fence.
//!
//! The context behind their pointer is never freed, so that a plugin which calls after `destroy` meets a closed
//! host, not freed memory.
#![expect(unsafe_code, reason = "extern functions take raw pointers")]

use super::{
    operations::{Completed, Operations},
    services::Services,
};
use orderd_sdk::abi::{
    HostTable, Outcome, Status, catch,
    table::{ABI_MINOR, Bytes, Level},
};
use std::ffi::c_void;
use tracing::level_filters::LevelFilter;

/// Longer log messages are cut, in bytes.
const MAX_LOG_MESSAGE: usize = 16 << 10;

/// The host of one instance.
pub(super) struct PluginHost {
    /// The plugin's name in the configuration.
    pub(super) name: String,
    pub(super) operations: Operations,
    pub(super) services: Services,
}

impl PluginHost {
    /// Makes a host that stays for good, and its table.
    pub(super) fn leak(name: String, services: Services) -> (&'static Self, &'static HostTable) {
        let host: &'static Self =
            Box::leak(Box::new(Self { name, operations: Operations::default(), services }));
        let table = HostTable {
            size: size_of::<HostTable>(),
            abi_minor: ABI_MINOR,
            log_level: log_level(),
            ctx: (&raw const *host).cast_mut().cast(),
            log: Some(log),
            complete: Some(complete),
            request: Some(request),
            extension: Some(extension),
        };
        (host, Box::leak(Box::new(table)))
    }

    fn completed(&self, op: u64, outcome: Outcome) {
        let status = outcome.status.0;
        match self.operations.complete(op, outcome) {
            Completed::Answered => {}
            Completed::Abandoned => {
                tracing::debug!(plugin = self.name, op, status, "completed a call that had been given up");
            }
            Completed::Twice => {
                tracing::warn!(plugin = self.name, op, status, "ignored a second completion of a call");
            }
            Completed::Forged => {
                tracing::warn!(plugin = self.name, op, status, "ignored a completion of no call");
            }
        }
    }
}

/// What the daemon's log takes at most, now.
fn log_level() -> Level {
    let filter = LevelFilter::current();
    match filter.into_level() {
        None => Level::OFF,
        Some(tracing::Level::ERROR) => Level::ERROR,
        Some(tracing::Level::WARN) => Level::WARN,
        Some(tracing::Level::INFO) => Level::INFO,
        Some(tracing::Level::DEBUG) => Level::DEBUG,
        Some(tracing::Level::TRACE) => Level::TRACE,
    }
}

unsafe extern "C" fn log(ctx: *mut c_void, level: Level, target: Bytes, message: Bytes) {
    let _ = catch(|| {
        // SAFETY: `ctx` is a leaked host, and the plugin lends the bytes to this call.
        let (host, target, message) = unsafe { (borrow(ctx), target.read(), message.read()) };
        let (target, message) = (text(target), text(message));
        record(&host.name, level, &target, &message);
    });
}

/// Writes one record. Its target is `plugin`, for filters; whose it is stands in the fields.
fn record(plugin: &str, level: Level, origin: &str, message: &str) {
    macro_rules! at {
        ($level:ident) => {
            tracing::event!(target: "plugin", tracing::Level::$level, plugin, origin, "{message}")
        };
    }
    match level {
        Level::ERROR => at!(ERROR),
        Level::WARN => at!(WARN),
        Level::INFO => at!(INFO),
        Level::DEBUG => at!(DEBUG),
        _ => at!(TRACE),
    }
}

fn text(bytes: Option<&[u8]>) -> String {
    let bytes = bytes.unwrap_or_default();
    String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_LOG_MESSAGE)]).into_owned()
}

unsafe extern "C" fn complete(ctx: *mut c_void, op: u64, status: Status, reply: Bytes) {
    let _ = catch(|| {
        // SAFETY: `ctx` is a leaked host, and the plugin lends the reply to this call.
        let (host, reply) = unsafe { (borrow(ctx), reply.read()) };
        host.completed(op, outcome(status, reply));
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
            (Some(method), Some(payload)) => host.services.request(op, method, budget_ns, payload),
            _ => Status::BAD_REQUEST,
        }
    })
    .unwrap_or(Status::PANIC)
}

/// This minor version has no extensions.
unsafe extern "C" fn extension(_ctx: *mut c_void, _name: Bytes) -> *const c_void {
    std::ptr::null()
}

/// A reply that cannot be read is an error, whatever the status says.
fn outcome(status: Status, reply: Option<&[u8]>) -> Outcome {
    match reply {
        Some(reply) => Outcome { status, reply: reply.to_vec() },
        None => Outcome { status: Status::ERROR, reply: Vec::new() },
    }
}

/// # Safety
/// `ctx` is the one of [`PluginHost::leak`].
unsafe fn borrow(ctx: *mut c_void) -> &'static PluginHost {
    // SAFETY: the host is leaked, and only ever borrowed shared.
    unsafe { &*ctx.cast::<PluginHost>() }
}
