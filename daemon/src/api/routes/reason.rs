//! Why somebody has something done: a line for whoever reads of it later.

use crate::api::problem::ApiError;

/// The longest reason, in characters.
const MAX_REASON: usize = 200;

/// The reason, if it can be one.
pub(super) fn checked(reason: Option<String>) -> Result<Option<String>, ApiError> {
    let is_line =
        |reason: &String| reason.chars().count() <= MAX_REASON && !reason.chars().any(char::is_control);
    match reason.as_ref().is_none_or(is_line) {
        true => Ok(reason),
        false => Err(ApiError::InvalidReason { most: MAX_REASON }),
    }
}
