//! The daemon on a disk that is full, damaged or not for it, and the way back from there.

use anyhow::{Context as _, Result, ensure};
use orderd_sdk::wire::{ExecuteRequest, OrderStatus};
use orderd_tests::{Life, Site, daemon::program, http::Http, paper};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};
use tokio::process::Command;

/// Large enough for a start, too small for many orders: in blocks of 512 bytes.
const FULL_AT: u32 = 4096;
/// So many that some of them wait for the very write that fails.
const CLIENTS: usize = 64;
const MOST_ORDERS: usize = 20_000;

/// Runs the command with a limit on the size of each file, which stands for a full disk.
fn on_a_small_disk(site: &Site, command: &mut Command) -> std::io::Result<()> {
    let script = format!("trap '' XFSZ; ulimit -f {FULL_AT}; exec \"$0\" \"$@\"");
    let run = command.as_std();
    let mut limited = Command::new("sh");
    limited.arg("-c").arg(script).arg(run.get_program()).args(run.get_args());
    limited.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    limited.stderr(fs::File::options().append(true).open(site.folder().join("orderd.log"))?);
    *command = limited;
    Ok(())
}

/// Submits orders until the daemon refuses one; those that it has accepted, and how it refused.
async fn submit_until_refused(http: &Http) -> Result<(Vec<String>, String)> {
    let body = r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":"1"}"#;
    let mut accepted = Vec::new();
    while accepted.len() < MOST_ORDERS {
        let Ok(reply) = http.post("/api/orders/execute", body).await else {
            return Ok((accepted, "gone".to_owned()));
        };
        match reply.status.as_u16() {
            202 => accepted.push(reply.body["orderId"].as_str().context("an id")?.to_owned()),
            503 => return Ok((accepted, reply.code().to_owned())),
            other => anyhow::bail!("{other}: {}", reply.body),
        }
    }
    anyhow::bail!("the disk never fills up")
}

#[tokio::test]
async fn a_full_disk_refuses_orders_and_loses_none() -> Result<()> {
    let site = Site::new(&paper::config(""))?;
    // The disk fills up while there is a daemon: its plugins have been copied.
    site.start().await?.stop().await?;
    let mut limited = Ok(());
    let mut daemon = site.start_with(|command| limited = on_a_small_disk(&site, command)).await?;
    limited?;
    let http = daemon.http();
    let clients = (0..CLIENTS).map(|_| submit_until_refused(&http));
    let (mut accepted, mut refusals) = (Vec::new(), Vec::new());
    for client in futures_util::future::join_all(clients).await {
        let (ids, refusal) = client?;
        accepted.extend(ids);
        refusals.push(refusal);
    }
    ensure!(!accepted.is_empty());
    ensure!(refusals.iter().any(|code| code == "storage-unavailable"), "{refusals:?}");
    ensure!(refusals.iter().all(|code| ["storage-unavailable", "gone"].contains(&&**code)));
    assert_eq!(daemon.ended().await?.code(), Some(70), "{}", daemon.log()?);

    let daemon = site.start().await?;
    for id in &accepted {
        let mut life = Life::follow(daemon.url(), id).await?;
        life.until(OrderStatus::Finalized).await?;
        assert_eq!(life.told().iter().filter(|event| event.kind == OrderStatus::Confirmed).count(), 1);
    }
    daemon.stop().await
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_named() -> Result<()> {
    let site = Site::new(&paper::config(""))?;
    let output = site.command()?.args(["--data-dir", "/proc/orderd"]).stderr(Stdio::piped()).output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(74), "{said}");
    assert!(said.contains("/proc/orderd"), "{said}");
    Ok(())
}

/// A site whose daemon has finished some orders and has stopped, and what it said of them.
async fn finished() -> Result<(Site, Vec<String>)> {
    let site = Site::new(&paper::config(""))?;
    let daemon = site.start().await?;
    for _ in 0..5 {
        let order = daemon.http().submit(&ExecuteRequest::market("SOL", "USDC", "1")).await?;
        Life::follow(daemon.url(), &order.order_id).await?.until(OrderStatus::Finalized).await?;
    }
    let orders = orders(&daemon.http()).await?;
    daemon.stop().await?;
    Ok((site, orders))
}

async fn orders(http: &Http) -> Result<Vec<String>> {
    http.orders().await?.iter().map(|order| Ok(serde_json::to_string(order)?)).collect()
}

fn store(site: &Site) -> PathBuf {
    site.folder().join("data/store")
}

async fn orderd(site: &Site, verb: &str, more: &[&Path]) -> Result<Output> {
    let mut arguments: Vec<OsString> = vec![verb.into(), "--config".into(), site.config().into()];
    arguments.extend(["--data-dir".into(), site.folder().join("data").into()]);
    arguments.extend(more.iter().map(|argument| argument.into()));
    Ok(Command::new(program("orderd")?).args(arguments).output().await?)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_store_is_exported_and_imported_as_it_was() -> Result<()> {
    let (site, before) = finished().await?;
    let archive = site.folder().join("orders.jsonl");
    let exported = orderd(&site, "export", &["--output".as_ref(), &archive]).await?;
    assert_eq!(exported.status.code(), Some(0), "{}", said(&exported));
    assert!(
        said(&exported).contains("exported 5 orders, 1 lanes, 0 idempotency keys"),
        "{}",
        said(&exported)
    );

    let occupied = orderd(&site, "import", &["--input".as_ref(), &archive]).await?;
    assert_eq!(occupied.status.code(), Some(74), "{}", said(&occupied));
    fs::rename(store(&site), site.folder().join("old"))?;
    let imported = orderd(&site, "import", &["--input".as_ref(), &archive]).await?;
    assert_eq!(imported.status.code(), Some(0), "{}", said(&imported));
    let daemon = site.start().await?;
    assert_eq!(orders(&daemon.http()).await?, before);
    daemon.stop().await
}

#[tokio::test]
async fn damage_stops_the_start_and_the_documented_way_leads_back() -> Result<()> {
    let (site, before) = finished().await?;
    let log = fs::read_dir(store(&site).join("log"))?.next().context("a file")??.path();
    let mut bytes = fs::read(&log)?;
    let end = bytes.len() - 100;
    bytes[end] ^= 1;
    fs::write(&log, bytes)?;
    let (code, refused) = site.refuse().await?;
    assert_eq!(code, Some(65), "{refused}");
    for word in [log.to_str().context("a path")?, "is damaged", "orderd export", "docs/storage.md"] {
        assert!(refused.contains(word), "{word} is not in:\n{refused}");
    }

    let archive = site.folder().join("orders.jsonl");
    let exported = orderd(&site, "export", &["--output".as_ref(), &archive]).await?;
    assert_eq!(exported.status.code(), Some(65), "{}", said(&exported));
    assert!(said(&exported).contains(log.to_str().context("a path")?), "{}", said(&exported));
    fs::rename(store(&site), site.folder().join("damaged"))?;
    let whole = orderd(&site, "import", &["--input".as_ref(), &archive]).await?;
    assert_eq!(whole.status.code(), Some(65), "{}", said(&whole));
    assert!(!store(&site).exists());
    let imported =
        orderd(&site, "import", &["--input".as_ref(), &archive, "--accept-incomplete".as_ref()]).await?;
    assert_eq!(imported.status.code(), Some(0), "{}", said(&imported));
    // The damage took the end of the newest order, and nobody would know whether to carry it on.
    assert!(said(&imported).contains("is left out:"), "{}", said(&imported));
    let daemon = site.start().await?;
    assert_eq!(orders(&daemon.http()).await?, before[1..]);
    daemon.stop().await
}
