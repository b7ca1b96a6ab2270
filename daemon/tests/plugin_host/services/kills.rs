//! `kv` in a process that is killed while it writes: what was acknowledged is there.

use super::Asking;
use crate::folder;
use serde_json::json;
use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

/// Tells a process that it is the one to be killed, and where it keeps its memory.
const VICTIM: &str = "ORDERD_TEST_KV_VICTIM";
const KILLS: usize = 5;
/// Values that are acknowledged before each kill.
const ACKNOWLEDGED: usize = 40;

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9() {
    let folder = folder();
    let mut last = 0;
    for _ in 0..KILLS {
        let (mut child, said) = victim(folder.path());
        let said =
            said.lines().map_while(Result::ok).filter_map(|line| line.strip_prefix("stored ")?.parse().ok());
        last = said.take(ACKNOWLEDGED).last().expect("it stores something");
        child.kill().unwrap();
        child.wait().unwrap();

        let asking = Asking::start("", folder.path()).await;
        let found = asking.ask(json!({"get": "n"})).await.unwrap();
        let found: usize = found["text"].as_str().expect("it is there").parse().unwrap();
        assert!(found >= last, "{last} was acknowledged, {found} is there");
        last = found;
        asking.end().await;
    }
    assert!(last >= KILLS * ACKNOWLEDGED);
}

/// This program again, as the process that writes.
fn victim(folder: &Path) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "services::kills::writes_until_it_is_killed"])
        .env(VICTIM, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    (child, said)
}

/// Does nothing unless it was started by the test above.
#[tokio::test]
async fn writes_until_it_is_killed() {
    #[expect(clippy::disallowed_methods, reason = "how a test tells its child what it is")]
    let Ok(folder) = env::var(VICTIM) else {
        return;
    };
    let asking = Asking::start("", Path::new(&folder)).await;
    let before = asking.ask(json!({"get": "n"})).await.unwrap();
    let mut n: usize = before["text"].as_str().map_or(0, |text| text.parse().unwrap());
    loop {
        n += 1;
        asking.ask(json!({"put": ["n", {"text": n.to_string()}]})).await.unwrap();
        // It fails when nobody reads any more, so that no process is left behind.
        writeln!(std::io::stdout(), "stored {n}").unwrap();
    }
}
