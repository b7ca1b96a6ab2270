//! The extern functions of a Rust plugin, each behind the panic fence, and the macro that exports them.
#![expect(unsafe_code, reason = "extern functions take raw pointers")]

use super::{
    Manifest, Outcome, catch,
    instance::Instance,
    link::HostLink,
    table::{ABI_MINOR, Bytes, ErrorSink, HostTable, PluginTable, Status},
};
use crate::plugin::{Copies, Plugin};
use std::{
    ffi::c_void,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// Makes a crate of type `cdylib` a plugin: exports the entry symbol for a type that implements
/// [`Plugin`]. Once per library; behind a feature, so that the plugin can also be linked into a program:
///
/// ```ignore
/// #[cfg(feature = "entry")]
/// orderd_sdk::export_plugin!(Paper);
/// ```
#[macro_export]
macro_rules! export_plugin {
    ($plugin:ty) => {
        const _: () = {
            #[cfg(panic = "abort")]
            compile_error!("a plugin must unwind: with panic = \"abort\" its panics would end the daemon");

            #[expect(unsafe_code, reason = "the daemon looks this symbol up by its name")]
            #[unsafe(no_mangle)]
            extern "C" fn orderd_plugin_entry_v1() -> *const $crate::abi::PluginTable {
                static TABLE: $crate::abi::TableCell = $crate::abi::TableCell::new();
                TABLE.table::<$plugin>()
            }
        };
    };
}

/// Where a library keeps its table: made at the first look, constant afterwards.
#[derive(Debug, Default)]
pub struct TableCell(OnceLock<PluginTable>);

impl TableCell {
    /// Without a table yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The table of `P`, or null if it cannot be made. One cell serves one plugin.
    pub fn table<P: Plugin>(&'static self) -> *const PluginTable {
        catch(|| &raw const *self.0.get_or_init(table::<P>)).unwrap_or(std::ptr::null())
    }
}

fn table<P: Plugin>() -> PluginTable {
    let manifest = Manifest {
        name: P::NAME.to_owned(),
        version: P::VERSION.to_owned(),
        abi_minor: ABI_MINOR,
        sdk: Some(env!("CARGO_PKG_VERSION").to_owned()),
        exclusive: P::COPIES == Copies::One,
    };
    let manifest = serde_json::to_vec(&manifest).unwrap_or_default();
    PluginTable {
        size: size_of::<PluginTable>(),
        abi_minor: ABI_MINOR,
        reserved: 0,
        // Leaked once per library, which is never unloaded.
        manifest: Bytes::of(manifest.leak()),
        create: Some(create::<P>),
        start: Some(start),
        cancel: Some(cancel),
        deliver: Some(deliver),
        destroy: Some(destroy),
        extension: Some(extension),
    }
}

unsafe extern "C" fn create<P: Plugin>(
    host: *const HostTable,
    config: Bytes,
    out: *mut *mut c_void,
    error: ErrorSink,
) -> Status {
    let made = catch(|| {
        // SAFETY: the host keeps its table valid until `destroy` has returned, and lends `config` to this call.
        let (link, config) = unsafe { (HostLink::new(host), config.read()) };
        make::<P>(link.map_err(|error| (Status::BAD_REQUEST, error.to_string()))?, config)
    });
    let (status, reason) = match made {
        Ok(Ok(instance)) => {
            // SAFETY: the host passes a place for one pointer.
            unsafe { out.write(Box::into_raw(Box::new(instance)).cast()) };
            return Status::OK;
        }
        Ok(Err(failure)) => failure,
        Err(panic) => (Status::PANIC, panic),
    };
    if let Some(write) = error.write {
        // SAFETY: the sink is valid until this function returns, and so is the text.
        unsafe { write(error.ctx, Bytes::of(&reason)) };
    }
    status
}

fn make<P: Plugin>(link: HostLink, config: Option<&[u8]>) -> Result<Instance, (Status, String)> {
    let config = config.ok_or_else(|| (Status::BAD_REQUEST, "the configuration is too large".to_owned()))?;
    let config = serde_json::from_slice(config)
        .map_err(|error| (Status::BAD_REQUEST, format!("the configuration is unreadable: {error}")))?;
    let link = Arc::new(link);
    Instance::create::<P>(config, link.clone()).map_err(|error| {
        link.close();
        (Status::ERROR, error.to_string())
    })
}

unsafe extern "C" fn start(
    instance: *mut c_void,
    op: u64,
    method: Bytes,
    target: Bytes,
    budget_ns: u64,
    request: Bytes,
) -> Status {
    catch(|| {
        // SAFETY: the host passes what `create` wrote, before `destroy`, and lends the bytes to this call.
        let (instance, method, target, request) =
            unsafe { (borrow(instance), method.read_str(), target.read_str(), request.read()) };
        match (method, target, request) {
            (Some(method), Some(target), Some(request)) => {
                instance.start(op, method, target, Duration::from_nanos(budget_ns), request)
            }
            _ => Status::BAD_REQUEST,
        }
    })
    .unwrap_or(Status::PANIC)
}

unsafe extern "C" fn cancel(instance: *mut c_void, op: u64) {
    let _ = catch(|| {
        // SAFETY: the host passes what `create` wrote, before `destroy`.
        unsafe { borrow(instance) }.cancel(op);
    });
}

unsafe extern "C" fn deliver(instance: *mut c_void, op: u64, status: Status, reply: Bytes) {
    let _ = catch(|| {
        // SAFETY: the host passes what `create` wrote, before `destroy`, and lends the reply to this call.
        let (instance, reply) = unsafe { (borrow(instance), reply.read()) };
        let outcome = match reply {
            Some(reply) => Outcome { status, reply: reply.to_vec() },
            None => Outcome { status: Status::BAD_REQUEST, reply: Vec::new() },
        };
        instance.deliver(op, outcome);
    });
}

unsafe extern "C" fn destroy(instance: *mut c_void) {
    let _ = catch(|| {
        // SAFETY: the host passes what `create` wrote, once, and no other call on it is running or follows.
        let instance = unsafe { Box::from_raw(instance.cast::<Instance>()) };
        instance.destroy();
    });
}

/// This minor version has no extensions.
unsafe extern "C" fn extension(_name: Bytes) -> *const c_void {
    std::ptr::null()
}

/// # Safety
/// `instance` is what `create` wrote, and not destroyed during `'a`.
unsafe fn borrow<'a>(instance: *mut c_void) -> &'a Instance {
    // SAFETY: `create` wrote a pointer from `Box::into_raw`, and all methods take `&self`.
    unsafe { &*instance.cast::<Instance>() }
}
