//! What operators change, by filter and by name.

use crate::program::{json, run};
use anyhow::{Context as _, Result, ensure};
use orderd_sdk::{
    client::Client,
    wire::{ExecuteRequest, OrderStatus},
};
use orderd_tests::{Daemon, Life, Site, paper};

/// A venue that never quotes: orders that only it may execute fail.
const DOWN: &str = r#"
[venues.paper-down]
plugin = "paper"
chain = "paper"

[venues.paper-down.config]
failurePercent = 100
pools = [{ tokens = ["SOL", "USDC"], reserves = ["500000", "75000000"] }]
"#;

/// A daemon in a folder, and orders that have failed.
pub(crate) struct Scene {
    pub(crate) daemon: Daemon,
    pub(crate) failed: Vec<String>,
    _site: Site,
}

impl Scene {
    pub(crate) async fn with_failed(orders: usize) -> Result<Self> {
        let site = Site::new(&(paper::config("") + DOWN))?;
        let daemon = site.start().await?;
        let client = Client::new(daemon.url())?;
        let mut failed = Vec::new();
        for _ in 0..orders {
            let venues = Some(vec!["paper-down".to_owned()]);
            let hopeless = ExecuteRequest { venues, ..ExecuteRequest::market("SOL", "USDC", "1") };
            let accepted = client.submit(&hopeless, None).await?;
            Life::follow(daemon.url(), &accepted.order_id).await?.until(OrderStatus::Failed).await?;
            failed.push(accepted.order_id);
        }
        Ok(Self { daemon, failed, _site: site })
    }

    /// How often an order has failed.
    pub(crate) async fn failures(&self, id: &str) -> Result<usize> {
        let events = Client::new(self.daemon.url())?.events(id, 0).await?.events;
        Ok(events.iter().filter(|event| event.kind == OrderStatus::Failed).count())
    }

    /// Waits until an order has failed so often.
    async fn until_failed(&self, id: &str, times: usize) -> Result<()> {
        let mut life = Life::follow(self.daemon.url(), id).await?;
        for _ in 0..times {
            life.until(OrderStatus::Failed).await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn what_a_filter_means_is_retried_and_nothing_else() -> Result<()> {
    let scene = Scene::with_failed(3).await?;
    let url = scene.daemon.url();
    let fine = Client::new(url)?.submit(&ExecuteRequest::market("SOL", "USDC", "1"), None).await?.order_id;
    Life::follow(url, &fine).await?.until(OrderStatus::Finalized).await?;

    let filter = ["retry", "--filter", "since:1h"];
    let (code, out, err) = run(url, &[&filter[..], &["--dry-run", "--json"]].concat()).await?;
    let would: serde_json::Value = serde_json::from_str(&out)?;
    ensure!(code == 0 && would["eligible"] == 3 && would["matched"] == 4, "{out}{err}");
    ensure!(would["blocked"][0]["count"] == 1 && would["result"].is_null(), "{would}");
    for id in &scene.failed {
        ensure!(scene.failures(id).await? == 1, "a dry run has retried {id}");
    }

    let (code, out, err) = run(url, &[&filter[..], &["--yes", "--expect", "3"]].concat()).await?;
    ensure!((code, out.as_str()) == (0, "3 of 3 orders done, 3 retried\n"), "{code} {out}{err}");
    for id in &scene.failed {
        scene.until_failed(id, 2).await?;
    }
    let (first, both) = (&scene.failed[0], [scene.failed[0].as_str(), fine.as_str()]);
    let (code, out, _) = run(url, &["retry", first]).await?;
    ensure!(code == 0 && out.starts_with(&format!("order {first} is ")), "{out}");
    scene.until_failed(first, 3).await?;
    ensure!(run(url, &["retry", &fine]).await?.0 == 1, "it has not failed");
    let (code, out, err) = run(url, &["retry", both[0], both[1], "--yes"]).await?;
    ensure!(code == 3 && out.starts_with("1 of 1 order done"), "{code} {out}{err}");

    let actions = json(url, &["actions"]).await?;
    ensure!(
        actions.iter().any(|action| action["verb"].as_str().is_some_and(|verb| verb.contains("retry"))),
        "{actions:?}"
    );
    scene.daemon.stop().await
}

#[tokio::test]
async fn a_paused_queue_says_so_and_begins_nothing() -> Result<()> {
    let scene = Scene::with_failed(0).await?;
    let url = scene.daemon.url();
    let (code, out, _) = run(url, &["queue", "pause", "--reason", "node is down"]).await?;
    ensure!(
        code == 0 && out.starts_with("queue paused, since ") && out.ends_with(", because node is down\n")
    );
    let id = Client::new(url)?.submit(&ExecuteRequest::market("SOL", "USDC", "1"), None).await?.order_id;
    let queue = json(url, &["queue"]).await?;
    ensure!(queue[0]["paused"]["reason"] == "node is down" && queue[0]["depth"]["pending"] == 1, "{queue:?}");
    let would = json(url, &["queue", "resume", "--dry-run"]).await?;
    ensure!(
        would[0]["detail"].as_str().is_some_and(|detail| detail.starts_with("at present: queue paused")),
        "{would:?}"
    );
    let resumed = json(url, &["queue", "resume"]).await?;
    ensure!(resumed[0]["result"]["paused"].is_null(), "{resumed:?}");
    Life::follow(url, &id).await?.until(OrderStatus::Finalized).await?;
    scene.daemon.stop().await
}

#[tokio::test]
async fn orders_are_found_by_filter_and_exported() -> Result<()> {
    let scene = Scene::with_failed(2).await?;
    let url = scene.daemon.url();
    let found = json(url, &["orders", "--filter", "state:failed"]).await?;
    ensure!(found.len() == 2 && found[0]["id"] == scene.failed[1].as_str(), "{found:?}");
    ensure!(json(url, &["orders", "--filter", "state:failed venue:none"]).await?.is_empty());
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("failed.csv");
    let args = ["export", "--filter", "state:failed", "--format", "csv", "--output"];
    let (code, _, err) = run(url, &[&args[..], &[file.to_str().context("a path")?]].concat()).await?;
    ensure!(code == 0, "{err}");
    let written = std::fs::read_to_string(&file)?;
    ensure!(written.lines().count() == 3 && written.contains(&scene.failed[0]), "{written}");
    scene.daemon.stop().await
}
