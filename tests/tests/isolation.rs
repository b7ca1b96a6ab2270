//! The daemon as a process, with a plugin that ruins its own: the daemon stays up, and its orders are executed.

use anyhow::{Context as _, Result, ensure};
use orderd_sdk::wire::{ExecuteRequest, OrderStatus};
use orderd_tests::{Daemon, Life, Site, paper};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};
use tokio::time::{interval, timeout};

/// The plugin in C that ruins its process, compiled into this folder.
fn disaster(folder: &Path) -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let library = folder.join("disaster.so");
    let status = Command::new("cc")
        .args(["-std=c11", "-shared", "-fPIC", "-I"])
        .arg(root.join("sdk/include"))
        .arg(root.join("daemon/tests/plugin_host/fixtures/disaster.c"))
        .arg("-o")
        .arg(&library)
        .status()?;
    ensure!(status.success(), "cc failed");
    Ok(library)
}

/// A site whose paper chain has one venue more, of a plugin that is not shipped.
fn site(isolation: &str) -> Result<Site> {
    let site = Site::new("")?;
    let library = disaster(site.folder())?;
    let config = paper::config("").replace("[engine]", "[engine]\nquote_timeout_ms = 500").replace(
        "[plugins.paper]",
        &format!(
            // However often it ruins its process, it is asked again.
            "[engine.quarantine]\npanics = 0\n[engine.breaker]\nfailures = 10000\nmin_calls = 100000\n[plugins.paper]\n{isolation}\n[plugins.trap]\nfile = {library:?}\nmemory_mib = 64\n\
             hang_ms = 200\nrestart_max_ms = 10\n[venues.pool]\nplugin = \"trap\"\nchain = \"paper\"\n"
        ),
    );
    site.configure(&config)?;
    Ok(site)
}

async fn trade(daemon: &Daemon) -> Result<()> {
    let accepted = daemon.http().submit(&ExecuteRequest::market("SOL", "USDC", "1")).await?;
    let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
    life.until(OrderStatus::Finalized).await?;
    ensure!(life.told().iter().filter(|event| event.kind == OrderStatus::Confirmed).count() == 1);
    Ok(())
}

/// Waits until the log has these words so often.
async fn logged(daemon: &Daemon, words: &str, times: usize) -> Result<()> {
    let mut looks = interval(Duration::from_millis(10));
    let looking = async {
        while daemon.log()?.matches(words).count() < times {
            looks.tick().await;
        }
        anyhow::Ok(())
    };
    timeout(Duration::from_secs(30), looking).await.with_context(|| format!("{words:?} is not logged"))?
}

#[tokio::test]
async fn quotes_fail_over_and_orders_finalize_whatever_a_plugin_does_to_its_process() -> Result<()> {
    let site = site("")?;
    let daemon = site.start().await?;
    assert_eq!(daemon.hosts()?.keys().collect::<Vec<_>>(), ["trap"], "what is not shipped runs apart");
    let ruins =
        ["segv", "abort", "exit", "overflow", "hoard", "spin", "owe", "garbage", "oversize", "forged"];
    for (times, ruin) in (1..).zip(ruins) {
        std::fs::write(site.folder().join("data/plugins/trap/do"), ruin)?;
        trade(&daemon).await.context(ruin)?;
        logged(&daemon, "the plugin's process was started again", times).await.context(ruin)?;
    }
    let log = daemon.log()?;
    for exit in
        ["killed by SIGSEGV", "killed by SIGABRT", "exited with code 0", "its process does not answer"]
    {
        assert!(log.contains(exit), "{exit}: {log}");
    }
    daemon.stop().await
}

#[tokio::test]
async fn no_process_of_a_plugin_outlives_the_daemon() -> Result<()> {
    let site = site("isolation = \"process\"")?;
    let daemon = site.start().await?;
    let hosts = daemon.hosts()?;
    assert_eq!(hosts.len(), 2, "{hosts:?}");
    // One of them reads nothing any more, and so cannot hear that the daemon is gone.
    std::fs::write(site.folder().join("data/plugins/trap/do"), "spin")?;
    let spinning = daemon.http().submit(&ExecuteRequest::market("SOL", "USDC", "1")).await?;
    Life::follow(daemon.url(), &spinning.order_id).await?.until(OrderStatus::Routing).await?;
    daemon.kill().await?;
    gone(hosts.values().copied()).await?;

    let daemon = site.start().await?;
    trade(&daemon).await?;
    let hosts = daemon.hosts()?;
    daemon.stop().await?;
    gone(hosts.into_values()).await
}

/// Waits until these processes have ended. The system tells of another's child to nobody.
async fn gone(pids: impl Iterator<Item = u32>) -> Result<()> {
    let mut looks = interval(Duration::from_millis(10));
    for pid in pids {
        let is_there = || {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
        };
        let ending = async {
            while is_there() {
                looks.tick().await;
            }
        };
        timeout(Duration::from_secs(10), ending).await.with_context(|| format!("{pid} goes on"))?;
    }
    Ok(())
}
