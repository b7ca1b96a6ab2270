//! The place of a plugin: whoever calls it calls the copy that is current, also while one copy takes the place of
//! another.

use super::runner::{CallError, Runner, late};
use orderd_sdk::{abi::Method, plugin::Context};
use std::sync::Arc;
use tokio::{
    sync::{oneshot, watch},
    time::timeout_at,
};

/// Where the current copy of a plugin stands.
pub(super) struct Slot(watch::Sender<Standing>);

#[derive(Clone)]
enum Standing {
    /// It takes calls.
    Open(Arc<dyn Runner>),
    /// One copy has gone, and the next is not there yet: calls wait.
    Changing,
    /// The last copy has gone for good.
    Closed,
}

impl Slot {
    pub(super) fn new(runner: Arc<dyn Runner>) -> Self {
        Self(watch::Sender::new(Standing::Open(runner)))
    }

    /// Calls the current copy. A call that a copy never heard of, since it was ending, goes to the one that followed.
    pub(super) async fn call(
        &self,
        ctx: &Context,
        method: Method,
        target: &str,
        request: &[u8],
    ) -> Result<Vec<u8>, CallError> {
        // Most often the copy answers: there is nothing to wait for.
        let mut changes = None::<watch::Receiver<Standing>>;
        loop {
            let standing = match &mut changes {
                Some(changes) => changes.borrow_and_update().clone(),
                None => self.0.borrow().clone(),
            };
            match standing {
                Standing::Open(runner) => match runner.call(ctx, method, target, request).await {
                    Err(CallError::Gone) => {}
                    answered => return answered,
                },
                Standing::Changing => {}
                Standing::Closed => return Err(CallError::Gone),
            }
            let Some(changes) = &mut changes else {
                // What has changed before this is seen by looking again.
                changes = Some(self.0.subscribe());
                continue;
            };
            if timeout_at(ctx.deadline(), changes.changed()).await.is_err() {
                return Err(CallError::NotStarted(late()));
            }
        }
    }

    /// The current copy, if there is one.
    pub(super) fn current(&self) -> Option<Arc<dyn Runner>> {
        match &*self.0.borrow() {
            Standing::Open(runner) => Some(runner.clone()),
            Standing::Changing | Standing::Closed => None,
        }
    }

    /// Takes the current copy away: calls wait, until there is [another](Slot::put).
    pub(super) fn take(&self) -> Option<Arc<dyn Runner>> {
        self.replace(Standing::Changing)
    }

    /// From now on this copy is called. Which copy has to be ended for it: the one before, which still has calls to
    /// answer, or this one when the plugin was ended meanwhile.
    pub(super) fn put(&self, runner: Arc<dyn Runner>) -> Option<Arc<dyn Runner>> {
        self.replace(Standing::Open(runner))
    }

    /// Whether the plugin has been ended for good.
    pub(super) fn is_closed(&self) -> bool {
        matches!(*self.0.borrow(), Standing::Closed)
    }

    /// Ends the plugin for good: calls fail from now on. The receiver hears when the copy has ended.
    pub(super) fn close(&self) -> Option<oneshot::Receiver<()>> {
        self.replace(Standing::Closed).map(|runner| runner.end())
    }

    /// What has to go. Nothing follows the end for good.
    fn replace(&self, next: Standing) -> Option<Arc<dyn Runner>> {
        let mut left = next;
        self.0.send_if_modified(|standing| {
            let open = !matches!(standing, Standing::Closed);
            if open {
                std::mem::swap(standing, &mut left);
            }
            open
        });
        match left {
            Standing::Open(runner) => Some(runner),
            Standing::Changing | Standing::Closed => None,
        }
    }
}
