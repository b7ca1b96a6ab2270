//! Which orders a subscription is about.

use super::Published;
use crate::order::{Order, OrderId, Standing};
use orderd_sdk::wire::{OrderFilter, OrderStatus};
use std::collections::{BTreeMap, BTreeSet};

/// Order ids in one filter.
pub const MAX_IDS: usize = 256;

/// Values of any other member of a filter, and names of labels.
const MAX_VALUES: usize = 64;

/// Which orders a subscription is about: those that match every member that is not empty, with any of its values.
/// Filters that say the same are equal, however they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    ids: BTreeSet<OrderId>,
    status: BTreeSet<OrderStatus>,
    chain: BTreeSet<String>,
    account: BTreeSet<String>,
    dex: BTreeSet<String>,
    /// What is sold and what is bought.
    pair: BTreeSet<(String, String)>,
    label: BTreeMap<String, BTreeSet<String>>,
}

/// Why a filter makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Not an order id.
    #[error("ids: {0:?} is not an order id")]
    Id(String),
    /// Not a pair of tokens.
    #[error("pair: {0:?} is not a pair such as SOL/USDC")]
    Pair(String),
    /// More than a filter may hold.
    #[error("{member}: at most {most} values")]
    TooMany {
        /// The member.
        member: &'static str,
        /// How many it may have.
        most: usize,
    },
}

impl Filter {
    /// Reads a client's filter.
    ///
    /// # Errors
    /// When a value makes no sense, or there are too many.
    pub fn read(filter: OrderFilter) -> Result<Self, FilterError> {
        let OrderFilter { ids, status, chain, account, dex, pair, label } = filter;
        bounded("ids", ids.len(), MAX_IDS)?;
        let others = [
            ("status", status.len()),
            ("chain", chain.len()),
            ("account", account.len()),
            ("dex", dex.len()),
            ("pair", pair.len()),
            ("label", label.len()),
            ("label", label.values().map(Vec::len).max().unwrap_or_default()),
        ];
        for (member, values) in others {
            bounded(member, values, MAX_VALUES)?;
        }
        Ok(Self {
            ids: ids.into_iter().map(read_id).collect::<Result<_, _>>()?,
            status: status.into_iter().collect(),
            chain: chain.into_iter().collect(),
            account: account.into_iter().collect(),
            dex: dex.into_iter().collect(),
            pair: pair.into_iter().map(read_pair).collect::<Result<_, _>>()?,
            label: label
                .into_iter()
                .filter(|(_, values)| !values.is_empty())
                .map(|(name, values)| (name, values.into_iter().collect()))
                .collect(),
        })
    }

    /// The orders that it names; when there are none, it does not name orders.
    #[must_use]
    pub fn ids(&self) -> &BTreeSet<OrderId> {
        &self.ids
    }

    /// Whether the order matches as it stands.
    #[must_use]
    pub fn admits(&self, order: &Order) -> bool {
        self.admits_intent(order) && self.admits_standing(order.standings(order.seq()).1)
    }

    /// Whether the order matches after the event, or matched before it.
    #[must_use]
    pub fn admits_event(&self, event: &Published) -> bool {
        if !self.admits_intent(event.order()) {
            return false;
        }
        if self.status.is_empty() && self.dex.is_empty() {
            return true;
        }
        let (before, after) = event.order().standings(event.seq());
        self.admits_standing(after) || self.admits_standing(before)
    }

    /// What never changes of an order.
    fn admits_intent(&self, order: &Order) -> bool {
        let intent = &order.intent;
        let is_pair = |(sold, bought): &(String, String)| {
            *sold == intent.token_in.symbol && *bought == intent.token_out.symbol
        };
        let has_label = |(name, values): (&String, &BTreeSet<String>)| {
            intent.labels.get(name).is_some_and(|value| values.contains(value))
        };
        (self.ids.is_empty() || self.ids.contains(&order.id))
            && admits(&self.chain, &intent.chain)
            && admits(&self.account, &intent.account)
            && (self.pair.is_empty() || self.pair.iter().any(is_pair))
            && self.label.iter().all(has_label)
    }

    fn admits_standing(&self, standing: Option<Standing<'_>>) -> bool {
        standing.is_some_and(|Standing { status, dex }| {
            (self.status.is_empty() || self.status.contains(&status))
                && (self.dex.is_empty() || dex.is_some_and(|dex| self.dex.contains(dex)))
        })
    }
}

fn admits(values: &BTreeSet<String>, value: &str) -> bool {
    values.is_empty() || values.contains(value)
}

fn bounded(member: &'static str, values: usize, most: usize) -> Result<(), FilterError> {
    if values > most { Err(FilterError::TooMany { member, most }) } else { Ok(()) }
}

fn read_id(text: String) -> Result<OrderId, FilterError> {
    text.parse().map_err(|_| FilterError::Id(text))
}

fn read_pair(text: String) -> Result<(String, String), FilterError> {
    let pair = text.split_once('/').filter(|(sold, bought)| !sold.is_empty() && !bought.is_empty());
    let owned = pair.map(|(sold, bought)| (sold.to_owned(), bought.to_owned()));
    owned.ok_or(FilterError::Pair(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{Fact, Intent, samples};
    use serde_json::{Value, json};
    use std::sync::Arc;

    fn read(filter: Value) -> Result<Filter, FilterError> {
        Filter::read(serde_json::from_value(filter).unwrap())
    }

    fn order() -> Order {
        let labels = [("desk".to_owned(), "7".to_owned())].into();
        samples::accepted(Intent { labels, ..samples::intent() })
    }

    #[test]
    fn an_order_matches_when_it_matches_every_member_with_any_value() {
        let order = order();
        for (filter, expected) in [
            (json!({}), true),
            (json!({ "ids": [order.id.to_string()] }), true),
            (json!({ "ids": "01a0c1e2-8a10-7c31-9d2c-4f6f0d6f7a01" }), false),
            (json!({ "chain": ["solana", "paper"], "account": "main" }), true),
            (json!({ "chain": "paper", "account": "other" }), false),
            (json!({ "pair": "SOL/USDC" }), true),
            (json!({ "pair": ["USDC/SOL"] }), false),
            (json!({ "label": { "desk": ["6", "7"] } }), true),
            (json!({ "label": { "desk": "7", "team": "a" } }), false),
            (json!({ "label": { "desk": [] }, "chain": [] }), true),
            (json!({ "status": ["pending", "failed"] }), true),
            (json!({ "status": "failed" }), false),
            (json!({ "dex": "paper-alpha" }), false),
        ] {
            assert_eq!(read(filter.clone()).unwrap().admits(&order), expected, "{filter}");
        }
    }

    #[test]
    fn an_event_is_told_when_the_order_enters_and_when_it_leaves() {
        let order = Arc::new(samples::eventful());
        for status in OrderStatus::ALL {
            let filter = read(json!({ "status": status })).unwrap();
            for seq in 1..=order.seq() {
                let stands = |seq| order.standings(seq).1.is_some_and(|standing| standing.status == status);
                let event = Published::of(&order, seq).unwrap();
                assert_eq!(filter.admits_event(&event), stands(seq) || stands(seq - 1), "{status} {seq}");
            }
        }
    }

    #[test]
    fn a_filter_that_makes_no_sense_is_refused() {
        assert_eq!(read(json!({ "ids": "x" })), Err(FilterError::Id("x".into())));
        for pair in ["SOL", "/USDC", "SOL/", ""] {
            assert_eq!(read(json!({ "pair": pair })), Err(FilterError::Pair(pair.into())));
        }
        let id = order().id.to_string();
        let too_many = |member, most| Err(FilterError::TooMany { member, most });
        assert_eq!(read(json!({ "ids": vec![id; 257] })), too_many("ids", 256));
        assert_eq!(read(json!({ "dex": vec!["a"; 65] })), too_many("dex", 64));
        assert_eq!(read(json!({ "label": { "a": vec!["b"; 65] } })), too_many("label", 64));
    }

    #[test]
    fn filters_that_say_the_same_are_one() {
        let one = read(json!({ "chain": ["b", "a"], "dex": [] })).unwrap();
        assert_eq!(one, read(json!({ "chain": ["a", "b", "a"] })).unwrap());
    }

    #[test]
    fn what_happens_to_an_order_of_another_filter_is_not_told() {
        let mut grown = order();
        grown.events[0].cursor.set(1);
        grown.apply(Fact::QuotesRequested { venues: 1 }, samples::NOW).unwrap();
        let event = Published::of(&Arc::new(grown), 2).unwrap();
        assert!(!read(json!({ "account": "other" })).unwrap().admits_event(&event));
        assert!(read(json!({ "account": "main" })).unwrap().admits_event(&event));
    }
}
