//! What a plugin in a process of its own can see and do.

use crate::{LONG, chain, end, folder, hosts, libraries, quote, records::records};
use orderd::plugin::{Isolation, LoadFailure, Loaded, Network, PluginSpec, ProcessSettings, load};
use orderd_sdk::plugin::{Host, PluginConfig};
use serde_json::Value;
use std::{path::PathBuf, time::Duration};
use tempfile::TempDir;

/// The plugin of disasters in this folder.
pub(crate) async fn disaster(folder: &TempDir, settings: ProcessSettings) -> Loaded {
    hosts::load_so(libraries::disaster(), config(folder), Isolation::Process(settings)).await.unwrap()
}

pub(crate) fn config(folder: &TempDir) -> PluginConfig {
    let mut config = crate::config(folder, Value::Null);
    config.chains.clear();
    config
}

#[tokio::test]
async fn a_process_has_nothing_of_the_daemons_and_can_do_nothing_but_its_work() {
    let records = records();
    let folder = folder();
    // A descriptor that does not close itself, as whoever starts the daemon may leave one to it.
    let leaked = std::fs::File::open("/etc/passwd").unwrap();
    rustix::io::fcntl_setfd(&leaked, rustix::io::FdFlags::empty()).unwrap();
    let plugin = disaster(&folder, hosts::process()).await;
    drop(leaked);
    let line =
        records.wait_for(&["plugin has a process of its own", "512 MiB of memory, 256 open files"]).await;
    let seen: Value = quote(&plugin, "look", LONG).await.unwrap().route.read().unwrap();
    assert_eq!(seen["variables"], 0, "the environment may hold keys");
    assert_eq!(seen["privileges"], "none new");
    assert_eq!(seen["leader"], 1, "signals from a terminal are not for it");
    assert_eq!(seen["inside"], "yes", "its own folder");
    // The three standard streams, the socket twice, and what it has opened just now: a file and a socket.
    assert!(seen["descriptors"].as_u64().unwrap() <= 7, "{seen}");
    if line.contains("Landlock") && !line.contains("without") {
        for denied in ["passwd", "outside", "exec", "connect"] {
            assert_eq!(seen[denied], "EACCES", "{denied}: {seen}");
        }
    }
    end(plugin).await;

    let allowed = ProcessSettings { network: Network::Allowed, ..hosts::process() };
    let plugin = disaster(&folder, allowed).await;
    let seen: Value = quote(&plugin, "look", LONG).await.unwrap().route.read().unwrap();
    assert_eq!(seen["connect"], "ECONNREFUSED", "the network is there when it is allowed");
    end(plugin).await;
}

#[tokio::test]
async fn what_a_process_prints_and_logs_is_in_the_log_but_not_without_limit() {
    let records = records();
    let folder = folder();
    let plugin = disaster(&folder, hosts::process()).await;
    quote(&plugin, "print", LONG).await.unwrap();
    records.wait_for(&["INFO plugin", "a line on standard output", "origin=\"stdout\""]).await;
    records.wait_for(&["WARN plugin", "a line on standard error", "origin=\"stderr\""]).await;
    quote(&plugin, "flood", LONG).await.unwrap();
    tokio::time::timeout(LONG, async {
        while quote(&plugin, "print", LONG).await.is_ok() && records.with(&["it writes too much"]).is_empty()
        {
        }
    })
    .await
    .unwrap();
    assert!(records.with(&["message=flood"]).len() < 10_000);
    end(plugin).await;
}

#[tokio::test]
async fn a_start_that_blocks_is_killed_at_its_deadline_and_one_that_crashes_is_told() {
    let folder = folder();
    let attempt = async || {
        let spec = PluginSpec {
            isolation: Isolation::Process(hosts::process()),
            start_limit: Duration::from_millis(300),
            ..PluginSpec::new("tried", libraries::disaster(), folder.path().join("copies"), config(&folder))
        };
        load(spec, Host::new(crate::Services)).await.map(drop).map_err(|error| error.reason)
    };
    std::fs::write(folder.path().join("at-create"), "block").unwrap();
    assert!(matches!(attempt().await, Err(LoadFailure::CreateTimeout { .. })));
    std::fs::write(folder.path().join("at-create"), "abort").unwrap();
    let Err(LoadFailure::Died(how)) = attempt().await else {
        panic!("it died");
    };
    assert_eq!(how, "killed by SIGABRT");
    attempt().await.unwrap();
}

#[tokio::test]
async fn a_program_that_is_no_host_is_told_as_such() {
    let folder = folder();
    let load = async |program: &str| {
        let settings = ProcessSettings::hosted_by(PathBuf::from(program));
        let loading = hosts::load_so(libraries::disaster(), config(&folder), Isolation::Process(settings));
        loading.await.unwrap_err().reason
    };
    assert!(matches!(load("/nowhere/orderd").await, LoadFailure::Process(_)));
    let LoadFailure::Died(how) = load("/bin/false").await else {
        panic!("it ended at once");
    };
    assert_eq!(how, "exited with code 1");
}

#[tokio::test]
async fn relative_paths_mean_the_same_in_a_process_with_another_folder() {
    let folder = folder();
    let up = std::env::current_dir().unwrap().components().skip(1).map(|_| "..").collect::<PathBuf>();
    let relative = up.join(folder.path().strip_prefix("/").unwrap());
    std::fs::copy(libraries::paper(), folder.path().join("paper.so")).unwrap();
    let pools = serde_json::json!({"pools": [{"tokens": ["SOL", "USDC"], "reserves": ["1", "1"]}]});
    let config = PluginConfig { data_dir: relative.clone(), ..crate::config(&folder, pools) };
    let plugin = hosts::load_so(relative.join("paper.so"), config, Isolation::Process(hosts::process()))
        .await
        .unwrap();
    let ctx = orderd_sdk::plugin::Context::within(LONG);
    chain(&plugin).health(&ctx).await.unwrap();
    end(plugin).await;
}
