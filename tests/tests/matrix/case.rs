//! One death: a daemon plays a scene until it dies at its point, and an ordinary one takes over.

use crate::{
    cases::CRASHING,
    scene::{Access, Scene},
    stage::Stage,
};
use anyhow::{Context as _, Result, bail, ensure};
use orderd_sdk::wire::OrderStatus;
use orderd_tests::{
    Daemon, Site,
    crashes::{Audit, Clients},
    market,
};
use std::{os::unix::process::ExitStatusExt as _, process::ExitStatus, time::Duration};
use tokio::time::timeout;

/// What `abort` ends a process with.
const SIGABRT: i32 = 6;
/// How long a case may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a daemon that talks to nobody any more may take to be gone.
const LAST_BREATH: Duration = Duration::from_secs(5);

/// Where to die.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) point: String,
    pub(crate) passage: u64,
    pub(crate) scene: Scene,
}

impl Case {
    /// Its name, by which it can be run alone.
    pub(crate) fn name(&self) -> String {
        format!("{}:{} in {:?}", self.point, self.passage, self.scene)
    }

    /// Dies, and looks what is left.
    pub(crate) async fn run(&self) -> Result<()> {
        let stage = Stage::set().await?;
        let played = async {
            tokio::select! {
                played = self.die_and_recover(&stage) => played,
                failed = stage.make_blocks() => failed.context("the node makes no blocks"),
            }
        };
        timeout(PATIENCE, played).await.context("it took too long")?
    }

    async fn die_and_recover(&self, stage: &Stage) -> Result<()> {
        let site = Site::new(&self.scene.config(stage))?;
        let mut clients = self.scene.clients();
        let status = self.die(stage, &site, &mut clients).await?;
        ensure!(status.signal() == Some(SIGABRT), "it ended with {status}:\n{}", site.log()?);
        let last_words = format!("died at crash point {}\n", self.point);
        ensure!(site.log()?.contains(&last_words), "it died elsewhere:\n{}", site.log()?);

        stage.calm().await?;
        let daemon = site.start_with(market::give_key).await?;
        let recovered = self.recover(stage, &daemon, &mut clients).await;
        recovered.with_context(|| site.log().unwrap_or_default())?;
        daemon.stop().await
    }

    /// Plays the scene with a daemon that is to die.
    async fn die(&self, stage: &Stage, site: &Site, clients: &mut Clients) -> Result<ExitStatus> {
        let wish = format!("{}:{}", self.point, self.passage);
        let arm = |command: &mut _| {
            market::give_key(command);
            command.env("ORDERD_CRASH_POINT", wish);
        };
        let mut daemon = match site.start_program(CRASHING, arm).await? {
            Ok(daemon) => daemon,
            Err(status) => return Ok(status),
        };
        let access = Access { url: daemon.url().to_owned(), http: daemon.http() };
        let played = tokio::select! {
            ended = daemon.ended() => return ended,
            played = self.scene.play(stage, &access, clients) => played,
        };
        // A scene breaks off when the daemon dies, which may be seen before the death itself.
        match timeout(LAST_BREATH, daemon.ended()).await {
            Ok(ended) => ended,
            Err(_alive) => {
                played.context("the scene went wrong")?;
                bail!("the scene ended, and the point was never reached:\n{}", site.log()?)
            }
        }
    }

    /// Every client asks again and one more comes; all orders end, and the account is as it should be.
    async fn recover(&self, stage: &Stage, daemon: &Daemon, clients: &mut Clients) -> Result<()> {
        clients.insist(daemon, self.scene.orders()).await?;
        let fresh = clients.submit(&daemon.http()).await?;
        let mut audit = Audit::of(daemon, clients).await?;
        let strangers = stage.strangers.borrow().clone();
        audit.hold_against(&stage.chain, &strangers).await?;
        audit.ensure_clean()?;
        for order in audit.orders() {
            let may_end_otherwise = self.scene.may_end_without_effect() && order.id != fresh;
            ensure!(order.status == OrderStatus::Finalized || may_end_otherwise, "{order:?}");
        }
        Ok(())
    }
}
