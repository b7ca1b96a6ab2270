//! How an order and its events are shown.

use crate::{
    report::{Report, fact, json_line, part},
    table::Table,
};
use orderd_sdk::wire::{OrderDto, OrderMessage, QuoteDto};
use serde::Serialize;
use std::io::{self, Write};

/// An order with its life so far.
#[derive(Serialize)]
pub(super) struct Life<'a> {
    pub(super) order: &'a OrderDto,
    pub(super) events: &'a [OrderMessage],
}

/// One event, as it comes.
pub(super) struct Happened<'a>(pub(super) &'a OrderMessage);

impl Report for Life<'_> {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        facts(self.order).write(out)?;
        if !self.order.quotes.is_empty() {
            writeln!(out)?;
            quotes(&self.order.quotes).write(out)?;
        }
        writeln!(out)?;
        timeline(self.events).write(out)
    }

    fn words(&self) -> Vec<String> {
        let order = self.order;
        let mut lines = vec![
            fact([format!("order {}", order.id)]),
            fact([format!("status {}", order.status), format!("{} percent", order.progress)]),
            fact([format!("sells {} {} for {}", order.amount, order.token_in, order.token_out)]),
            fact([part("received", order.amount_out.as_ref())]),
            fact([format!("slippage at most {} percent", order.slippage.as_str())]),
            fact([format!("account {} on {}", order.account, order.chain)]),
            fact([format!("attempt {} of {}", order.attempts, order.max_attempts)]),
            fact([part("venue", order.dex.as_ref())]),
            fact([part("transaction", order.tx_hash.as_ref())]),
            fact([part("last error", order.last_error.as_ref())]),
            fact([format!("accepted {}", order.created_at)]),
        ];
        lines.extend(order.labels.iter().map(|(key, value)| fact([format!("label {key} is {value}")])));
        lines.extend(order.quotes.iter().map(quote_in_words));
        lines.extend(self.events.iter().map(event_in_words));
        lines.retain(|line| !line.is_empty());
        lines
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json_line(self, out)
    }
}

impl Report for Happened<'_> {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table::default().at_least(&[3, 24, 16, 3]);
        row(&mut table, self.0);
        table.write(out)
    }

    fn words(&self) -> Vec<String> {
        vec![event_in_words(self.0)]
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json_line(self.0, out)
    }
}

fn quote_in_words(quote: &QuoteDto) -> String {
    fact([
        format!("quote of {}", quote.dex),
        part("gives", quote.amount_out.as_ref()),
        part("after fees", quote.net_amount_out.as_ref()),
        quote.price_impact.as_ref().map_or(String::new(), |impact| format!("impact {impact} percent")),
        part("failed:", quote.error.as_ref()),
        format!("took {} ms", quote.latency_ms),
    ])
}

fn event_in_words(event: &OrderMessage) -> String {
    fact([
        format!("event {}", event.seq),
        event.kind.to_string(),
        event.message.clone(),
        format!("at {}", event.timestamp),
    ])
}

fn facts(order: &OrderDto) -> Table {
    let labels: Vec<_> = order.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let mut table = Table::default();
    table.row(["order", &order.id]);
    table.row(["status", &format!("{}, {} %", order.status, order.progress)]);
    table.row(["sell", &format!("{} {}", order.amount, order.token_in)]);
    table.row(["buy", &format!("{} {}", order.amount_out.as_deref().unwrap_or("?"), order.token_out)]);
    table.row(["slippage", &format!("{} %", order.slippage.as_str())]);
    table.row(["account", &format!("{} on {}", order.account, order.chain)]);
    table.row(["attempts", &format!("{} of {}", order.attempts, order.max_attempts)]);
    for (name, value) in [
        ("dex", order.dex.as_deref()),
        ("transaction", order.tx_hash.as_deref()),
        ("last error", order.last_error.as_deref()),
        ("labels", Some(labels.join(", ").as_str()).filter(|labels| !labels.is_empty())),
    ] {
        if let Some(value) = value {
            table.row([name, value]);
        }
    }
    table.row(["accepted", &order.created_at.to_string()]);
    table
}

fn quotes(quotes: &[QuoteDto]) -> Table {
    let mut table = Table::titled(&["DEX", "QUOTE", "NET", "IMPACT", "TOOK"]);
    for quote in quotes {
        let impact = quote.price_impact.as_ref().map(|impact| format!("{impact} %"));
        table.row([
            &quote.dex,
            quote.amount_out.as_deref().or(quote.error.as_deref()).unwrap_or("-"),
            quote.net_amount_out.as_deref().unwrap_or("-"),
            impact.as_deref().unwrap_or("-"),
            &format!("{} ms", quote.latency_ms),
        ]);
    }
    table
}

fn timeline(events: &[OrderMessage]) -> Table {
    let mut table = Table::titled(&["SEQ", "TIME", "EVENT", "%", "WHAT HAPPENED"]);
    for event in events {
        row(&mut table, event);
    }
    table
}

fn row(table: &mut Table, event: &OrderMessage) {
    table.row([
        &event.seq.to_string(),
        &event.timestamp.to_string(),
        event.kind.as_str(),
        &event.progress.to_string(),
        &event.message,
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::{confirmed, event, pending, shown};

    #[test]
    fn an_order_is_shown_with_its_quotes_and_its_life() {
        let quoted = QuoteDto {
            dex: "alpha".into(),
            amount_out: Some("2250.5".into()),
            net_amount_out: Some("2250".into()),
            price_impact: Some("0.1".into()),
            latency_ms: 12,
            error: None,
        };
        let failed = QuoteDto {
            dex: "beta".into(),
            amount_out: None,
            net_amount_out: None,
            price_impact: None,
            latency_ms: 500,
            error: Some("time-out".into()),
        };
        let order = OrderDto { quotes: vec![quoted, failed], ..confirmed() };
        let events = [event(pending()), event(confirmed())];
        let table = "\
order        01a0c1e2-0000-7000-8000-000000000002
status       confirmed, 100 %
sell         10 SOL
buy          2250.5 USDC
slippage     0.5 %
account      main on paper
attempts     2 of 3
dex          alpha
transaction  0xab
last error   reverted in block 5: price moved
labels       desk=a, team=ops
accepted     2026-09-21T14:13:20.000Z

DEX    QUOTE     NET   IMPACT  TOOK
alpha  2250.5    2250  0.1 %   12 ms
beta   time-out  -     -       500 ms

SEQ  TIME                      EVENT      %    WHAT HAPPENED
1    2026-09-21T14:13:20.000Z  pending    0    accepted and stored, waiting for its turn
9    2026-09-21T14:13:24.200Z  confirmed  100  received 2250.5 USDC through alpha in block 7
";
        let words = "\
order 01a0c1e2-0000-7000-8000-000000000002
status confirmed, 100 percent
sells 10 SOL for USDC
received 2250.5
slippage at most 0.5 percent
account main on paper
attempt 2 of 3
venue alpha
transaction 0xab
last error reverted in block 5: price moved
accepted 2026-09-21T14:13:20.000Z
label desk is a
label team is ops
quote of alpha, gives 2250.5, after fees 2250, impact 0.1 percent, took 12 ms
quote of beta, failed: time-out, took 500 ms
event 1, pending, accepted and stored, waiting for its turn, at 2026-09-21T14:13:20.000Z
event 9, confirmed, received 2250.5 USDC through alpha in block 7, at 2026-09-21T14:13:24.200Z
";
        let [is_table, is_words, _] = shown(&Life { order: &order, events: &events });
        assert_eq!((is_table.as_str(), is_words.as_str()), (table, words));
    }

    #[test]
    fn json_is_the_order_and_its_events() {
        let (order, events) = (pending(), [event(pending())]);
        let [_, _, json] = shown(&Life { order: &order, events: &events });
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["order"], serde_json::to_value(&order).unwrap());
        assert_eq!(read["events"], serde_json::to_value(&events).unwrap());
        assert_eq!(json.lines().count(), 1);
    }

    #[test]
    fn an_event_that_comes_is_one_line_in_every_style() {
        let event = event(confirmed());
        let lines = shown(&Happened(&event));
        assert!(lines.iter().all(|text| text.lines().count() == 1), "{lines:?}");
        assert_eq!(serde_json::from_str::<OrderMessage>(&lines[2]).unwrap(), event);
    }
}
