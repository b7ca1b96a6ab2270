//! Whatever a plugin does to its own process, the daemon stays, and so does the plugin: it is started again.

use crate::{
    At, LONG, confined::disaster, end, folder, hosts, in_c, quote, quote_request, records::records, venue,
};
use orderd::plugin::{Loaded, ProcessSettings};
use orderd_sdk::plugin::{Context, ErrorKind};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};
use tokio::{
    task::{JoinSet, yield_now},
    time::timeout,
};

/// Waits until the plugin quotes again.
async fn recovered(plugin: &Loaded) {
    let quoting = async {
        while let Err(error) = quote(plugin, "plain", LONG).await {
            assert_eq!(error.kind, ErrorKind::Transient, "{error}");
            yield_now().await;
        }
    };
    timeout(LONG, quoting).await.expect("the plugin comes back");
}

fn restarts(plugin: &Loaded) -> u64 {
    plugin.process().unwrap().restarts
}

#[tokio::test]
async fn every_ruin_of_its_process_fails_the_call_and_the_next_one_is_answered() {
    let folder = folder();
    let settings =
        ProcessSettings { hang: Duration::from_secs(2), memory_bytes: 64 << 20, ..hosts::process() };
    let plugin = disaster(&folder, settings).await;
    let cases = [
        ("segv", "killed by SIGSEGV"),
        ("abort", "killed by SIGABRT"),
        ("exit", "exited with code 0"),
        // The host's own handler has said why.
        ("overflow", "killed by SIGABRT"),
        ("hoard", "killed by SIGABRT"),
        ("spin", "killed: its process does not answer"),
        ("garbage", "killed: it sent a frame of 542393671 bytes"),
        ("oversize", "killed: it sent a frame of 2147483647 bytes"),
        ("unknown", "killed: it sent a frame of the unknown kind 200"),
        ("forged", "killed: it sent a completion of no call"),
    ];
    for (round, (ruin, exit)) in (1..).zip(cases) {
        let ruined = quote(&plugin, ruin, LONG).await;
        if !["garbage", "oversize", "unknown", "forged"].contains(&ruin) {
            assert_eq!(ruined.unwrap_err().kind, ErrorKind::Transient, "{ruin}");
        }
        timeout(LONG, async {
            while restarts(&plugin) < round {
                yield_now().await;
            }
        })
        .await
        .unwrap();
        recovered(&plugin).await;
        let report = plugin.process().unwrap();
        let last = report.last_exit.unwrap();
        assert!(last.starts_with(exit), "{ruin}: {last}");
        assert_eq!(report.restarts, round, "{ruin}");
        assert!(report.pid.is_some());
    }
    assert_eq!(plugin.in_flight(), 0);
    end(plugin).await;
}

#[tokio::test]
async fn a_plugin_that_owes_what_was_cancelled_and_completes_nothing_is_started_again() {
    let folder = folder();
    let settings = ProcessSettings { hang: Duration::from_millis(200), ..hosts::process() };
    let plugin = disaster(&folder, settings).await;
    let late = quote(&plugin, "owe", Duration::from_millis(20)).await.unwrap_err();
    assert_eq!(late.kind, ErrorKind::Deadline);
    timeout(LONG, async {
        while plugin.process().unwrap().last_exit.is_none() {
            yield_now().await;
        }
    })
    .await
    .unwrap();
    recovered(&plugin).await;
    assert!(plugin.process().unwrap().last_exit.unwrap().contains("not even what was cancelled"));
    end(plugin).await;
}

#[tokio::test]
async fn a_crash_fails_what_was_begun_and_only_that() {
    let plugin = in_c(At::Process).await;
    let mut hanging = JoinSet::new();
    for _ in 0..100 {
        let venue = venue(&plugin);
        hanging.spawn(async move { venue.quote(&Context::within(LONG), quote_request("hang")).await });
    }
    while plugin.in_flight() < 100 {
        yield_now().await;
    }
    // Words arrive in turn. A call that the process had not heard of would be made anew of the next one, and hang there.
    quote(&plugin, "plain", LONG).await.expect("it still answers");
    kill(&plugin);
    for failed in hanging.join_all().await {
        assert_eq!(failed.unwrap_err().message, "the plugin's process ended before it had answered");
    }
    let began = Instant::now();
    quote(&plugin, "plain", LONG).await.expect("a call waits for a restart that is under way");
    assert!(began.elapsed() < Duration::from_secs(5));
    end(plugin).await;
}

fn kill(plugin: &Loaded) {
    let pid = i32::try_from(plugin.process().unwrap().pid.unwrap()).unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

/// Descriptors and threads of this process, and its children that nobody has waited for.
fn possessions(children: &str) -> (usize, usize, usize) {
    let count = |folder: &str| fs::read_dir(folder).unwrap().count();
    let zombies = fs::read_dir("/proc").unwrap().flatten().filter(|entry| {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let fields =
            stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().take(2).collect::<Vec<_>>());
        fields.is_some_and(|fields| fields == ["Z", children])
    });
    (count("/proc/self/fd"), count("/proc/self/task"), zombies.count())
}

/// Memory of this process.
fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Run as a test binary of its own, since other tests have files and threads too.
#[tokio::test]
async fn fifty_restarts_leave_nothing_behind() {
    if std::env::args().any(|argument| argument == "fifty_restarts_leave_nothing_behind") {
        return fifty_restarts().await;
    }
    let own = std::env::current_exe().unwrap();
    let alone =
        ["--exact", "ruin::fifty_restarts_leave_nothing_behind", "fifty_restarts_leave_nothing_behind"];
    let output = tokio::process::Command::new(own).args(alone).arg("--nocapture").output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

async fn fifty_restarts() {
    let own = std::process::id().to_string();
    let plugin = in_c(At::Process).await;
    let mut before = None;
    for round in 1..=50 {
        kill(&plugin);
        timeout(LONG, async {
            while restarts(&plugin) < round {
                yield_now().await;
            }
        })
        .await
        .unwrap();
        recovered(&plugin).await;
        if round == 10 {
            before = Some((possessions(&own), resident_kib()));
        }
    }
    let (before, resident) = before.unwrap();
    assert_eq!(possessions(&own), before);
    assert_eq!(before.2, 0, "nobody was left unwaited for");
    assert!(resident_kib() < resident + 4 * 1024, "grown from {resident} KiB to {} KiB", resident_kib());
    let pid = plugin.process().unwrap().pid.unwrap();
    end(plugin).await;
    assert!(!Path::new(&format!("/proc/{pid}")).exists(), "it was waited for");
}

#[tokio::test]
async fn an_end_during_a_restart_is_an_end() {
    let records = records();
    let folder = folder();
    let plugin = disaster(&folder, hosts::process()).await;
    fs::write(folder.path().join("at-create"), "block").unwrap();
    kill(&plugin);
    records.wait_for(&["the plugin's process ended", "killed by SIGKILL"]).await;
    end(plugin).await;
}
