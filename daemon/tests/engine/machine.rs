//! A daemon that can be cut off, and started again on what it left on the disk.

use crate::world::World;
use orderd::app::Daemon;
use tokio::runtime::{Builder, Runtime};

pub(crate) struct Machine {
    runtime: Runtime,
    daemon: Daemon,
}

/// How a daemon's life ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// All its tasks stop where they are.
    Crash,
    /// In good order.
    ShutDown,
}

impl Machine {
    pub(crate) fn boot(world: &World) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let daemon = runtime.block_on(world.start());
        Self { runtime, daemon }
    }

    /// Lets the daemon run while this is going on.
    pub(crate) fn run<T>(&self, during: impl AsyncFnOnce(&Daemon) -> T) -> T {
        self.runtime.block_on(during(&self.daemon))
    }

    pub(crate) fn end(self, end: End) {
        let Self { runtime, daemon } = self;
        match end {
            End::Crash => {
                // In this order: without a runtime nobody does anything about the daemon's end.
                drop(runtime);
                drop(daemon);
            }
            End::ShutDown => {
                let shutdown = daemon.shutdown();
                runtime.block_on(daemon.shut_down()).unwrap();
                assert_eq!(shutdown.fault(), None);
            }
        }
    }
}
