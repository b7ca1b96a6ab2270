//! How many orders are shown: a line for each.

use crate::{
    report::{Report, fact, json_line, part},
    table::Table,
};
use orderd_sdk::wire::OrderDto;
use std::io::{self, Write};

const TITLES: [&str; 7] = ["ID", "STATUS", "SELL", "BUY", "DEX", "ATTEMPTS", "UPDATED"];
/// So that what follows one by one stands in the same columns, but for the longest texts.
const LEAST: [usize; 6] = [36, 16, 14, 20, 16, 8];

/// Orders, and whether more are to follow.
pub(super) struct Lines<'a> {
    pub(super) orders: Vec<&'a OrderDto>,
    pub(super) place: Place,
}

/// Where these lines stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// By themselves.
    Alone,
    /// Others follow.
    First,
    /// Others are above.
    Further,
}

impl Report for Lines<'_> {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = match self.place {
            Place::Alone if self.orders.is_empty() => return Ok(()),
            Place::Alone => Table::titled(&TITLES),
            Place::First => Table::titled(&TITLES).at_least(&LEAST),
            Place::Further => Table::default().at_least(&LEAST),
        };
        for order in &self.orders {
            table.row([
                &order.id,
                order.status.as_str(),
                &format!("{} {}", order.amount, order.token_in),
                &format!("{} {}", order.amount_out.as_deref().unwrap_or("?"), order.token_out),
                order.dex.as_deref().unwrap_or("-"),
                &format!("{}/{}", order.attempts, order.max_attempts),
                &order.updated_at.to_string(),
            ]);
        }
        table.write(out)
    }

    fn words(&self) -> Vec<String> {
        self.orders.iter().map(|order| words(order)).collect()
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        self.orders.iter().try_for_each(|order| json_line(order, out))
    }
}

/// An order as one fact.
fn words(order: &OrderDto) -> String {
    fact([
        format!("order {}", order.id),
        format!("status {}", order.status),
        format!("sells {} {} for {}", order.amount, order.token_in, order.token_out),
        part("received", order.amount_out.as_ref()),
        format!("account {} on {}", order.account, order.chain),
        part("venue", order.dex.as_ref()),
        format!("attempt {} of {}", order.attempts, order.max_attempts),
        part("last error", order.last_error.as_ref()),
        format!("updated {}", order.updated_at),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::{confirmed, pending, shown};

    #[test]
    fn orders_are_shown_in_columns_in_words_and_as_they_are() {
        let table = "\
ID                                    STATUS     SELL    BUY          DEX    ATTEMPTS  UPDATED
01a0c1e2-0000-7000-8000-000000000002  confirmed  10 SOL  2250.5 USDC  alpha  2/3       2026-09-21T14:13:24.200Z
01a0c1e2-0000-7000-8000-000000000001  pending    10 SOL  ? USDC       -      0/3       2026-09-21T14:13:20.000Z
";
        let words = "\
order 01a0c1e2-0000-7000-8000-000000000002, status confirmed, sells 10 SOL for USDC, received 2250.5, \
account main on paper, venue alpha, attempt 2 of 3, last error reverted in block 5: price moved, \
updated 2026-09-21T14:13:24.200Z
order 01a0c1e2-0000-7000-8000-000000000001, status pending, sells 10 SOL for USDC, account main on paper, \
attempt 0 of 3, updated 2026-09-21T14:13:20.000Z
";
        let (first, second) = (confirmed(), pending());
        let [is_table, is_words, is_json] =
            shown(&Lines { orders: vec![&first, &second], place: Place::Alone });
        assert_eq!((is_table.as_str(), is_words.as_str()), (table, words));
        let orders: Vec<OrderDto> = is_json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(orders, [first, second]);
        assert_eq!(shown(&Lines { orders: Vec::new(), place: Place::Alone }), ["", "", ""]);
    }

    #[test]
    fn lines_that_follow_stand_in_the_columns_of_those_above() {
        let order = pending();
        let [first, ..] = shown(&Lines { orders: vec![&order], place: Place::First });
        let [further, ..] = shown(&Lines { orders: vec![&order], place: Place::Further });
        assert_eq!(first.lines().nth(1), further.lines().next());
    }
}
