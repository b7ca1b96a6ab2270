//! One case: a daemon plays a scene until it dies at its point, another one may die there once more, and an ordinary one
//! takes over.

use crate::{cases::CRASHING, play::Access, scene::Scene, stage::Stage};
use anyhow::{Context as _, Result, anyhow, bail, ensure};
use orderd_sdk::wire::OrderStatus;
use orderd_tests::{
    Daemon, Life, Site,
    crashes::{Audit, Clients, ENDS},
    market,
};
use std::{os::unix::process::ExitStatusExt as _, process::ExitStatus, time::Duration};
use tokio::time::timeout;

/// What `abort` ends a process with.
const SIGABRT: i32 = 6;
/// How long a case may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the chain may go on standing still after a death, for an order to get into its pool.
const WHILE_HELD: Duration = Duration::from_secs(1);
/// How long a daemon that talks to nobody any more may take to be gone.
const LAST_BREATH: Duration = Duration::from_secs(5);

/// Where to die.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) point: String,
    pub(crate) passage: u64,
    pub(crate) scene: Scene,
    pub(crate) deaths: Deaths,
}

/// How often to die before an ordinary daemon takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deaths {
    Once,
    /// The second time while it recovers.
    Twice,
}

impl Case {
    /// Its name, by which it can be run alone.
    pub(crate) fn name(&self) -> String {
        format!("{}:{} in {:?}, {:?}", self.point, self.passage, self.scene, self.deaths)
    }

    /// Dies, and looks what is left.
    pub(crate) async fn run(&self) -> Result<()> {
        let stage = Stage::set().await?;
        let site = Site::new(&self.scene.config(&stage))?;
        let played = async {
            tokio::select! {
                played = self.die_and_recover(&stage, &site) => played,
                failed = stage.make_blocks() => match failed.context("the node makes no blocks")? {},
            }
        };
        let played = timeout(PATIENCE, played).await.context("it took too long").flatten();
        played.map_err(|error| anyhow!("{error:#}\n{}", site.log().unwrap_or_default()))
    }

    async fn die_and_recover(&self, stage: &Stage, site: &Site) -> Result<()> {
        let mut clients = self.scene.clients();
        self.die(stage, site, &mut clients).await?;
        if self.deaths == Deaths::Twice {
            self.die_again(site, &mut clients).await?;
        }
        let daemon = site.start_with(market::give_key).await?;
        self.recover(stage, &daemon, &mut clients).await?;
        daemon.stop().await
    }

    async fn die(&self, stage: &Stage, site: &Site, clients: &mut Clients) -> Result<()> {
        let status = match self.start(site, self.passage).await? {
            Err(status) => status,
            Ok(daemon) => {
                let access = Access::of(&daemon);
                death(daemon, self.scene.play(stage, &access, clients)).await?
            }
        };
        self.check_death(site, status, 1)
    }

    /// The next daemon finds what the first one left, hears every client again and a new one, and dies there too.
    async fn die_again(&self, site: &Site, clients: &mut Clients) -> Result<()> {
        let status = match self.start(site, 1).await? {
            Err(status) => status,
            Ok(daemon) => {
                let access = Access::of(&daemon);
                let work = async {
                    clients.insist(&access.http, self.scene.orders()).await?;
                    clients.submit(&access.http).await?;
                    for order in clients.accepted().values() {
                        access.follow(order).await?.until_any(&ENDS).await?;
                    }
                    Ok(())
                };
                death(daemon, work).await?
            }
        };
        self.check_death(site, status, 2)
    }

    /// Starts a daemon that is to die, which it may do before it is ready.
    async fn start(&self, site: &Site, passage: u64) -> Result<Result<Daemon, ExitStatus>> {
        let wish = format!("{}:{passage}", self.point);
        let arm = |command: &mut _| {
            market::give_key(command);
            command.env("ORDERD_CRASH_POINT", wish);
        };
        site.start_program(CRASHING, arm).await
    }

    fn check_death(&self, site: &Site, status: ExitStatus, deaths: usize) -> Result<()> {
        ensure!(status.signal() == Some(SIGABRT), "it ended with {status}");
        let last_words = format!("died at crash point {}\n", self.point);
        ensure!(site.log()?.matches(&last_words).count() == deaths, "it died elsewhere");
        Ok(())
    }

    /// Every client asks again and one more comes; all orders end, and the account is as it should be.
    async fn recover(&self, stage: &Stage, daemon: &Daemon, clients: &mut Clients) -> Result<()> {
        clients.insist(&daemon.http(), self.scene.orders()).await?;
        let fresh = clients.submit(&daemon.http()).await?;
        if stage.holds_blocks() {
            // Whatever waits still waits: the lane has to know by itself which sequences are taken. An order that
            // needs an approval first gets no further now.
            let mut life = Life::follow(daemon.url(), &fresh).await?;
            timeout(WHILE_HELD, life.until(OrderStatus::Submitted)).await.ok();
        }
        stage.calm().await?;
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

/// How a daemon dies that is to die while it does this work.
async fn death(mut daemon: Daemon, work: impl Future<Output = Result<()>>) -> Result<ExitStatus> {
    let worked = tokio::select! {
        ended = daemon.ended() => return ended,
        worked = work => worked,
    };
    // Work breaks off when the daemon dies, which may be seen before the death itself.
    match timeout(LAST_BREATH, daemon.ended()).await {
        Ok(ended) => ended,
        Err(_alive) => {
            worked.context("the scene went wrong")?;
            bail!("the scene ended, and the point was never reached")
        }
    }
}
