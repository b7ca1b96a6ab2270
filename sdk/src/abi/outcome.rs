//! A status and a reply, and the `Result` they stand for.

use super::{Status, table::MAX_MESSAGE};
use crate::json;
use crate::plugin::{ErrorKind, PluginError};

/// How an operation ended, in either direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The verdict.
    pub status: Status,
    /// The method's JSON when it is [`Status::OK`], else a [`PluginError`] or empty.
    pub reply: Vec<u8>,
}

impl Outcome {
    /// What to send for this result. A reply above [`MAX_MESSAGE`] becomes an error.
    #[must_use]
    pub fn of(result: Result<Vec<u8>, PluginError>) -> Self {
        match result {
            Ok(reply) if reply.len() > MAX_MESSAGE => Self::error(&PluginError::permanent(format!(
                "the reply has {} bytes, {MAX_MESSAGE} are allowed",
                reply.len()
            ))),
            Ok(reply) => Self { status: Status::OK, reply },
            Err(error) => Self::error(&error),
        }
    }

    /// A failure that the called code reports.
    #[must_use]
    pub fn error(error: &PluginError) -> Self {
        let status = match error.kind {
            ErrorKind::Transient
            | ErrorKind::Market
            | ErrorKind::Permanent
            | ErrorKind::InsufficientFunds
            | ErrorKind::InsufficientAllowance
            | ErrorKind::PolicyRefused
            | ErrorKind::Invalid => Status::ERROR,
            ErrorKind::Panic => Status::PANIC,
            ErrorKind::Deadline => Status::DEADLINE,
            ErrorKind::Cancelled => Status::CANCELLED,
            ErrorKind::Unsupported => Status::UNSUPPORTED,
        };
        Self { status, reply: json::encode(error).unwrap_or_default() }
    }

    /// What was received. The status decides over the kind of an error; the reply can only add the words.
    ///
    /// # Errors
    /// Whatever is not [`Status::OK`].
    pub fn into_result(self) -> Result<Vec<u8>, PluginError> {
        if self.status == Status::OK {
            return Ok(self.reply);
        }
        let said = json::decode::<PluginError>(&self.reply).ok();
        let (kind, default) = match self.status {
            Status::ERROR => return Err(said.unwrap_or_else(unexplained)),
            Status::PANIC => (ErrorKind::Panic, "panicked"),
            Status::DEADLINE => (ErrorKind::Deadline, "the deadline passed"),
            Status::CANCELLED => (ErrorKind::Cancelled, "cancelled"),
            Status::UNSUPPORTED => (ErrorKind::Unsupported, "not supported"),
            Status::BAD_REQUEST => (ErrorKind::Invalid, "the request was not understood"),
            Status::BUSY => (ErrorKind::Transient, "too many operations in flight"),
            Status(other) => return Err(PluginError::transient(format!("answered with status {other}"))),
        };
        let message = said.map_or_else(|| default.to_owned(), |error| error.message);
        Err(PluginError { kind, message })
    }
}

fn unexplained() -> PluginError {
    PluginError::transient("failed without saying why")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_keep_their_kind_and_words_across_the_interface() {
        for kind in [
            ErrorKind::Transient,
            ErrorKind::Market,
            ErrorKind::Permanent,
            ErrorKind::InsufficientFunds,
            ErrorKind::InsufficientAllowance,
            ErrorKind::PolicyRefused,
            ErrorKind::Invalid,
            ErrorKind::Panic,
            ErrorKind::Deadline,
            ErrorKind::Cancelled,
            ErrorKind::Unsupported,
        ] {
            let error = PluginError { kind, message: "no such pool".into() };
            assert_eq!(Outcome::of(Err(error.clone())).into_result(), Err(error));
        }
    }

    #[test]
    fn the_status_decides_whatever_the_reply_claims() {
        let claim = serde_json::to_vec(&PluginError::permanent("index out of bounds")).unwrap();
        let cases = [
            (Status::PANIC, claim, ErrorKind::Panic, "index out of bounds"),
            (Status::PANIC, Vec::new(), ErrorKind::Panic, "panicked"),
            (Status::ERROR, b"{".to_vec(), ErrorKind::Transient, "failed without saying why"),
            (Status(99), Vec::new(), ErrorKind::Transient, "answered with status 99"),
        ];
        for (status, reply, kind, message) in cases {
            let error = Outcome { status, reply }.into_result().unwrap_err();
            assert_eq!((error.kind, error.message.as_str()), (kind, message));
        }
    }

    #[test]
    fn an_oversized_reply_becomes_an_error() {
        let outcome = Outcome::of(Ok(vec![b' '; MAX_MESSAGE + 1]));
        assert_eq!(outcome.status, Status::ERROR);
    }
}
