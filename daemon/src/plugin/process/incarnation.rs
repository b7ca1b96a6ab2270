//! One life of a plugin's process: from its start, through its watch, to its end.

use super::{
    chatter::Chatter,
    exit::{Cause, Exit},
    frame::PROTOCOL,
    hearing::Hearing,
    link::Link,
    offspring::{Born, Offspring},
    opening::{Opened, Opening},
    pulse::{Pulse, TICKS},
    settings::ProcessSettings,
    words::Instruction,
};
use crate::{
    plugin::{LoadFailure, host::log_level, runner::gone, services::Services},
    telemetry::spawn,
};
use orderd_sdk::{
    abi::table::Level,
    plugin::{Host, PluginError},
};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    net::UnixStream,
    runtime::Handle,
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

/// How long a process whose socket is closed may take to exit by itself: how it ends tells more than that it was killed.
const EXIT_PATIENCE: Duration = Duration::from_millis(300);
/// How long the kernel may take to end a process that was killed.
const KILL_PATIENCE: Duration = Duration::from_secs(5);
/// How long its last words may take to arrive.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// How long an instance may take to end, before its process is killed.
const DESTROY_GRACE: Duration = Duration::from_secs(4);

/// How to make a process, each time anew.
pub(super) struct Recipe {
    pub(super) name: String,
    pub(super) library: PathBuf,
    pub(super) data_dir: PathBuf,
    /// As JSON.
    pub(super) config: Vec<u8>,
    pub(super) settings: ProcessSettings,
    pub(super) start_limit: Duration,
    pub(super) services: Host,
    pub(super) runtime: Handle,
}

/// A running process.
pub(super) struct Incarnation {
    pub(super) link: Arc<Link>,
    pub(super) opened: Opened,
    pub(super) since: Instant,
    process: Offspring,
    hang: Duration,
    heard_out: oneshot::Receiver<Cause>,
    tasks: Tasks,
}

/// Tasks that end with their owner.
struct Tasks {
    moving: [JoinHandle<()>; 2],
    printing: [JoinHandle<()>; 2],
}

impl Incarnation {
    /// Starts a process, and waits until its plugin has an instance. Dropped meanwhile, it leaves nothing behind.
    pub(super) async fn start(recipe: &Recipe) -> Result<Self, LoadFailure> {
        let program = recipe.settings.program.as_ref().ok_or(LoadFailure::NoVenueHost)?;
        let born = Offspring::start(program, &recipe.name, &recipe.data_dir).await;
        let Born { process, socket, stdout, stderr } = born.map_err(LoadFailure::Process)?;
        socket.set_nonblocking(true).map_err(LoadFailure::Process)?;
        let socket = UnixStream::from_std(socket).map_err(LoadFailure::Process)?;
        let services = Services::new(recipe.services.clone(), recipe.runtime.clone());
        let link = Link::new(recipe.name.clone(), socket, services);
        let chatter = Chatter::new(recipe.name.clone());
        let (started, start) = oneshot::channel();
        let (over, heard_out) = oneshot::channel();
        let hearing = Hearing::new(link.clone(), chatter.clone(), started);
        let tasks = Tasks {
            moving: [
                spawn("plugin hearing", async move {
                    let _ = over.send(hearing.listen().await);
                }),
                spawn("plugin outbox", {
                    let link = link.clone();
                    async move { link.outbox.drain().await }
                }),
            ],
            printing: [
                spawn("plugin stdout", chatter.clone().follow(stdout, "stdout", Level::INFO)),
                spawn("plugin stderr", chatter.follow(stderr, "stderr", Level::WARN)),
            ],
        };
        recipe.instruct(&link)?;
        let started = timeout(recipe.start_limit, start).await;
        let unopened = Unopened { link, process, heard_out, tasks };
        match started {
            Ok(Ok(Ok(opened))) => Ok(unopened.opened(opened, recipe.settings.hang)),
            Ok(Ok(Err(refused))) => Err(refused),
            Ok(Err(_)) => Err(LoadFailure::Died(unopened.died().await.to_string())),
            Err(_) => Err(LoadFailure::CreateTimeout { limit: recipe.start_limit }),
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Waits until it ends, or has hung.
    pub(super) async fn watch(&mut self) -> Cause {
        let (mut pulse, tick) = (Pulse::default(), self.hang / TICKS);
        let mut ticks = interval_at(Instant::now() + tick, tick);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                cause = &mut self.heard_out => return cause.unwrap_or(Cause::Gone),
                _ = self.process.exited() => {
                    // What it has said before it died still counts.
                    let heard = timeout(LAST_WORDS, &mut self.heard_out).await;
                    return heard.map_or(Cause::Gone, |cause| cause.unwrap_or(Cause::Gone));
                }
                at = ticks.tick() => {
                    let (heard, tally) = self.link.signs();
                    if let Some(hang) = pulse.tick(heard, tally) {
                        return Cause::Hung(hang);
                    }
                    let number = at.duration_since(self.since).as_millis();
                    let _ = self.link.outbox.send(&Instruction::Ping(u64::try_from(number).unwrap_or(u64::MAX)));
                }
            }
        }
    }

    /// Buries it: whoever waits is told, and the process is gone when this returns.
    pub(super) async fn bury(self, cause: Cause) -> Exit {
        self.link.close(PluginError::transient("the plugin's process ended before it had answered"));
        let Self { process, tasks, .. } = self;
        put_to_rest(process, tasks, cause).await
    }

    /// Lets the plugin end in good order; when it takes too long, its process is killed.
    pub(super) async fn end(self) {
        let _ = self.link.outbox.send(&Instruction::Destroy);
        let ended = async {
            let _ = self.heard_out.await;
            self.process.exited().await
        };
        if timeout(DESTROY_GRACE, ended).await.is_err() {
            tracing::warn!(
                plugin = self.link.name(),
                "the plugin did not end in time: its process is killed"
            );
        }
        self.link.close(gone());
        put_to_rest(self.process, self.tasks, Cause::Asked).await;
    }
}

async fn put_to_rest(process: Offspring, mut tasks: Tasks, cause: Cause) -> Exit {
    if cause == Cause::Gone {
        let _ = timeout(EXIT_PATIENCE, process.exited()).await;
    }
    process.kill();
    let status = timeout(KILL_PATIENCE, process.exited()).await.ok().flatten();
    tasks.last_words().await;
    Exit::of(cause, status)
}

/// A process that has no instance yet.
struct Unopened {
    link: Arc<Link>,
    process: Offspring,
    heard_out: oneshot::Receiver<Cause>,
    tasks: Tasks,
}

impl Unopened {
    fn opened(self, opened: Opened, hang: Duration) -> Incarnation {
        let Self { link, process, heard_out, tasks } = self;
        Incarnation { link, opened, since: Instant::now(), process, hang, heard_out, tasks }
    }

    async fn died(self) -> Exit {
        let cause = self.heard_out.await.unwrap_or(Cause::Gone);
        put_to_rest(self.process, self.tasks, cause).await
    }
}

impl Recipe {
    /// The first words to a host.
    fn instruct(&self, link: &Link) -> Result<(), LoadFailure> {
        let ProcessSettings { memory_bytes, open_files, network, .. } = self.settings;
        let opening = Opening {
            protocol: PROTOCOL,
            library: self.library.clone(),
            data_dir: self.data_dir.clone(),
            memory_bytes,
            open_files,
            network,
            log_level: log_level().0,
        };
        let opening = serde_json::to_vec(&opening).map_err(|error| LoadFailure::Create(error.to_string()))?;
        // Where the host is gone already, the wait for its start hears of it.
        let _ = link.outbox.send(&Instruction::Open(&opening));
        let _ = link.outbox.send(&Instruction::Create(&self.config));
        Ok(())
    }
}

impl Tasks {
    /// Lets arrive what the process has printed.
    async fn last_words(&mut self) {
        let [stdout, stderr] = &mut self.printing;
        let _ = timeout(LAST_WORDS, async { (stdout.await, stderr.await) }).await;
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.moving.iter().chain(&self.printing).for_each(JoinHandle::abort);
    }
}
