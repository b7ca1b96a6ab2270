//! How states of orders are named and coloured.

use crate::console::theme::Role;
use orderd_sdk::wire::OrderStatus;

/// The longest of the short names.
pub const COLUMNS: usize = 9;

/// A name of no more than [`COLUMNS`] columns.
#[must_use]
pub fn short(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::ExecutionFailed => "exec-fail",
        OrderStatus::RetryPending => "retry",
        other => other.as_str(),
    }
}

/// What a state means to the reader.
#[must_use]
pub fn role(status: OrderStatus) -> Role {
    match status {
        OrderStatus::Pending => Role::Text,
        OrderStatus::Routing | OrderStatus::Building | OrderStatus::Submitted => Role::Busy,
        OrderStatus::ExecutionFailed | OrderStatus::RetryPending | OrderStatus::Reorged => Role::Warn,
        OrderStatus::Unknown | OrderStatus::Failed => Role::Bad,
        OrderStatus::Confirmed | OrderStatus::Finalized => Role::Good,
        OrderStatus::Cancelled | OrderStatus::Expired => Role::Dim,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_short_and_differ() {
        let names: std::collections::HashSet<_> = OrderStatus::ALL.into_iter().map(short).collect();
        assert_eq!(names.len(), OrderStatus::ALL.len());
        assert!(names.iter().all(|name| name.len() <= COLUMNS));
    }
}
