//! Orders on their way to the daemon: seen by readers of the cache before the daemon has answered.

use crate::{client::ClientError, wire::ExecuteRequest};
use std::sync::Arc;

/// Random bytes in a key: enough that two are never the same.
const KEY_BYTES: usize = 16;

/// An order that is being handed in, or was not accepted.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The idempotency key it is handed in with.
    pub key: Arc<str>,
    /// What was asked for.
    pub request: Arc<ExecuteRequest>,
    /// How it stands.
    pub standing: Standing,
}

/// How the handing in of an order stands.
#[derive(Clone, Debug)]
pub enum Standing {
    /// The daemon has not answered yet.
    Sending,
    /// The daemon has it. The entry gives way to the order, as soon as that is in the cache.
    Accepted {
        /// The order's id.
        order_id: Arc<str>,
    },
    /// The daemon does not take it.
    Refused(Arc<ClientError>),
    /// Nobody knows: it was handed in as often as the options allow. It may be again, with the same key.
    Open(Arc<ClientError>),
}

/// Why an order is not known to be accepted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SubmitError {
    /// The daemon does not take it.
    #[error("the order was not accepted")]
    Refused(#[source] Arc<ClientError>),
    /// The daemon may have taken it: hand it in again with the same key.
    #[error("no answer after {tries} tries with the key {key}")]
    Open {
        /// The idempotency key.
        key: Arc<str>,
        /// How often it was handed in.
        tries: u32,
        /// What became of the last try.
        #[source]
        source: Arc<ClientError>,
    },
    /// As many orders as the options allow are being handed in or wait to be dismissed.
    #[error("too many orders are being handed in")]
    TooMany,
    /// The system gives no chance to make a key of.
    #[error("no key can be made")]
    NoKey,
    /// An order with this key is being handed in.
    #[error("the key is in use")]
    KeyInUse,
    /// The coordinator has ended. An order that was on its way may have been taken.
    #[error("the coordinator has ended")]
    Ended,
}

/// The entries, oldest first. When there are too many, those that came to an end without an order give way.
#[derive(Debug)]
pub(super) struct Submissions {
    entries: Vec<Submission>,
    most: usize,
}

impl Submissions {
    pub(super) fn new(most: usize) -> Self {
        Self { entries: Vec::new(), most }
    }

    pub(super) fn all(&self) -> Vec<Submission> {
        self.entries.clone()
    }

    /// An order is being handed in; an earlier end under the same key is forgotten.
    pub(super) fn begin(&mut self, submission: Submission) -> Result<(), SubmitError> {
        if let Some(earlier) = self.entries.iter().position(|entry| entry.key == submission.key) {
            if !self.entries[earlier].standing.is_end() {
                return Err(SubmitError::KeyInUse);
            }
            self.entries.remove(earlier);
        }
        if self.entries.len() >= self.most {
            let oldest = self.entries.iter().position(|entry| entry.standing.is_end());
            self.entries.remove(oldest.ok_or(SubmitError::TooMany)?);
        }
        self.entries.push(submission);
        Ok(())
    }

    pub(super) fn end(&mut self, key: &str, standing: Standing) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| &*entry.key == key) {
            entry.standing = standing;
        }
    }

    /// An order is in the cache, or is known not to be: it has no entry here any more.
    pub(super) fn seen(&mut self, id: &str) {
        self.entries.retain(|entry| entry.standing.order_id().is_none_or(|accepted| &**accepted != id));
    }

    pub(super) fn dismiss(&mut self, key: &str) {
        self.entries.retain(|entry| &*entry.key != key || !entry.standing.is_end());
    }
}

impl Standing {
    /// The order, if the daemon has it.
    #[must_use]
    pub fn order_id(&self) -> Option<&Arc<str>> {
        match self {
            Self::Accepted { order_id } => Some(order_id),
            Self::Sending | Self::Refused(_) | Self::Open(_) => None,
        }
    }

    /// Whether nothing more will come of it.
    fn is_end(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Open(_))
    }
}

/// Whether handing in again, with the same key, may tell what became of an order.
pub(super) fn is_open(error: &ClientError) -> bool {
    match error {
        ClientError::Unreachable { .. } | ClientError::Unanswered(_) => true,
        ClientError::Problem(problem) => problem.code == "storage-unavailable",
        ClientError::InvalidIdempotencyKey | ClientError::Protocol(_) => false,
    }
}

/// A key that nobody has used.
pub(super) fn fresh_key() -> Result<Arc<str>, SubmitError> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|_| SubmitError::NoKey)?;
    Ok(hex::encode(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn submission(key: &str) -> Submission {
        let request = ExecuteRequest::market("SOL", "USDC", "1");
        Submission { key: key.into(), request: Arc::new(request), standing: Standing::Sending }
    }

    fn keys(submissions: &Submissions) -> Vec<Arc<str>> {
        submissions.all().into_iter().map(|entry| entry.key).collect()
    }

    #[test]
    fn what_has_come_to_an_end_gives_way_and_what_is_under_way_does_not() {
        let mut submissions = Submissions::new(2);
        submissions.begin(submission("a")).unwrap();
        submissions.begin(submission("b")).unwrap();
        assert!(matches!(submissions.begin(submission("c")), Err(SubmitError::TooMany)));
        assert!(matches!(submissions.begin(submission("a")), Err(SubmitError::KeyInUse)));
        submissions.end("a", Standing::Refused(Arc::new(ClientError::InvalidIdempotencyKey)));
        submissions.begin(submission("c")).unwrap();
        assert_eq!(keys(&submissions), ["b".into(), "c".into()]);
        submissions.end("b", Standing::Open(Arc::new(ClientError::Unanswered(String::new()))));
        submissions.begin(submission("b")).unwrap();
        assert_eq!(keys(&submissions), ["c".into(), "b".into()], "the key may be used again to find out");
    }

    #[test]
    fn an_entry_ends_with_its_order_or_when_it_is_dismissed() {
        let mut submissions = Submissions::new(9);
        submissions.begin(submission("a")).unwrap();
        submissions.begin(submission("b")).unwrap();
        submissions.dismiss("a");
        submissions.seen("1");
        assert_eq!(keys(&submissions).len(), 2);
        submissions.end("a", Standing::Accepted { order_id: "1".into() });
        submissions.end("b", Standing::Refused(Arc::new(ClientError::InvalidIdempotencyKey)));
        submissions.seen("1");
        assert_eq!(keys(&submissions), ["b".into()]);
        submissions.dismiss("b");
        assert!(keys(&submissions).is_empty());
    }
}
