//! Paths and queries.

use crate::{
    filter::Filter,
    wire::{LogFilter, OrderStatus},
};
use std::fmt::Write;

/// Which orders to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrdersQuery {
    /// Only orders in one of these; empty for all.
    pub statuses: Vec<OrderStatus>,
    /// Only orders that this means.
    pub filter: Option<Filter>,
    /// At most so many on a page, 1 to 500; the daemon's default when none.
    pub limit: Option<u32>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
}

impl OrdersQuery {
    /// The path with its query.
    pub(super) fn path(&self) -> String {
        let mut parameters = Vec::new();
        if !self.statuses.is_empty() {
            let statuses: Vec<_> = self.statuses.iter().map(|status| status.as_str()).collect();
            parameters.push(format!("status={}", statuses.join(",")));
        }
        if let Some(filter) = &self.filter {
            parameters.push(format!("filter={}", escape(&filter.to_string())));
        }
        if let Some(limit) = self.limit {
            parameters.push(format!("limit={limit}"));
        }
        if let Some(cursor) = &self.cursor {
            parameters.push(format!("cursor={}", escape(cursor)));
        }
        match parameters.is_empty() {
            true => "/api/orders".to_owned(),
            false => format!("/api/orders?{}", parameters.join("&")),
        }
    }
}

/// The path of the last lines of the log.
pub(super) fn logs_path(lines: u32, filter: &LogFilter) -> String {
    let mut path = format!("/api/logs?lines={lines}");
    for (name, value) in [("level", &filter.level), ("target", &filter.target)] {
        if let Some(value) = value {
            path.push_str(&format!("&{name}={}", escape(value)));
        }
    }
    path
}

/// The path of the changes after a cursor, with its query.
pub(super) fn changes_path(since: u64, epoch: Option<&str>, limit: Option<u32>) -> String {
    let mut path = format!("/api/orders?since={since}");
    if let Some(epoch) = epoch {
        path += &format!("&epoch={}", escape(epoch));
    }
    if let Some(limit) = limit {
        path += &format!("&limit={limit}");
    }
    path
}

/// The path of what was done, with its query.
pub(super) fn actions_path(limit: Option<u32>, before: Option<u64>) -> String {
    let limit = limit.map(|limit| format!("limit={limit}"));
    let before = before.map(|before| format!("before={before}"));
    let query = limit.into_iter().chain(before).collect::<Vec<_>>().join("&");
    match query.is_empty() {
        true => "/api/actions".to_owned(),
        false => format!("/api/actions?{query}"),
    }
}

/// A text as one segment of a path or one value of a query.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte))
            }
            _ => write!(escaped, "%{byte:02X}").expect("a string takes every text"),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_has_what_was_asked_for() {
        assert_eq!(OrdersQuery::default().path(), "/api/orders");
        let query = OrdersQuery {
            statuses: vec![OrderStatus::Pending, OrderStatus::RetryPending],
            filter: Some(Filter::parse("venue:orca \"a+b\"").unwrap()),
            limit: Some(10),
            cursor: Some("a&b".into()),
        };
        let filter = "filter=venue%3Aorca%20a%2Bb";
        assert_eq!(
            query.path(),
            format!("/api/orders?status=pending,retry-pending&{filter}&limit=10&cursor=a%26b")
        );
        let filter = LogFilter { level: Some("warn".into()), target: Some("orderd::engine".into()) };
        assert_eq!(logs_path(5, &filter), "/api/logs?lines=5&level=warn&target=orderd%3A%3Aengine");
        assert_eq!(logs_path(0, &LogFilter::default()), "/api/logs?lines=0");
        assert_eq!(actions_path(None, None), "/api/actions");
        assert_eq!(actions_path(Some(7), Some(9)), "/api/actions?limit=7&before=9");
        assert_eq!(escape("../ä?#"), "..%2F%C3%A4%3F%23");
    }
}
