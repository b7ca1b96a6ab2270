//! Orders that are handed in: each is a job, and an entry of the cache until it is an order there.

use super::{
    jobs::{self, Done},
    submission::{Standing, Submission, SubmitError, is_open},
    task::{Reply, Task},
};
use crate::{
    client::ClientError,
    wire::{ExecuteRequest, ExecuteResponse},
};
use std::sync::Arc;

impl Task {
    pub(super) fn submit(&mut self, key: Arc<str>, request: Arc<ExecuteRequest>, reply: Reply) {
        let submission =
            Submission { key: key.clone(), request: request.clone(), standing: Standing::Sending };
        if let Err(error) = self.cache.begin(submission) {
            let _ = reply.send(Err(error));
            return;
        }
        let (client, backoff, tries) = (self.client.clone(), self.options.backoff, self.options.submit_tries);
        self.jobs.spawn(async move {
            let outcome = jobs::submit(client, request, key.clone(), backoff, tries).await;
            Done::Submitted { key, reply, outcome }
        });
    }

    pub(super) fn submitted(
        &mut self,
        key: &Arc<str>,
        outcome: Result<ExecuteResponse, (Arc<ClientError>, u32)>,
    ) -> Result<ExecuteResponse, SubmitError> {
        let (standing, outcome) = match outcome {
            Ok(accepted) => {
                let order_id: Arc<str> = accepted.order_id.as_str().into();
                if !self.ledger.holds(&order_id) {
                    self.lookups.add(order_id.clone());
                }
                (Standing::Accepted { order_id }, Ok(accepted))
            }
            Err((error, tries)) if is_open(&error) => {
                let open = SubmitError::Open { key: key.clone(), tries, source: error.clone() };
                (Standing::Open(error), Err(open))
            }
            Err((error, _)) => (Standing::Refused(error.clone()), Err(SubmitError::Refused(error))),
        };
        self.cache.end(key, standing);
        outcome
    }
}
