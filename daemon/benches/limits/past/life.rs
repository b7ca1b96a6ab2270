//! The whole lives of orders that are over, by the order's own rules; the same number has the same id every time.

use orderd::{
    order::{
        Fact, Failure, Intent, Order, OrderId, OrderIds, Ppm, Purpose, QuoteAnswer, QuoteLine, Transaction,
    },
    store::Claim,
};
use orderd_sdk::{
    amount::Amount,
    plugin::{BlockRef, HexBytes, Token},
    timestamp::Timestamp,
    wire::ErrorCode,
};
use std::{collections::BTreeMap, sync::Arc};

/// The first was accepted so long before the last: no idempotency key has run out.
const SPAN_MS: u64 = 20 * 3_600_000;
/// One of so many has failed, the others were executed.
const FAILED_EVERY: u64 = 50;
/// One of so many has an idempotency key.
const KEY_EVERY: u64 = 4;
/// A signed transaction of the paper chain.
const SIGNED_BYTES: usize = 330;

/// Orders that were accepted one after the other, up to a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lives {
    pub(crate) count: u64,
    /// When the last of them was accepted.
    pub(super) until: Timestamp,
}

impl Lives {
    /// The id of the order with this number, the oldest being 0.
    pub(crate) fn id(self, number: u64) -> OrderId {
        // Spreads what ids have beside the time, as chance does.
        let chance = u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 9;
        OrderIds::new().next(self.accepted(number), chance)
    }

    fn accepted(self, number: u64) -> Timestamp {
        let age = (self.count - 1 - number) * (SPAN_MS / self.count);
        Timestamp(self.until.0 - age)
    }

    /// The order with this number, over.
    pub(super) fn order(self, number: u64) -> anyhow::Result<Order> {
        let now = self.accepted(number);
        let mut order = Order::accept(self.id(number), intent(), number % 100, now);
        let facts = if number.is_multiple_of(FAILED_EVERY) { failure() } else { execution(number) };
        for fact in facts {
            order.apply(fact, now)?;
        }
        anyhow::ensure!(order.state.is_over(), "the life of order {number} does not end");
        Ok(order)
    }

    /// The idempotency key of that order, if it has one.
    pub(super) fn claim(self, number: u64) -> Option<Claim> {
        let has_key = number.is_multiple_of(KEY_EVERY);
        has_key
            .then(|| Claim { key: self.id(number).to_string(), fingerprint: [number.to_le_bytes()[0]; 32] })
    }
}

/// From acceptance to finality: seven events more.
fn execution(number: u64) -> Vec<Fact> {
    let quotes: Arc<[QuoteLine]> = ["paper-alpha", "paper-beta"].map(quote).into();
    let hash = format!("0x{number:064x}");
    let transaction = Transaction {
        purpose: Purpose::Execute,
        raw: HexBytes(vec![0x7b; SIGNED_BYTES]),
        hash: hash.clone(),
    };
    let block = BlockRef { number, hash: format!("0x{:064x}", !number) };
    vec![
        Fact::QuotesRequested { venues: 2 },
        Fact::QuotesReceived { quotes },
        Fact::Chosen {
            quote: quote("paper-alpha"),
            min_out: Amount::from(14_850_000_u64),
            deadline: 1_790_003_600,
        },
        Fact::SwapSigned { sequence: number, transaction },
        Fact::SendAccepted,
        Fact::Included { hash, block, received: Amount::from(14_950_000_u64) },
        Fact::Final { delay_ms: 0 },
    ]
}

/// No venue has a price, and it makes no sense to ask again.
fn failure() -> Vec<Fact> {
    let quotes: Arc<[QuoteLine]> = ["paper-alpha", "paper-beta"].map(refusal).into();
    let error = "no venue has a price".to_owned();
    vec![
        Fact::QuotesRequested { venues: 2 },
        Fact::QuotesReceived { quotes },
        Fact::AttemptFailed(Failure { code: ErrorCode::Refused, error, transient: false, delay_ms: 0 }),
    ]
}

fn quote(dex: &str) -> QuoteLine {
    let answer = QuoteAnswer::Priced {
        amount_out: Amount::from(14_960_000_u64),
        net_amount_out: Amount::from(14_955_000_u64),
        price_impact: Some(Ppm(120)),
    };
    QuoteLine { dex: dex.to_owned(), latency_ms: 37, answer }
}

fn refusal(dex: &str) -> QuoteLine {
    let answer = QuoteAnswer::Failed { error: "no pool for SOL and USDC".to_owned() };
    QuoteLine { dex: dex.to_owned(), latency_ms: 37, answer }
}

/// On an account of the past: the lanes of today have sequences of their own.
fn intent() -> Intent {
    let token = |symbol: &str, address: &str, decimals| Token {
        symbol: symbol.to_owned(),
        address: address.to_owned(),
        decimals,
    };
    Intent {
        chain: "paper".to_owned(),
        account: "earlier".to_owned(),
        token_in: token("SOL", "sol", 9),
        token_out: token("USDC", "usdc", 6),
        amount_in: Amount::from(100_000_000_u64),
        slippage: Ppm(5_000),
        venues: Vec::new(),
        deadline: None,
        priority: 5,
        max_price_impact: None,
        labels: BTreeMap::new(),
        max_attempts: 3,
    }
}
