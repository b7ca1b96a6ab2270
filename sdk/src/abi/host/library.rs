//! From a file to the table of the plugin in it.
//!
//! A library is never unloaded: threads, thread-locals and static destructors of its code could still run. Its
//! handle is leaked deliberately; loading the same file again gives the same library.
#![expect(unsafe_code, reason = "loads foreign code and calls its entry symbol")]

use crate::abi::{
    ErrorSink, HostTable, Manifest, PluginTable, Status, TableError,
    table::{ABI_MAJOR, Bytes, ENTRY_SYMBOL, Entry},
};
use std::{ffi::c_void, io, mem::ManuallyDrop, path::Path};

/// Other major versions that are looked for, to tell "made for another daemon" from "no plugin at all".
const OTHER_MAJORS: [u32; 9] = [0, 2, 3, 4, 5, 6, 7, 8, 9];

/// Why a file is not a plugin for this daemon.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// It cannot be loaded as a dynamic library.
    #[error("not a dynamic library that can be loaded here: {0}")]
    NotALibrary(String),
    /// A plugin, but of another major version of the interface.
    #[error("made for version {found} of the plugin interface, this daemon speaks {ABI_MAJOR}")]
    OtherMajor {
        /// Which.
        found: u32,
    },
    /// A library, but not a plugin.
    #[error("a library without the symbol {ENTRY_SYMBOL}, so not a plugin of orderd")]
    NoEntry,
    /// The table is missing or shorter than this major version allows.
    #[error("its plugin table is unusable: {0}")]
    Table(TableError),
    /// A required function is null.
    #[error("its plugin table lacks the function {0}")]
    MissingFunction(&'static str),
    /// The manifest is not what it should be.
    #[error("its manifest is unreadable: {0}")]
    Manifest(String),
}

/// A loaded plugin. Dropping it unloads nothing.
pub struct Library {
    functions: Functions,
    manifest: Manifest,
}

/// The functions of a plugin, all of them there.
#[derive(Clone, Copy)]
pub(super) struct Functions {
    create: unsafe extern "C" fn(*const HostTable, Bytes, *mut *mut c_void, ErrorSink) -> Status,
    start: unsafe extern "C" fn(*mut c_void, u64, Bytes, Bytes, u64, Bytes) -> Status,
    cancel: unsafe extern "C" fn(*mut c_void, u64),
    deliver: unsafe extern "C" fn(*mut c_void, u64, Status, Bytes),
    destroy: unsafe extern "C" fn(*mut c_void),
}

/// What a plugin's `create` made, until `destroy`.
#[derive(Clone, Copy)]
pub(super) struct InstancePtr(*mut c_void);

// SAFETY: the interface allows an instance's functions on any thread; the pointer is only handed back to them.
unsafe impl Send for InstancePtr {}
// SAFETY: as for `Send`.
unsafe impl Sync for InstancePtr {}

impl Library {
    /// Loads a file for good, and checks that it holds a plugin. Code of the library runs meanwhile.
    ///
    /// # Errors
    /// When it holds none for this host.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        // An absolute path: a bare name would be searched for in the system's library folders.
        let path = path.canonicalize().map_err(unreachable_file)?;
        if !path.is_file() {
            return Err(FileError::NotALibrary("not a file".to_owned()));
        }
        // SAFETY: initialisers of the library run here; whoever names the file vouches for it.
        let library = unsafe { libloading::Library::new(&path) };
        let library = library.map_err(|error| FileError::NotALibrary(error.to_string()))?;
        let library = ManuallyDrop::new(library);
        let table = table(&library)?;
        Ok(Self { functions: functions(&table)?, manifest: manifest(&table)? })
    }

    /// What the plugin says of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(super) fn functions(&self) -> Functions {
        self.functions
    }
}

fn unreachable_file(error: io::Error) -> FileError {
    match error.kind() == io::ErrorKind::NotFound {
        true => FileError::Missing,
        false => FileError::NotALibrary(error.to_string()),
    }
}

fn table(library: &libloading::Library) -> Result<PluginTable, FileError> {
    // SAFETY: the symbol's name, with the major version in it, says its type.
    let Ok(entry) = (unsafe { library.get::<Entry>(ENTRY_SYMBOL) }) else {
        return Err(match OTHER_MAJORS.into_iter().find(|&major| has_major(library, major)) {
            Some(found) => FileError::OtherMajor { found },
            None => FileError::NoEntry,
        });
    };
    // SAFETY: the interface's entry takes nothing and returns null or a table whose size is true; the library
    // is never unloaded, so it stays valid.
    unsafe { PluginTable::copy_from(entry()) }.map_err(FileError::Table)
}

fn has_major(library: &libloading::Library, major: u32) -> bool {
    let symbol = format!("orderd_plugin_entry_v{major}");
    // SAFETY: it is only looked up, never called.
    unsafe { library.get::<Entry>(symbol.as_str()) }.is_ok()
}

fn functions(table: &PluginTable) -> Result<Functions, FileError> {
    let missing = FileError::MissingFunction;
    table.extension.ok_or(missing("extension"))?;
    Ok(Functions {
        create: table.create.ok_or(missing("create"))?,
        start: table.start.ok_or(missing("start"))?,
        cancel: table.cancel.ok_or(missing("cancel"))?,
        deliver: table.deliver.ok_or(missing("deliver"))?,
        destroy: table.destroy.ok_or(missing("destroy"))?,
    })
}

fn manifest(table: &PluginTable) -> Result<Manifest, FileError> {
    // SAFETY: the manifest is constant and stays valid, since the library is never unloaded.
    let text = unsafe { table.manifest.read() };
    let text = text.ok_or_else(|| FileError::Manifest("no bytes, or too many".to_owned()))?;
    serde_json::from_slice(text).map_err(|error| FileError::Manifest(error.to_string()))
}

impl Functions {
    /// Makes an instance, or says why there is none.
    pub(super) fn create(&self, host: &'static HostTable, config: &[u8]) -> Result<InstancePtr, String> {
        let (mut instance, mut message) = (std::ptr::null_mut(), String::new());
        let error = ErrorSink { ctx: (&raw mut message).cast(), write: Some(take_message) };
        // SAFETY: the host is never freed; configuration, place and sink outlive the call.
        let status = unsafe { (self.create)(host, Bytes::of(config), &raw mut instance, error) };
        match status {
            Status::OK => Ok(InstancePtr(instance)),
            Status(_) if !message.is_empty() => Err(message),
            Status(other) => Err(format!("failed with status {other} and without a message")),
        }
    }

    /// Begins an operation.
    ///
    /// # Safety
    /// `instance` comes from [`Functions::create`] and is not being destroyed.
    pub(super) unsafe fn start(
        &self,
        instance: InstancePtr,
        op: u64,
        method: &str,
        target: &str,
        budget_ns: u64,
        request: &[u8],
    ) -> Status {
        let (method, target, request) = (Bytes::of(method), Bytes::of(target), Bytes::of(request));
        // SAFETY: the caller vouches for the instance; the bytes outlive the call.
        unsafe { (self.start)(instance.0, op, method, target, budget_ns, request) }
    }

    /// Asks that an operation end early.
    ///
    /// # Safety
    /// As for [`Functions::start`], which has returned for this operation.
    pub(super) unsafe fn cancel(&self, instance: InstancePtr, op: u64) {
        // SAFETY: the caller vouches for the instance.
        unsafe { (self.cancel)(instance.0, op) }
    }

    /// Answers a question of the plugin.
    ///
    /// # Safety
    /// As for [`Functions::start`].
    pub(super) unsafe fn deliver(&self, instance: InstancePtr, op: u64, status: Status, reply: &[u8]) {
        // SAFETY: the caller vouches for the instance; the reply outlives the call.
        unsafe { (self.deliver)(instance.0, op, status, Bytes::of(reply)) }
    }

    /// Ends an instance. It may block.
    ///
    /// # Safety
    /// Once, and no other function is running on the instance or will be.
    pub(super) unsafe fn destroy(&self, instance: InstancePtr) {
        // SAFETY: the caller vouches for it.
        unsafe { (self.destroy)(instance.0) }
    }
}

/// `ctx` is the `String` of [`Functions::create`].
unsafe extern "C" fn take_message(ctx: *mut c_void, message: Bytes) {
    // SAFETY: the string lives on the stack of `create`, whose call this is part of; the text is lent to it.
    let (place, message) = unsafe { (&mut *ctx.cast::<String>(), message.read()) };
    if let Some(message) = message {
        *place = String::from_utf8_lossy(message).into_owned();
    }
}
