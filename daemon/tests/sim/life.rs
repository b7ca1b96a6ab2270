//! One life of the engine, from its start to its end, however that comes.

use crate::{
    client,
    ending::LONGEST,
    faults::Fault,
    operator,
    plan::{End, Plan},
    store::write_windows,
    time::pause,
    world::{State, World},
};
use orderd::{
    engine::Engine,
    telemetry::{Shutdown, spawn},
};
use orderd_sdk::plugin::PluginError;
use std::{fmt, future::pending, sync::Arc, time::Duration};

/// What one life of the engine holds of the world. When the life is over, it holds nothing any more: whoever asks
/// waits for ever, as in a process that is gone.
#[derive(Clone)]
pub(crate) struct Life {
    pub(crate) world: Arc<World>,
    pub(crate) number: u64,
}

impl Life {
    /// Looks at the world, or changes it.
    pub(crate) async fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        match self.try_with(look) {
            Some(seen) => seen,
            None => pending().await,
        }
    }

    fn try_with<T>(&self, look: impl FnOnce(&mut State) -> T) -> Option<T> {
        let mut state = self.world.now();
        let seen = (state.life == self.number && state.broken.is_none()).then(|| look(&mut state));
        if state.life == self.number && state.broken.is_some() {
            self.world.over.notify_one();
        }
        seen
    }

    pub(crate) async fn plan<T>(&self, look: impl FnOnce(&Plan) -> T) -> T {
        self.with(|state| look(&state.plan)).await
    }

    pub(crate) async fn note(&self, line: impl FnOnce() -> String) {
        self.with(|state| state.trace.note(line)).await;
    }

    /// Something is about to leave the engine: here its life may end.
    pub(crate) async fn pass(&self, what: &'static str) {
        let ends = self
            .with(|state| {
                let left = state.calls_left.map(|left| left.saturating_sub(1));
                state.calls_left = left;
                if left == Some(0) {
                    state.trace.note(|| format!("crash before {what}"));
                    state.end_life();
                }
                left == Some(0)
            })
            .await;
        if ends {
            self.world.over.notify_one();
            pending::<()>().await;
        }
        self.yields().await;
    }

    /// Lets others go first, now and then.
    pub(crate) async fn yields(&self) {
        let yields = self.with(|state| state.weather.chance.below(3)).await;
        for _ in 0..yields {
            tokio::task::yield_now().await;
        }
    }

    /// A question to the chain or a venue: it takes time, and may fail.
    pub(crate) async fn ask<T: fmt::Debug>(
        &self,
        what: &'static str,
        about: impl fmt::Debug,
        answer: impl FnOnce(&mut State) -> Result<T, PluginError> + Send,
    ) -> Result<T, PluginError> {
        self.pass(what).await;
        let (before, after) = self.with(State::delays).await;
        pause(before).await;
        let answered = self
            .with(|state| {
                if state.weather.strikes(Fault::Silence) {
                    None
                } else if state.weather.fails(what) {
                    Some(Err(PluginError::transient("the node is down")))
                } else {
                    Some(answer(state))
                }
            })
            .await;
        pause(after).await;
        self.note(|| format!("{what} {about:?} -> {answered:?}")).await;
        match answered {
            Some(answer) => answer,
            None => pending().await,
        }
    }

    /// Lives, until it has to end.
    pub(crate) async fn live(&self, end: End) {
        let shutdown = Shutdown::new();
        spawn("hub", self.with(|state| state.disk.hub.clone()).await.run());
        spawn("disk", write_windows(self.clone()));
        let clock = self.clock().await;
        let setup = self.setup(shutdown.clone(), &clock).await;
        let living = async {
            let engine = Engine::start(setup).await.expect("what is stored can be read");
            let clients = self.with(|state| state.clients.len()).await;
            for index in 0..clients {
                spawn("client", client::live(self.clone(), engine.clone(), index));
            }
            spawn("operator", operator::operate(self.clone(), engine.clone(), clock));
            self.end(&engine, end).await;
        };
        let limit = self.with(|state| state.plan.calm_at + LONGEST).await;
        tokio::select! {
            biased;
            () = self.world.over.notified() => {}
            () = living => {}
            () = self.world.time.reach(limit) => self.with(State::goes_on).await,
            fault = shutdown.broken() => {
                // Its neighbours hear of it in their own time.
                pause(100).await;
                self.with(|state| state.came_down(&fault.to_string())).await;
            }
        }
    }

    /// Waits for the end of the life.
    async fn end(&self, engine: &Engine, end: End) {
        match end {
            End::CrashAt(at) => self.world.time.reach(at).await,
            End::ShutDownAt(at) => {
                self.world.time.reach(at).await;
                let closed = engine.shut_down(Duration::from_secs(2)).await;
                self.note(|| format!("shut down: {closed:?}")).await;
            }
            End::CrashAtCall(_) | End::DiskFailsAt(_) | End::Done => {
                while !self.with(State::may_end).await {
                    pause(500).await;
                }
            }
        }
    }
}
