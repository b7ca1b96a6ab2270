//! The Autobahn test suite: some 300 clients that know the protocol better than we do.

use super::{
    echo::Echo,
    report::{Outcomes, complaints, table},
};
use crate::api::ApiSettings;
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{process::Command, time::timeout};

/// The folder that `tests/conformance/install.sh` has filled.
const FOLDER: &str = "ORDERD_CONFORMANCE";

/// The suite sends messages of 16 MiB.
const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;

/// It needs half a minute.
const PATIENCE: Duration = Duration::from_secs(300);

const AGENT: &str = "orderd";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs what `make conformance` installs"]
async fn every_case_of_the_suite_ends_well() {
    #[expect(clippy::disallowed_methods, reason = "the Makefile says where the suite is")]
    let folder = PathBuf::from(std::env::var(FOLDER).expect("make conformance sets it"));
    let echo =
        Echo::start(ApiSettings { max_message_bytes: MAX_MESSAGE_BYTES, ..ApiSettings::default() }).await;
    let outcomes = run(&folder, &format!("ws://{}", echo.address)).await;
    println!("{}each case in full: {}", table(&outcomes), folder.join("report/index.html").display());
    echo.ended().await;
    let complaints = complaints(&outcomes);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Runs the suite against this endpoint.
async fn run(folder: &Path, url: &str) -> Outcomes {
    let (report, spec) = (folder.join("report"), folder.join("spec.json"));
    // What an earlier run has found is no finding of this one.
    let _ = fs::remove_dir_all(&report);
    let wanted = json!({
        "outdir": report,
        "servers": [{ "agent": AGENT, "url": url }],
        "cases": ["*"],
        // Compression, which this endpoint never agrees to.
        "exclude-cases": ["12.*", "13.*"],
        "exclude-agent-cases": {},
    });
    fs::write(&spec, wanted.to_string()).unwrap();
    let log = File::create(folder.join("wstest.log")).unwrap();
    let mut suite = Command::new(folder.join("python/bin/wstest"))
        .args(["--mode", "fuzzingclient", "--spec"])
        .arg(&spec)
        .stdout(Stdio::from(log.try_clone().unwrap()))
        .stderr(Stdio::from(log))
        .kill_on_drop(true)
        .spawn()
        .expect("the suite is installed");
    let status = timeout(PATIENCE, suite.wait()).await.expect("the suite ends").unwrap();
    assert!(status.success(), "see {}", folder.join("wstest.log").display());
    let index = fs::read(report.join("index.json")).expect("the suite leaves a report");
    let mut agents: BTreeMap<String, Outcomes> = serde_json::from_slice(&index).unwrap();
    agents.remove(AGENT).expect("a report on the endpoint")
}
