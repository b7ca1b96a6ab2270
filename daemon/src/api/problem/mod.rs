//! Errors as clients read them: RFC 9457 problems, each with a stable code.
//!
//! Nothing of the inside gets into them: paths, causes and panics go to the log.

mod error;
mod reply;
mod table;

pub(in crate::api) use error::{ApiError, BodyError, Gone};
