//! One copy of a plugin takes the place of another: a new version, a bad one, and one of which there may be one only.

use crate::{LONG, Services, config, end, folder, libraries, poll_once, quote, venue};
use orderd::plugin::{Acceptance, Hash, LoadFailure, Loaded, PluginSpec, ReloadError, load};
use orderd_sdk::{
    amount::Amount,
    plugin::{Context, Exports, Host, QuoteRequest, async_trait},
};
use serde_json::{Value, json};
use std::{fs, path::Path, sync::Arc};
use tempfile::TempDir;
use tokio::{sync::Semaphore, task::JoinSet};

/// Takes every copy.
struct Any;

#[async_trait]
impl Acceptance for Any {
    async fn check(&self, _candidate: &Exports) -> Result<(), String> {
        Ok(())
    }
}

/// Takes none, but looks at what it quotes.
struct Picky;

#[async_trait]
impl Acceptance for Picky {
    async fn check(&self, candidate: &Exports) -> Result<(), String> {
        let quote =
            candidate.venues["pool"].quote(&Context::within(LONG), crate::quote_request("plain")).await;
        Err(format!("it quotes {}", quote.unwrap().amount_out))
    }
}

/// Takes a copy when it is told to.
struct Slow(Arc<Semaphore>);

#[async_trait]
impl Acceptance for Slow {
    async fn check(&self, _candidate: &Exports) -> Result<(), String> {
        self.0.acquire().await.map(drop).map_err(|closed| closed.to_string())
    }
}

/// A plugin whose file is in a folder of its own, where it can be replaced.
fn spec(folder: &TempDir, library: &Path, settings: Value) -> PluginSpec {
    let path = folder.path().join("libdex.so");
    fs::copy(library, &path).unwrap();
    PluginSpec::new("tried", path, folder.path().join("copies"), config(folder, settings))
}

async fn loaded(spec: &PluginSpec) -> Loaded {
    load(spec.clone(), Host::new(Services)).await.unwrap()
}

async fn reload(loaded: &Loaded, spec: &PluginSpec, acceptance: &dyn Acceptance) -> Result<(), ReloadError> {
    loaded.reload(spec.clone(), Host::new(Services), acceptance).await.map(drop)
}

async fn quoted(loaded: &Loaded) -> Amount {
    quote(loaded, "plain", LONG).await.unwrap().amount_out
}

#[tokio::test]
async fn a_new_version_takes_the_calls_and_is_told_apart() {
    let folder = folder();
    let spec = spec(&folder, &libraries::in_c(""), Value::Null);
    let loaded = loaded(&spec).await;
    let before = loaded.about();
    assert_eq!(quoted(&loaded).await, Amount::from(7_u64));
    fs::copy(libraries::in_c("NEXT_VERSION"), &spec.path).unwrap();
    assert_eq!(
        quoted(&loaded).await,
        Amount::from(7_u64),
        "a file that is overwritten is not the one in use"
    );
    let reloaded = loaded.reload(spec.clone(), Host::new(Services), &Any).await.unwrap();
    assert_eq!((&reloaded.before, &reloaded.after), (&before, &loaded.about()));
    assert_eq!((before.manifest.version.as_str(), loaded.about().manifest.version.as_str()), ("0.9", "1.0"));
    assert_eq!(loaded.about().hash, Hash::of_file(&spec.path).unwrap());
    assert_eq!(quoted(&loaded).await, Amount::from(8_u64));
    end(loaded).await;
}

#[tokio::test]
async fn a_bad_version_leaves_the_old_one_at_work_and_says_why() {
    let folder = folder();
    let spec = spec(&folder, &libraries::in_c(""), Value::Null);
    let loaded = loaded(&spec).await;
    let before = loaded.about();
    let pinned = PluginSpec { pin: Some(Hash([7; 32])), ..spec.clone() };
    let refused = reload(&loaded, &pinned, &Any).await.unwrap_err();
    assert!(matches!(refused, ReloadError::Load(LoadFailure::Pin { .. })), "{refused}");
    fs::copy(libraries::in_c("CREATE_FAILS"), &spec.path).unwrap();
    let refused = reload(&loaded, &spec, &Any).await.unwrap_err();
    assert_eq!(refused.to_string(), "it refused to start: venues.pool.config.pools is missing");
    fs::copy(libraries::in_c("NEXT_VERSION"), &spec.path).unwrap();
    let refused = reload(&loaded, &spec, &Picky).await.unwrap_err();
    assert_eq!(refused.to_string(), "the new copy is not fit: it quotes 8");
    fs::write(&spec.path, "not a library").unwrap();
    let refused = reload(&loaded, &spec, &Any).await.unwrap_err();
    assert!(matches!(refused, ReloadError::Load(LoadFailure::File(_))), "{refused}");
    assert_eq!((quoted(&loaded).await, loaded.about()), (Amount::from(7_u64), before));
    end(loaded).await;
}

#[tokio::test]
async fn the_old_copy_answers_what_it_has_in_hand() {
    let folder = folder();
    let mut spec = spec(&folder, &libraries::misbehaving(), Value::Null);
    spec.config.chains.clear();
    let loaded = loaded(&spec).await;
    let mut hanging = Box::pin(quote(&loaded, "hang", LONG));
    assert!(poll_once(&mut hanging).await.is_pending());
    // It is answered by the copy in which something hangs, once nothing does any more.
    let mut waiting = Box::pin(quote(&loaded, "idle", LONG));
    assert!(poll_once(&mut waiting).await.is_pending());
    reload(&loaded, &spec, &Any).await.unwrap();
    assert!(quote(&loaded, "idle", LONG).await.is_ok(), "nothing hangs in the new copy");
    assert!(poll_once(&mut waiting).await.is_pending());
    drop(hanging);
    assert!(waiting.await.is_ok());
    end(loaded).await;
}

#[tokio::test]
async fn a_plugin_is_reloaded_by_one_at_a_time_and_not_after_its_end() {
    let folder = folder();
    let spec = spec(&folder, &libraries::in_c(""), Value::Null);
    let loaded = loaded(&spec).await;
    let leave = Arc::new(Semaphore::new(0));
    let slow = Slow(leave.clone());
    let mut first = Box::pin(reload(&loaded, &spec, &slow));
    assert!(poll_once(&mut first).await.is_pending());
    assert!(matches!(reload(&loaded, &spec, &Any).await, Err(ReloadError::Busy)));
    leave.add_permits(1);
    first.as_mut().await.unwrap();
    drop(first);
    assert!(loaded.shutdown(LONG).await);
    assert!(matches!(reload(&loaded, &spec, &Any).await, Err(ReloadError::Ended)));
}

const POOL: &str = r#"{"pools": [{"tokens": ["SOL", "USDC"], "reserves": ["500000", "75000000"]}]}"#;

#[tokio::test]
async fn a_plugin_of_which_there_is_one_only_is_replaced_without_losing_a_call() {
    let folder = folder();
    let spec = spec(&folder, &libraries::paper(), serde_json::from_str(POOL).unwrap());
    let loaded = loaded(&spec).await;
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        for _ in 0..20 {
            let venue = venue(&loaded);
            calls.spawn(async move {
                let ctx = Context::within(LONG);
                let request =
                    QuoteRequest { amount_in: Amount::from(1_000_u64), ..crate::quote_request("SOL") };
                venue.quote(&ctx, request).await.map(|quote| quote.amount_out)
            });
        }
        reload(&loaded, &spec, &Any).await.unwrap();
    }
    let answers = calls.join_all().await;
    let first = answers[0].clone().unwrap();
    assert!(answers.iter().all(|answer| answer.as_ref() == Ok(&first)), "{answers:?}");
    end(loaded).await;
}

#[tokio::test]
async fn a_bad_version_of_a_plugin_of_which_there_is_one_only_brings_the_old_one_back() {
    let folder = folder();
    let spec = spec(&folder, &libraries::paper(), serde_json::from_str(POOL).unwrap());
    let loaded = loaded(&spec).await;
    let mut mistaken = spec.clone();
    mistaken.config.venues.get_mut("pool").unwrap().settings = json!({"pools": []});
    let refused = reload(&loaded, &mistaken, &Any).await.unwrap_err();
    assert!(refused.to_string().contains("one pool is needed at least"), "{refused}");
    assert!(quote(&loaded, "SOL", LONG).await.is_ok());
    let library = fs::read(&spec.path).unwrap();
    fs::write(&spec.path, "not a library").unwrap();
    let refused = reload(&loaded, &spec, &Any).await.unwrap_err();
    assert!(matches!(refused, ReloadError::Load(LoadFailure::File(_))), "{refused}");
    assert!(quote(&loaded, "SOL", LONG).await.is_ok());
    // What is in use is a copy. Without it the old version cannot come back, but a reload mends that.
    fs::remove_dir_all(&spec.copies).unwrap();
    let lost = reload(&loaded, &spec, &Any).await.unwrap_err();
    assert!(matches!(lost, ReloadError::Lost { .. }), "{lost}");
    fs::write(&spec.path, library).unwrap();
    reload(&loaded, &spec, &Any).await.unwrap();
    assert!(quote(&loaded, "SOL", LONG).await.is_ok());
    end(loaded).await;
}
