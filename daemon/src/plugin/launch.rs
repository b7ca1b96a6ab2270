//! From a specification to a live copy of the plugin, wherever it is to run.

use super::{
    LoadFailure, PluginSpec,
    instance::Instance,
    loader::Mismatch,
    process::{Isolation, Process},
    proxy,
    runner::Runner,
    services::Services,
};
use orderd_sdk::{
    abi::{Description, Manifest, host::Library, table::MAX_MESSAGE},
    plugin::{Context, Host, PluginConfig},
};
use std::{path::absolute, sync::Arc, thread, time::Duration};
use tokio::{runtime::Handle, sync::oneshot, time::timeout};

/// How long an instance may take to say what it made.
const DESCRIBE_LIMIT: Duration = Duration::from_secs(10);

/// A copy of a plugin that has made exactly what it was asked for.
pub(super) struct Launched {
    pub(super) runner: Arc<dyn Runner>,
    pub(super) manifest: Manifest,
    pub(super) made: Description,
}

/// Makes a copy of a plugin. Nothing here blocks the runtime.
pub(super) async fn launch(spec: &PluginSpec, services: Host) -> Result<Launched, LoadFailure> {
    let config = config_text(&spec.config)?;
    let (runner, manifest): (Arc<dyn Runner>, _) = match &spec.isolation {
        Isolation::InProcess => {
            let services = Services::new(services, Handle::current());
            let (instance, manifest) = create(spec, config, services).await?;
            (instance, manifest)
        }
        Isolation::Process(settings) => {
            let (process, manifest) = Process::launch(spec, settings, config, services).await?;
            (process, manifest)
        }
    };
    let made = proxy::describe(&*runner, &Context::within(DESCRIBE_LIMIT)).await;
    let made = made.map_err(LoadFailure::Describe)?;
    match compare(&describe_config(&spec.config), &made) {
        Some(mismatch) => Err(LoadFailure::Exports(mismatch)),
        None => Ok(Launched { runner, manifest, made }),
    }
}

/// The configuration as the plugin gets it. Its folder is told in full: a plugin may have another working directory.
fn config_text(config: &PluginConfig) -> Result<Vec<u8>, LoadFailure> {
    let refused = |error: &dyn std::error::Error| LoadFailure::Create(error.to_string());
    let data_dir = absolute(&config.data_dir).map_err(|error| refused(&error))?;
    let config = PluginConfig { data_dir, ..config.clone() };
    let text = serde_json::to_vec(&config).map_err(|error| refused(&error))?;
    match text.len() {
        0..=MAX_MESSAGE => Ok(text),
        size => Err(LoadFailure::ConfigTooLarge { size }),
    }
}

/// Loads the library and makes the instance on a thread that may block.
async fn create(
    spec: &PluginSpec,
    config: Vec<u8>,
    services: Services,
) -> Result<(Arc<Instance>, Manifest), LoadFailure> {
    let (sender, created) = oneshot::channel();
    let (name, path, limit) = (spec.name.clone(), spec.path.clone(), spec.start_limit);
    thread::Builder::new()
        .name(format!("load-{name}"))
        .spawn(move || {
            let open_and_create = || {
                let library = Library::open(&path)?;
                let instance = Instance::create(name, &library, services, &config);
                Ok((instance.map_err(LoadFailure::Create)?, library.manifest().clone()))
            };
            // Nobody listens any more after the time limit: then the instance is dropped, and so destroyed.
            let _ = sender.send(open_and_create());
        })
        .map_err(LoadFailure::Thread)?;
    match timeout(limit, created).await {
        Ok(Ok(created)) => created,
        Ok(Err(_)) => Err(LoadFailure::Create("its loading thread died".to_owned())),
        Err(_) => Err(LoadFailure::CreateTimeout { limit }),
    }
}

fn describe_config(config: &PluginConfig) -> Description {
    Description {
        chains: config.chains.keys().cloned().collect(),
        venues: config.venues.keys().cloned().collect(),
    }
}

fn compare(configured: &Description, made: &Description) -> Option<Mismatch> {
    let mismatch =
        Mismatch { missing: difference(configured, made), unexpected: difference(made, configured) };
    (mismatch != Mismatch::default()).then_some(mismatch)
}

/// What is in `left` only.
fn difference(left: &Description, right: &Description) -> Vec<String> {
    let only = |kind: &'static str, left: &[String], right: &[String]| -> Vec<String> {
        let only = left.iter().filter(|name| !right.contains(name));
        only.map(|name| format!("{kind} {name}")).collect()
    };
    let mut names = only("chain", &left.chains, &right.chains);
    names.extend(only("venue", &left.venues, &right.venues));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_have_to_be_exactly_what_is_configured() {
        let description = |chains: &[&str], venues: &[&str]| Description {
            chains: chains.iter().map(ToString::to_string).collect(),
            venues: venues.iter().map(ToString::to_string).collect(),
        };
        let configured = description(&["main"], &["pool", "book"]);
        let reordered = description(&["main"], &["book", "pool"]);
        assert_eq!(compare(&configured, &reordered), None);
        let mismatch = compare(&configured, &description(&[], &["pool", "book", "main"])).unwrap();
        assert_eq!(mismatch.to_string(), "chain main missing, venue main unexpected");
    }
}
