//! From a file to a copy of the plugin that takes calls, wherever it is to run.

use super::{
    copy::{self, Copy},
    instance::Instance,
    loader::{About, LoadFailure, MadeFrom, Mismatch, PluginSpec},
    process::{Isolation, Process},
    proxy,
    runner::Runner,
    services::Services,
};
use orderd_sdk::{
    abi::{Description, host::Library, table::MAX_MESSAGE},
    plugin::{Context, Host, PluginConfig},
};
use std::{
    path::{PathBuf, absolute},
    sync::Arc,
    thread,
    time::Duration,
};
use tokio::{runtime::Handle, sync::oneshot, time::timeout};

/// How long an instance may take to say what it made.
const DESCRIBE_LIMIT: Duration = Duration::from_secs(10);

/// A copy that takes calls.
pub(super) struct Launched {
    pub(super) runner: Arc<dyn Runner>,
    pub(super) about: About,
    /// Exactly what was configured.
    pub(super) made: Description,
    /// The file that is in use.
    pub(super) copy: PathBuf,
}

/// Starts a copy of the plugin, which has made what is configured when this returns.
pub(super) async fn launch(from: &MadeFrom) -> Result<Launched, LoadFailure> {
    let MadeFrom { spec, services } = from;
    let configured = describe_config(&spec.config);
    let config = config_text(&spec.config)?;
    let (runner, about, copy) = match &spec.isolation {
        Isolation::InProcess => create(spec.clone(), config, services.clone()).await?,
        Isolation::Process(_) => create_apart(spec.clone(), config, services.clone()).await?,
    };
    let made = proxy::describe(&*runner, &Context::within(DESCRIBE_LIMIT)).await;
    let made = made.map_err(LoadFailure::Describe)?;
    if let Some(mismatch) = compare(&configured, &made) {
        return Err(LoadFailure::Exports(mismatch));
    }
    Ok(Launched { runner, about, made, copy })
}

/// Removes the copies of other versions, which nobody else needs at a start.
pub(super) async fn clean(spec: &PluginSpec, current: PathBuf) {
    let folder = spec.copies.clone();
    let cleaning = Handle::current().spawn_blocking(move || copy::clean(&folder, &current));
    // To its end: what a reload puts there next must not be taken for something old.
    cleaning.await.ok();
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

type Created = (Arc<dyn Runner>, About, PathBuf);

/// Loads the library and makes the instance on a thread that may block.
async fn create(spec: PluginSpec, config: Vec<u8>, services: Host) -> Result<Created, LoadFailure> {
    let (sender, created) = oneshot::channel();
    let (limit, services) = (spec.start_limit, Services::new(services, Handle::current()));
    thread::Builder::new()
        .name(format!("load-{}", spec.name))
        .spawn(move || {
            // Nobody listens any more after the time limit: then the instance is dropped, and so destroyed.
            let _ = sender.send(open_and_create(spec, &config, services));
        })
        .map_err(LoadFailure::Thread)?;
    match timeout(limit, created).await {
        Ok(Ok(created)) => created,
        Ok(Err(_)) => Err(LoadFailure::Create("its loading thread died".to_owned())),
        Err(_) => Err(LoadFailure::CreateTimeout { limit }),
    }
}

fn open_and_create(spec: PluginSpec, config: &[u8], services: Services) -> Result<Created, LoadFailure> {
    let Copy { path, hash } = copy::copy(&spec)?;
    let library = Library::open(&path)?;
    let about = About { manifest: library.manifest().clone(), hash };
    let instance = Instance::create(spec.name, &library, services, config).map_err(LoadFailure::Create)?;
    Ok((instance, about, path))
}

/// Has a process of its own load the library and make the instance.
async fn create_apart(spec: PluginSpec, config: Vec<u8>, services: Host) -> Result<Created, LoadFailure> {
    let copying = Handle::current().spawn_blocking({
        let spec = spec.clone();
        move || copy::copy(&spec)
    });
    let Copy { path, hash } = copying.await.map_err(|error| LoadFailure::Create(error.to_string()))??;
    let spec = PluginSpec { path: path.clone(), ..spec };
    let (process, manifest) = Process::launch(spec, config, services).await?;
    Ok((process, About { manifest, hash }, path))
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
