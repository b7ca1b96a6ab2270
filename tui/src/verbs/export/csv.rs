//! Orders as comma-separated values (RFC 4180), for spreadsheets.
//!
//! Texts come from clients, and a spreadsheet takes a cell that begins with `=` for a formula. Such a cell begins with an
//! apostrophe here, which a spreadsheet takes for "this is text". JSON Lines have every text as it is.

use crate::table::plain;
use orderd_sdk::wire::OrderDto;
use std::{
    borrow::Cow,
    io::{self, Write},
};

/// The columns; they stay in this order, and further ones are added at the end.
const TITLES: [&str; 22] = [
    "id",
    "status",
    "progress",
    "message",
    "chain",
    "account",
    "tokenIn",
    "tokenOut",
    "amount",
    "amountOut",
    "slippage",
    "dex",
    "attempts",
    "maxAttempts",
    "txHash",
    "lastErrorCode",
    "lastError",
    "cancelRequested",
    "labels",
    "seq",
    "createdAt",
    "updatedAt",
];

pub(super) fn write_titles(out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    write_row(TITLES.map(Cow::Borrowed), out)
}

/// One order in one line.
pub(super) fn write(order: &OrderDto, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    let labels = serde_json::to_string(&order.labels)?;
    let row: [Cow<'_, str>; 22] = [
        order.id.as_str().into(),
        order.status.as_str().into(),
        order.progress.to_string().into(),
        order.message.as_str().into(),
        order.chain.as_str().into(),
        order.account.as_str().into(),
        order.token_in.as_str().into(),
        order.token_out.as_str().into(),
        order.amount.as_str().into(),
        optional(order.amount_out.as_deref()),
        order.slippage.as_str().into(),
        optional(order.dex.as_deref()),
        order.attempts.to_string().into(),
        order.max_attempts.to_string().into(),
        optional(order.tx_hash.as_deref()),
        order.last_error_code.map_or(Cow::Borrowed(""), |code| code.to_string().into()),
        optional(order.last_error.as_deref()),
        order.cancel_requested.to_string().into(),
        labels.into(),
        order.seq.to_string().into(),
        order.created_at.to_string().into(),
        order.updated_at.to_string().into(),
    ];
    write_row(row, out)
}

fn optional(text: Option<&str>) -> Cow<'_, str> {
    text.unwrap_or_default().into()
}

fn write_row(cells: [Cow<'_, str>; 22], out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            write!(out, ",")?;
        }
        write!(out, "{}", quoted(&harmless(&plain(cell))))?;
    }
    write!(out, "\r\n")
}

/// What no spreadsheet takes for a formula.
fn harmless(cell: &str) -> Cow<'_, str> {
    match cell.starts_with(['=', '+', '-', '@']) {
        true => format!("'{cell}").into(),
        false => cell.into(),
    }
}

fn quoted(cell: &str) -> Cow<'_, str> {
    match cell.contains(['"', ',']) || cell.trim() != cell {
        true => format!("\"{}\"", cell.replace('"', "\"\"")).into(),
        false => cell.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::samples::{confirmed, pending};

    #[test]
    fn an_order_is_one_line_with_a_cell_for_each_title() {
        let mut out = Vec::new();
        write_titles(&mut out).unwrap();
        write(&confirmed(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<_> = text.split_terminator("\r\n").collect();
        assert_eq!(lines[0].split(',').count(), 22);
        let expected = "01a0c1e2-0000-7000-8000-000000000002,confirmed,100,received 2250.5 USDC through alpha in block 7,\
                        paper,main,SOL,USDC,10,2250.5,0.5,alpha,2,3,0xab,,reverted in block 5: price moved,false,\
                        \"{\"\"desk\"\":\"\"a\"\",\"\"team\"\":\"\"ops\"\"}\",9,2026-09-21T14:13:20.000Z,2026-09-21T14:13:24.200Z";
        assert_eq!(lines[1..], [expected]);
    }

    #[test]
    fn what_clients_write_neither_becomes_a_formula_nor_another_cell() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2,3", "\"'-2,3\""),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
            ("a\r\nb", "a\\r\\nb"),
            (" a", "\" a\""),
            ("a=b", "a=b"),
        ] {
            let order = OrderDto { message: text.into(), ..pending() };
            let mut out = Vec::new();
            write(&order, &mut out).unwrap();
            let line = String::from_utf8(out).unwrap();
            assert!(line.contains(&format!(",0,{cell},paper,")), "{text:?} in {line}");
        }
    }
}
