//! Where a plugin under test runs.

use crate::Services;
use orderd::plugin::{Isolation, LoadError, Loaded, PluginSpec, ProcessSettings, load};
use orderd_sdk::plugin::{Host, PluginConfig};
use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// Where a plugin runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    InProcess,
    Process,
}

/// What holds for a plugin holds for it wherever it runs.
pub(crate) const BOTH: [At; 2] = [At::InProcess, At::Process];

/// A process of the daemon's program, with short patience.
pub(crate) fn process() -> ProcessSettings {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_orderd"));
    let restart_max = Duration::from_millis(10);
    ProcessSettings { restart_max, ..ProcessSettings::hosted_by(program) }
}

pub(crate) async fn load_at(at: At, path: PathBuf, config: PluginConfig) -> Result<Loaded, LoadError> {
    load_so(path, config, isolation(at)).await
}

pub(crate) fn isolation(at: At) -> Isolation {
    match at {
        At::InProcess => Isolation::InProcess,
        At::Process => Isolation::Process(process()),
    }
}

pub(crate) async fn load_with(path: PathBuf, config: PluginConfig) -> Result<Loaded, LoadError> {
    load_at(At::InProcess, path, config).await
}

pub(crate) async fn load_so(
    path: PathBuf,
    config: PluginConfig,
    isolation: Isolation,
) -> Result<Loaded, LoadError> {
    // Of each its own, as each plugin of a daemon has.
    static LOADED: AtomicUsize = AtomicUsize::new(0);
    let copies = config.data_dir.join(format!("copies-{}", LOADED.fetch_add(1, Ordering::Relaxed)));
    let spec = PluginSpec { isolation, ..PluginSpec::new("tried", path, copies, config) };
    load(spec, Host::new(Services)).await
}
