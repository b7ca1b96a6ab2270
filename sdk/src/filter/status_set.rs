//! Sets of statuses, and the short names of some.

use crate::wire::OrderStatus;
use std::fmt;

/// Some of the statuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct StatusSet(u16);

/// Short names beside those on the wire: `open` for every status in which something can still happen to the order by
/// itself, `over` for all others, `stuck` for those in which somebody should look after it, `retry` for `retry-pending`.
pub const SHORT_STATUSES: [&str; 4] = ["open", "over", "stuck", "retry"];

const OVER: StatusSet = StatusSet::of(&[
    OrderStatus::Finalized,
    OrderStatus::Failed,
    OrderStatus::Cancelled,
    OrderStatus::Expired,
]);
const STUCK: StatusSet = StatusSet::of(&[OrderStatus::Unknown, OrderStatus::Failed]);
const ALL: StatusSet = StatusSet::of(&OrderStatus::ALL);

impl StatusSet {
    const fn of(statuses: &[OrderStatus]) -> Self {
        let (mut bits, mut place) = (0, 0);
        while place < statuses.len() {
            bits |= 1 << statuses[place] as u16;
            place += 1;
        }
        Self(bits)
    }

    /// What a value means: a status by its name on the wire, or by one of the [`SHORT_STATUSES`].
    pub(super) fn named(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        match text.as_str() {
            "open" => Some(OVER.complement()),
            "over" => Some(OVER),
            "stuck" => Some(STUCK),
            "retry" => Some(Self::of(&[OrderStatus::RetryPending])),
            status => status.parse().ok().map(|status| Self::of(&[status])),
        }
    }

    pub(super) fn has(self, status: OrderStatus) -> bool {
        self.0 & Self::of(&[status]).0 != 0
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn complement(self) -> Self {
        Self(ALL.0 & !self.0)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = OrderStatus> {
        OrderStatus::ALL.into_iter().filter(move |status| self.has(*status))
    }
}

impl fmt::Display for StatusSet {
    /// What is in it whole and has a name of its own, then the statuses that are left.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut names, mut rest) = (Vec::new(), *self);
        for (name, group) in [("open", OVER.complement()), ("over", OVER), ("stuck", STUCK)] {
            if rest.intersection(group) == group {
                names.push(name);
                rest = rest.intersection(group.complement());
            }
        }
        names.extend(rest.iter().map(OrderStatus::as_str));
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_not_over_and_the_other_way_round() {
        let (open, over) = (StatusSet::named("open").unwrap(), StatusSet::named("over").unwrap());
        assert_eq!(open.intersection(over), StatusSet::default());
        assert_eq!(open.union(over), ALL);
        assert!(open.has(OrderStatus::Confirmed), "a block may still be undone");
    }

    #[test]
    fn a_set_is_written_as_short_as_it_goes() {
        let of = |names: &[&str]| {
            names
                .iter()
                .map(|name| StatusSet::named(name).unwrap())
                .fold(StatusSet::default(), StatusSet::union)
        };
        for (names, written) in [
            (vec!["retry"], "retry-pending"),
            (vec!["failed", "unknown"], "stuck"),
            (vec!["unknown", "Failed", "routing"], "stuck,routing"),
            (vec!["failed", "open"], "open,failed"),
            (vec!["open", "over"], "open,over"),
        ] {
            assert_eq!(of(&names).to_string(), written);
        }
    }
}
