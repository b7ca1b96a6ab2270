//! `orderctl order ID`: one order, and its life so far.

use crate::{args::Style, failure::Failure, table::Table};
use orderd_sdk::{
    client::Client,
    wire::{OrderDto, OrderMessage, QuoteDto},
};
use std::io::{self, Write};

/// Shows an order as its events tell it.
pub(crate) async fn order(
    client: &Client,
    id: &str,
    style: Style,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let order = client.order(id).await?;
    let events = client.events(id, 0).await?.events;
    // The second answer may be newer: its last event carries the order as it stands then.
    let order = events.last().map_or(&order, |event| &event.order);
    match style {
        Style::Plain => write_plain(order, &events, out)?,
        Style::Json => write_json(order, &events, out)?,
    }
    Ok(())
}

fn write_json(order: &OrderDto, events: &[OrderMessage], out: &mut impl Write) -> io::Result<()> {
    write!(out, "{{\"order\":")?;
    serde_json::to_writer(&mut *out, order)?;
    write!(out, ",\"events\":")?;
    serde_json::to_writer(&mut *out, events)?;
    writeln!(out, "}}")
}

fn write_plain(order: &OrderDto, events: &[OrderMessage], out: &mut impl Write) -> io::Result<()> {
    facts(order).write(out)?;
    if !order.quotes.is_empty() {
        writeln!(out)?;
        quotes(&order.quotes).write(out)?;
    }
    writeln!(out)?;
    timeline(events).write(out)
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
        table.row([
            &event.seq.to_string(),
            &event.timestamp.to_string(),
            event.kind.as_str(),
            &event.progress.to_string(),
            &event.message,
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::{confirmed, event, pending};

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
        let mut out = Vec::new();
        write_plain(&order, &[event(pending()), event(confirmed())], &mut out).unwrap();
        let expected = "\
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
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn json_is_the_order_and_its_events() {
        let mut out = Vec::new();
        write_json(&pending(), &[event(pending())], &mut out).unwrap();
        let order = serde_json::to_string(&pending()).unwrap();
        let event = serde_json::to_string(&event(pending())).unwrap();
        let expected = format!("{{\"order\":{order},\"events\":[{event}]}}\n");
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
