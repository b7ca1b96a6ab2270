//! `orderctl orders`: many orders, newest first.

use crate::{
    args::{OrdersFilter, Style},
    failure::Failure,
    table::Table,
};
use orderd_sdk::{
    client::{Client, OrdersQuery},
    wire::OrderDto,
};
use std::io::{self, Write};

/// The most that one page holds.
const PAGE: u32 = 500;

/// Shows orders, page by page; columns are aligned within a page.
pub(crate) async fn orders(
    client: &Client,
    filter: &OrdersFilter,
    style: Style,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let mut wanted = match filter.all {
        true => u64::MAX,
        false => u64::from(filter.limit),
    };
    let mut query = OrdersQuery { statuses: filter.status.clone(), ..OrdersQuery::default() };
    loop {
        query.limit = Some(u32::try_from(wanted).map_or(PAGE, |wanted| wanted.min(PAGE)));
        let page = client.orders(&query).await?;
        wanted = wanted.saturating_sub(page.orders.len() as u64);
        write_page(&page.orders, style, out)?;
        query.cursor = page.next_cursor;
        if wanted == 0 || query.cursor.is_none() {
            return Ok(());
        }
    }
}

fn write_page(orders: &[OrderDto], style: Style, out: &mut impl Write) -> io::Result<()> {
    match style {
        Style::Plain if orders.is_empty() => Ok(()),
        Style::Plain => write_plain(orders, out),
        Style::Json => orders.iter().try_for_each(|order| {
            serde_json::to_writer(&mut *out, order)?;
            writeln!(out)
        }),
    }
}

fn write_plain(orders: &[OrderDto], out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::titled(&["ID", "STATUS", "SELL", "BUY", "DEX", "ATTEMPTS", "UPDATED"]);
    for order in orders {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::{confirmed, pending};

    fn shown(orders: &[OrderDto], style: Style) -> String {
        let mut out = Vec::new();
        write_page(orders, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn orders_are_shown_in_columns() {
        let expected = "\
ID                                    STATUS     SELL    BUY          DEX    ATTEMPTS  UPDATED
01a0c1e2-0000-7000-8000-000000000002  confirmed  10 SOL  2250.5 USDC  alpha  2/3       2026-09-21T14:13:24.200Z
01a0c1e2-0000-7000-8000-000000000001  pending    10 SOL  ? USDC       -      0/3       2026-09-21T14:13:20.000Z
";
        assert_eq!(shown(&[confirmed(), pending()], Style::Plain), expected);
        assert_eq!(shown(&[], Style::Plain), "");
    }

    #[test]
    fn json_is_one_order_per_line() {
        let text = shown(&[confirmed(), pending()], Style::Json);
        let orders: Vec<OrderDto> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(orders, [confirmed(), pending()]);
    }
}
