//! Which orders a filter means, told without the daemon: for what comes by polling, which knows no filter.

use crate::wire::{OrderDto, OrderFilter};

impl OrderFilter {
    /// Whether an order matches as it stands: every member that is there has a value that fits.
    #[must_use]
    pub fn matches(&self, order: &OrderDto) -> bool {
        self.matches_lasting(order)
            && has(&self.status, &order.status)
            && (self.dex.is_empty() || order.dex.as_ref().is_some_and(|dex| self.dex.contains(dex)))
    }

    /// Whether what is asked of an order never changes during its life: if so, each of its events is sent or none.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        self.status.is_empty() && self.dex.is_empty()
    }

    fn matches_lasting(&self, order: &OrderDto) -> bool {
        let sold_for =
            |pair: &String| pair.split_once('/') == Some((order.token_in.as_str(), order.token_out.as_str()));
        let labelled = |(name, values): (&String, &Vec<String>)| {
            order.labels.get(name).is_some_and(|label| values.contains(label))
        };
        has(&self.ids, &order.id)
            && has(&self.chain, &order.chain)
            && has(&self.account, &order.account)
            && (self.pair.is_empty() || self.pair.iter().any(sold_for))
            && self.label.iter().all(labelled)
    }
}

fn has<T: PartialEq>(values: &[T], value: &T) -> bool {
    values.is_empty() || values.contains(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{client::tests::order, wire::OrderStatus};

    fn filter(json: &str) -> OrderFilter {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_order_matches_when_every_member_has_a_value_that_fits() {
        for fits in [
            "{}",
            r#"{"ids":["x","0199"]}"#,
            r#"{"status":["failed","routing"],"chain":"paper"}"#,
            r#"{"pair":["BONK/SOL","SOL/USDC"],"account":"main"}"#,
            r#"{"label":{"team":["dev","ops"]}}"#,
        ] {
            assert!(filter(fits).matches(&order()), "{fits}");
        }
        for does_not in [
            r#"{"ids":["x"]}"#,
            r#"{"status":"failed","chain":"paper"}"#,
            r#"{"pair":"USDC/SOL"}"#,
            r#"{"dex":"alpha"}"#,
            r#"{"label":{"team":"ops","desk":"7"}}"#,
        ] {
            assert!(!filter(does_not).matches(&order()), "{does_not}");
        }
    }

    #[test]
    fn status_and_dex_change_and_everything_else_lasts() {
        assert!(filter(r#"{"pair":"SOL/USDC","ids":"x"}"#).is_lasting());
        assert!(!OrderFilter { status: vec![OrderStatus::Failed], ..OrderFilter::default() }.is_lasting());
        assert!(!filter(r#"{"dex":"alpha"}"#).is_lasting());
    }
}
