//! Orders as a daemon has them: most are over, some failed, a few are on their way, each quoted by three venues.

use orderd_sdk::{
    timestamp::Timestamp,
    wire::{ErrorCode, OrderDto, OrderStatus, QuoteDto},
};
use std::collections::BTreeMap;

/// When the first order was accepted.
pub(crate) const BEGAN: Timestamp = Timestamp(1_790_000_000_000);
/// Milliseconds between two orders: some forty in a second.
pub(crate) const APART: u64 = 25;

const PAIRS: [(&str, &str); 5] =
    [("SOL", "USDC"), ("BONK", "SOL"), ("JUP", "USDC"), ("WIF", "SOL"), ("WETH", "USDC")];
const VENUES: [&str; 3] = ["paper-alpha", "paper-beta", "paper-gamma"];

/// How the order of this number stands, after so many rounds of changes.
pub(crate) fn order(number: u64, round: u64) -> OrderDto {
    let dice = shuffled(number ^ round << 40);
    let status = status(dice % 100);
    let (token_in, token_out) = PAIRS[(dice >> 8) as usize % PAIRS.len()];
    let venue = VENUES[(dice >> 16) as usize % VENUES.len()];
    let amount = format!("{}.{:03}", dice >> 20 & 0xfff, dice >> 32 & 0x1ff);
    let bought = format!("{}.{:04}", dice >> 24 & 0xffff, dice >> 40 & 0xfff);
    let created_at = BEGAN.plus_millis(number * APART);
    let has_failed = status == OrderStatus::Failed;
    let has_received = matches!(status, OrderStatus::Finalized | OrderStatus::Confirmed);
    OrderDto {
        id: id(number),
        job_id: id(number),
        order_type: "market".into(),
        token_in: token_in.into(),
        token_out: token_out.into(),
        amount,
        slippage: "0.5".into(),
        status,
        progress: 100,
        message: match has_received {
            true => format!("received {bought} {token_out} through {venue} in block {}", number / 3),
            false => format!("attempt 1 of 3 through {venue}"),
        },
        chain: "paper".into(),
        account: "main".into(),
        dex: Some(venue.into()),
        quotes: VENUES.map(|dex| quote(dex, &bought, dice)).into(),
        amount_out: has_received.then_some(bought),
        tx_hash: Some(format!(
            "0x{:016x}{dice:016x}{:016x}{:016x}",
            dice.rotate_left(9),
            !dice,
            dice ^ number
        )),
        attempts: 1 + (dice >> 50 & 1) as u32,
        max_attempts: 3,
        last_error: has_failed.then(|| format!("slippage {}.{} % is above 1.0 %", dice % 7, dice % 10)),
        last_error_code: has_failed.then_some(ErrorCode::Unavailable),
        cancel_requested: false,
        labels: BTreeMap::from([("client".to_owned(), format!("desk-{}", dice % 9))]),
        seq: 6 + round,
        created_at,
        updated_at: created_at.plus_millis(1_870 + round * 60_000),
    }
}

fn id(number: u64) -> String {
    let millis = BEGAN.0 + number * APART;
    let chance = shuffled(!number);
    let (first, second) = (millis >> 16, millis & 0xffff);
    format!(
        "{first:08x}-{second:04x}-7{:03x}-8{:03x}-{:012x}",
        chance & 0xfff,
        chance >> 12 & 0xfff,
        chance >> 16
    )
}

fn status(percent: u64) -> OrderStatus {
    match percent {
        0..85 => OrderStatus::Finalized,
        85..92 => OrderStatus::Failed,
        92..95 => OrderStatus::Confirmed,
        95..97 => OrderStatus::Submitted,
        97..98 => OrderStatus::RetryPending,
        _ => OrderStatus::Pending,
    }
}

fn quote(dex: &str, bought: &str, dice: u64) -> QuoteDto {
    QuoteDto {
        dex: dex.into(),
        amount_out: Some(bought.into()),
        net_amount_out: Some(format!("{bought}9")),
        price_impact: Some(format!("0.{}", dice % 100)),
        latency_ms: 5 + dice % 200,
        error: None,
    }
}

/// Numbers that look like chance and are the same in every run.
pub(crate) fn shuffled(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}
