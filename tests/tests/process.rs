//! The daemon as a process: how it starts, refuses to start, ends, and goes on after an end.

use anyhow::Result;
use hyper::StatusCode;
use orderd_sdk::wire::{ExecuteRequest, OrderStatus};
use orderd_tests::{
    Life, Site,
    daemon::{built, program},
    paper,
};
use std::{path::Path, process::Output};
use tokio::process::Command;

fn sell(amount: &str) -> ExecuteRequest {
    ExecuteRequest::market("SOL", "USDC", amount)
}

async fn check(config: &Path) -> Result<Output> {
    let mut command = Command::new(program("orderd")?);
    command.arg("check").arg("--config").arg(config).arg("--plugin-dir").arg(built()?);
    Ok(command.output().await?)
}

#[tokio::test]
async fn the_config_that_comes_with_it_is_fine() -> Result<()> {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config.toml");
    let output = check(&config).await?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let site = Site::new(&std::fs::read_to_string(config)?)?;
    let daemon = site.start().await?;
    for (sold, bought, amount) in [("SOL", "USDC", "10"), ("USDC", "BONK", "5"), ("ETH", "SOL", "0.5")] {
        let accepted = daemon.http().submit(&ExecuteRequest::market(sold, bought, amount)).await?;
        Life::follow(daemon.url(), &accepted.order_id).await?.until(OrderStatus::Finalized).await?;
    }
    daemon.stop().await
}

#[tokio::test]
async fn every_mistake_of_a_config_is_named_and_nothing_is_started() -> Result<()> {
    let mistakes = paper::config("")
        .replace("retry_initial_ms = 50", "retry_initial_ms = \"soon\"\nworkers = 0\ncolour = \"red\"")
        .replace("decimals = 9", "decimals = 99")
        .replace("[accounts.main]\nchain = \"paper\"", "[accounts.main]\nchain = \"moon\"");
    let site = Site::new(&mistakes)?;
    let (code, said) = site.refuse().await?;
    assert_eq!(code, Some(64), "{said}");
    let keys = [
        "engine.retry_initial_ms",
        "engine.workers",
        "engine.colour",
        "tokens.SOL.decimals",
        "accounts.main.chain",
    ];
    for key in keys {
        assert!(said.contains(key), "{key} is not named:\n{said}");
    }
    assert!(!site.folder().join("data").exists(), "nothing was written");
    let output = check(&site.config()).await?;
    assert_eq!(output.status.code(), Some(64));
    assert!(keys.iter().all(|key| String::from_utf8_lossy(&output.stderr).contains(key)));
    Ok(())
}

#[tokio::test]
async fn without_authentication_only_loopback_is_bound() -> Result<()> {
    let site = Site::new(&format!("[server]\nlisten = \"0.0.0.0:3000\"\n{}", paper::config("")))?;
    let output = check(&site.config()).await?;
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("server.listen"));
    Ok(())
}

#[tokio::test]
async fn a_plugin_that_cannot_be_used_is_named_and_the_daemon_does_not_start() -> Result<()> {
    let site = Site::new("")?;
    std::fs::write(site.folder().join("text.so"), "this is no library")?;
    let other_major = fixture("other_major")?;
    let config = |file: &str| {
        paper::config("").replace("[plugins.paper]", &format!("[plugins.paper]\nfile = {file:?}"))
    };
    let text = site.folder().join("text.so");
    let cases = [
        (config("/nowhere/at-all.so"), "at-all.so", "no such file"),
        (config(&text.display().to_string()), "text.so", "not a dynamic library"),
        (config(&other_major.display().to_string()), "other_major", "major"),
        (paper::config("balance = \"-1\"\ncolour = \"red\""), "paper", "balance"),
    ];
    for (config, named, reason) in cases {
        site.configure(&config)?;
        let (code, said) = site.refuse().await?;
        assert!(matches!(code, Some(64 | 69)), "{code:?}: {said}");
        assert!(said.contains(named) && said.contains(reason), "{named}, {reason}:\n{said}");
    }
    Ok(())
}

/// A library that speaks another major version of the plugin interface, made with the system's C compiler.
fn fixture(name: &str) -> Result<std::path::PathBuf> {
    let folder = tempfile::tempdir()?.keep();
    let (source, library) = (folder.join("plugin.c"), folder.join(format!("{name}.so")));
    std::fs::write(&source, "const void *orderd_plugin_entry_v2(void) { return 0; }\n")?;
    let status = std::process::Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source)
        .status()?;
    anyhow::ensure!(status.success(), "cc failed");
    Ok(library)
}

#[tokio::test]
async fn a_data_directory_has_one_daemon_at_a_time() -> Result<()> {
    let site = Site::new(&paper::config(""))?;
    let first = site.start().await?;
    let (code, said) = site.refuse().await?;
    assert_eq!(code, Some(75), "{said}");
    assert!(said.contains("in use by another daemon"), "{said}");
    let accepted = first.http().submit(&sell("1")).await?;
    Life::follow(first.url(), &accepted.order_id).await?.until(OrderStatus::Finalized).await?;
    first.stop().await?;
    site.start().await?.stop().await
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() -> Result<()> {
    let (first, second) = (Site::new(&paper::config(""))?, Site::new(&paper::config(""))?);
    let daemon = first.start().await?;
    let address = daemon.url().trim_start_matches("http://").to_owned();
    let output =
        second.command()?.arg("--listen").arg(&address).stderr(std::process::Stdio::piped()).output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(69), "{said}");
    assert!(said.contains(&address), "{said}");
    daemon.stop().await
}

#[tokio::test]
async fn a_shutdown_refuses_drains_and_tells_streams_to_come_back() -> Result<()> {
    let site = Site::new(&paper::config("inclusionMs = 600000"))?;
    let mut daemon = site.start().await?;
    let waiting = daemon.http().submit(&sell("1")).await?;
    let mut life = Life::follow(daemon.url(), &waiting.order_id).await?;
    life.until(OrderStatus::Submitted).await?;
    daemon.ask_to_end().await?;
    let (last_words, frame) = life.closed().await?;
    assert!(last_words.iter().any(|text| text.contains(r#""type":"reconnect""#)), "{last_words:?}");
    assert_eq!(u16::from(frame.code), 1012);
    assert!(daemon.ended().await?.success());
    Ok(())
}

#[tokio::test]
async fn orders_that_are_open_at_the_end_go_on_at_the_next_start() -> Result<()> {
    let site = Site::new(&paper::config("inclusionMs = 600000"))?;
    let daemon = site.start().await?;
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(daemon.http().submit(&sell("1")).await?.order_id);
    }
    for id in &ids {
        Life::follow(daemon.url(), id).await?.until(OrderStatus::Submitted).await?;
    }
    daemon.stop().await?;

    site.configure(&paper::config(""))?;
    let daemon = site.start().await?;
    for id in &ids {
        let mut life = Life::follow(daemon.url(), id).await?;
        life.until(OrderStatus::Finalized).await?;
        assert_eq!(life.told().iter().filter(|event| event.kind == OrderStatus::Confirmed).count(), 1);
    }
    daemon.stop().await
}

#[tokio::test]
async fn transient_failures_are_retried_with_growing_pauses_and_end_after_the_last_attempt() -> Result<()> {
    let venues_down = paper::config("").replace("feeBps = 30", "feeBps = 30\nfailurePercent = 100");
    let site = Site::new(&venues_down.replace("feeBps = 5\n", "feeBps = 5\nfailurePercent = 100\n"))?;
    let daemon = site.start().await?;
    let accepted = daemon.http().submit(&sell("1")).await?;
    let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
    let failed = life.until(OrderStatus::Failed).await?.clone();
    assert_eq!((failed.order.attempts, failed.fields.total_attempts), (3, Some(3)));
    let delays: Vec<_> = life.told().iter().filter_map(|event| event.fields.delay).collect();
    assert!((25..=50).contains(&delays[0]) && (50..=100).contains(&delays[1]), "{delays:?}");
    let left: Vec<_> = life.told().iter().filter_map(|event| event.fields.retries_remaining).collect();
    assert_eq!(left, [2, 1, 0]);
    daemon.stop().await
}

#[tokio::test]
async fn sends_that_fail_or_go_dark_lead_to_one_effect_all_the_same() -> Result<()> {
    let site = Site::new(&paper::config("sendFailurePercent = 40\nunknownPercent = 40\nseed = 7"))?;
    let daemon = site.start().await?;
    let mut ids = Vec::new();
    for _ in 0..60 {
        ids.push(daemon.http().submit(&sell("1")).await?.order_id);
    }
    let mut seen = std::collections::BTreeSet::new();
    for id in &ids {
        let mut life = Life::follow(daemon.url(), id).await?;
        life.until(OrderStatus::Finalized).await?;
        seen.extend(life.told().iter().map(|event| event.kind));
        assert_eq!(life.told().iter().filter(|event| event.kind == OrderStatus::Confirmed).count(), 1);
    }
    assert!(seen.contains(&OrderStatus::Unknown) && seen.contains(&OrderStatus::RetryPending), "{seen:?}");
    daemon.stop().await
}

#[tokio::test]
async fn bad_orders_get_clear_problems_and_nothing_is_stored() -> Result<()> {
    let site = Site::new(&paper::config(""))?;
    let daemon = site.start().await?;
    let http = daemon.http();
    let pair = r#""tokenIn":"SOL","tokenOut":"USDC""#;
    let cases = [
        (format!(r#"{{{pair},"amount":"0"}}"#), 422, "amount-zero"),
        (format!(r#"{{{pair},"amount":"-1"}}"#), 422, "amount-negative"),
        (format!(r#"{{{pair},"amount":"1e3"}}"#), 422, "amount-exponent"),
        (format!(r#"{{{pair},"amount":"1.0000000001"}}"#), 422, "amount-too-precise"),
        (format!(r#"{{{pair},"amount":"{}"}}"#, "9".repeat(100)), 422, "amount-too-large"),
        (format!(r#"{{{pair},"amount":"1","slippage":51}}"#), 422, "out-of-range"),
        (format!(r#"{{{pair},"amount":"1","chain":"moon"}}"#), 422, "unknown-chain"),
        (format!(r#"{{{pair},"amount":"1","account":"nobody"}}"#), 422, "unknown-account"),
        (format!(r#"{{{pair},"amount":"1","venues":["nowhere"]}}"#), 422, "unknown-venue"),
        (r#"{"tokenIn":"SOL","tokenOut":"GOLD","amount":"1"}"#.to_owned(), 422, "unknown-token"),
        (
            r#"{"tokenIn":"GOLD","tokenOut":"GOLD","amount":"0","slippage":-1}"#.to_owned(),
            422,
            "invalid-order",
        ),
        (format!(r#"{{{pair},"amount":"1","size":2}}"#), 400, "unknown-field"),
        (format!(r"{{{pair}}}"), 400, "missing-field"),
        (r#"{"tokenIn":"#.to_owned(), 400, "malformed-json"),
        (
            format!(r#"{{{pair},"amount":"1","labels":{{"x":"{}"}}}}"#, "y".repeat(70_000)),
            413,
            "body-too-large",
        ),
    ];
    for (body, status, code) in cases {
        let reply = http.post("/api/orders/execute", &body).await?;
        assert_eq!((reply.status.as_u16(), reply.code()), (status, code), "{body:.100}: {}", reply.body);
        assert_eq!(reply.content_type, "application/problem+json");
    }
    for (path, status, code) in [
        ("/api/orders/status/nonsense", StatusCode::BAD_REQUEST, "invalid-order-id"),
        ("/api/orders/status/01900000-0000-7000-8000-000000000000", StatusCode::NOT_FOUND, "order-not-found"),
        ("/api/nothing", StatusCode::NOT_FOUND, "not-found"),
    ] {
        let reply = http.get(path).await?;
        assert_eq!((reply.status, reply.code()), (status, code), "{path}");
    }
    assert_eq!(http.orders().await?, []);
    daemon.stop().await
}

async fn orderctl(url: &str, arguments: &[&str]) -> Result<(Option<i32>, String)> {
    let output = Command::new(program("orderctl")?).args(["--url", url]).args(arguments).output().await?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.code(), String::from_utf8_lossy(&said).into_owned()))
}

#[tokio::test]
async fn the_console_prints_what_the_daemon_says() -> Result<()> {
    let site = Site::new(&paper::config(""))?;
    let daemon = site.start().await?;
    let accepted = daemon.http().submit(&sell("1.5")).await?;
    let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
    let last = life.until(OrderStatus::Finalized).await?.order.clone();

    let (code, status) = orderctl(daemon.url(), &["status"]).await?;
    assert!(code == Some(0) && status.contains("running"), "{status}");
    let (code, orders) = orderctl(daemon.url(), &["orders"]).await?;
    assert!(code == Some(0) && orders.contains("1.5 SOL") && orders.contains("finalized"), "{orders}");
    let (code, order) = orderctl(daemon.url(), &["order", &accepted.order_id]).await?;
    assert_eq!(code, Some(0), "{order}");
    for event in life.told() {
        assert!(order.contains(&event.message), "{} is missing:\n{order}", event.message);
    }
    let (_, json) = orderctl(daemon.url(), &["orders", "--json"]).await?;
    assert_eq!(serde_json::from_str::<orderd_sdk::wire::OrderDto>(&json)?, last);
    let (code, refusal) = orderctl(daemon.url(), &["order", "nonsense"]).await?;
    assert!(code == Some(1) && refusal.contains("invalid-order-id"), "{refusal}");
    let url = daemon.url().to_owned();
    daemon.stop().await?;
    assert_eq!(orderctl(&url, &["status"]).await?.0, Some(69));
    Ok(())
}

#[tokio::test]
async fn a_signal_right_after_the_start_ends_the_daemon_in_good_order() -> Result<()> {
    let site = Site::new(&paper::config(""))?;
    for _ in 0..10 {
        site.start().await?.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn open_orders_keep_their_account_from_being_forgotten() -> Result<()> {
    let waiting = paper::config("inclusionMs = 600000");
    let site = Site::new(&waiting)?;
    let daemon = site.start().await?;
    let accepted = daemon.http().submit(&sell("1")).await?;
    Life::follow(daemon.url(), &accepted.order_id).await?.until(OrderStatus::Submitted).await?;
    daemon.stop().await?;

    site.configure(&waiting.replace("[accounts.main]", "[accounts.other]"))?;
    let (code, said) = site.refuse().await?;
    assert!(
        code == Some(64) && said.contains("1 open orders belong to account paper/main"),
        "{code:?}: {said}"
    );

    site.configure(&paper::config(""))?;
    let daemon = site.start().await?;
    Life::follow(daemon.url(), &accepted.order_id).await?.until(OrderStatus::Finalized).await?;
    daemon.stop().await
}
