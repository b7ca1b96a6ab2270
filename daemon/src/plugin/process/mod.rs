//! A plugin in a process of its own: whatever it does to that process, the daemon stays up.
//!
//! - [`Process`]: a [`Runner`] whose copy of the plugin is in a child. `settings`: how far that is trusted.
//! - `supervisor`: starts the child again whenever it ends. `incarnation`: one life of it; `offspring`: the process itself;
//!   `pulse`: whether it hangs; `exit`: how it ended.
//! - `link`: the daemon's end of one child: calls and answers; `outbox`: what goes to it; `hearing`: what comes from it;
//!   `chatter`: what it writes to the log.
//! - `words`, `opening`, `frame`, `inbox`: what the two say to each other, for both sides.

mod allowance;
mod chatter;
mod exit;
pub(super) mod frame;
mod hearing;
pub(super) mod inbox;
mod incarnation;
mod link;
mod offspring;
pub(super) mod opening;
mod outbox;
mod pulse;
mod report;
mod settings;
mod supervisor;
pub(super) mod words;

pub use opening::Network;
pub use report::ProcessReport;
pub use settings::{Isolation, ProcessSettings, this_program};

use super::{
    LoadFailure, PluginSpec,
    runner::{CallError, Runner, late},
};
use crate::telemetry::{observe, spawn};
use incarnation::{Incarnation, Recipe};
use orderd_sdk::{
    abi::{Manifest, Method},
    plugin::{Context, Host, PluginError, async_trait},
};
use std::{
    path::absolute,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use supervisor::{Post, Standing};
use tokio::{
    runtime::Handle,
    sync::oneshot,
    time::{Instant, timeout_at},
};

/// How long a call waits for a process that is being started again.
const RESTART_PATIENCE: Duration = Duration::from_millis(500);

/// A plugin in a process of its own.
pub(super) struct Process {
    post: Arc<Post>,
    end: Mutex<Option<oneshot::Sender<oneshot::Sender<()>>>>,
}

impl Process {
    /// Starts the process, has it load the library and make the instance. `config` is JSON.
    pub(super) async fn launch(
        spec: PluginSpec,
        config: Vec<u8>,
        services: Host,
    ) -> Result<(Arc<Self>, Manifest), LoadFailure> {
        let Isolation::Process(settings) = spec.isolation else {
            return Err(LoadFailure::NoVenueHost);
        };
        // The process has another working directory.
        let library = absolute(&spec.path).map_err(LoadFailure::Process)?;
        let data_dir = absolute(&spec.config.data_dir).map_err(LoadFailure::Process)?;
        let recipe = Recipe {
            name: spec.name,
            library,
            data_dir,
            config,
            settings,
            start_limit: spec.start_limit,
            services,
            runtime: Handle::current(),
        };
        let first = Incarnation::start(&recipe).await?;
        observe::plugin_confined(&recipe.name, first.pid(), &first.opened.confinement);
        let manifest = first.opened.manifest.clone();
        let post = Arc::new(Post::new(recipe, &first));
        let (end, ending) = oneshot::channel();
        spawn("plugin supervisor", post.clone().supervise(first, ending));
        Ok((Arc::new(Self { post, end: Mutex::new(Some(end)) }), manifest))
    }
}

#[async_trait]
impl Runner for Process {
    async fn call(
        &self,
        ctx: &Context,
        method: Method,
        target: &str,
        request: &[u8],
    ) -> Result<Vec<u8>, CallError> {
        let mut standing = self.post.follow();
        let patience = ctx.deadline().min(Instant::now() + RESTART_PATIENCE);
        loop {
            let current = standing.borrow_and_update().clone();
            match current {
                Standing::Up(link) => match link.call(ctx, method, target, request).await {
                    Err(CallError::Gone) => {}
                    answered => return answered,
                },
                Standing::Restarting => {}
                Standing::Down(reason) => return Err(CallError::NotStarted(down(&reason))),
                Standing::Ended => return Err(CallError::Gone),
            }
            if timeout_at(patience, standing.changed()).await.is_err() {
                return Err(CallError::NotStarted(match ctx.remaining().is_zero() {
                    true => late(),
                    false => down("it is being started again"),
                }));
            }
        }
    }

    fn in_flight(&self) -> usize {
        self.post.in_flight()
    }

    /// A process that ends meanwhile owes nothing any more.
    async fn drain(&self) {
        if let Some(link) = self.post.close() {
            link.operations.drain().await;
        }
    }

    fn end(&self) -> oneshot::Receiver<()> {
        let (over, ended) = oneshot::channel();
        if let Some(end) = self.end.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.post.close();
            let _ = end.send(over);
        }
        ended
    }

    fn process(&self) -> Option<ProcessReport> {
        Some(self.post.report())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.end());
    }
}

/// Why nobody is there to be called.
fn down(reason: &str) -> PluginError {
    PluginError::transient(format!("the plugin's process is down: {reason}"))
}
