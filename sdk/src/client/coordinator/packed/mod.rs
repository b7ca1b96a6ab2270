//! An order in little space: what the cache keeps. Most of what whole [`OrderDto`]s take is texts that all of them repeat, and
//! what each allocation costs.
//!
//! Nothing is left out: [`Packed::order`] gives the order back as the daemon told it. What tables are sorted and filtered by
//! is read in place, without unpacking.

mod bytes;
mod shared;
mod subject;

pub(super) use shared::SharedParts;

use crate::{
    timestamp::Timestamp,
    wire::{Decimal, ErrorCode, OrderDto, OrderStatus, QuoteDto},
};
use bytes::{Reader, Writer};
use shared::Shared;
use std::{collections::BTreeMap, sync::Arc};

/// An order as it stood, in three allocations, one of which it shares with the keys of tables and one with other orders.
#[derive(Debug)]
pub struct Packed {
    id: Arc<str>,
    shared: Arc<Shared>,
    /// What is its own, in the order of [`Rest`].
    rest: Box<[u8]>,
    /// The [front](Self::front_of) of the id.
    pub id_front: u64,
    /// When the order was accepted.
    pub created_at: Timestamp,
    /// When its last event happened.
    pub updated_at: Timestamp,
    /// Attempts begun so far.
    pub attempts: u32,
    /// Where the order stands.
    pub status: OrderStatus,
    /// 0 to 100.
    pub progress: u8,
    /// Why the last attempt failed, for programs.
    pub last_error_code: Option<ErrorCode>,
    /// Whether its end without effect was asked for and is not decided yet.
    pub cancel_requested: bool,
}

impl Packed {
    /// Packs an order. `id` is its id, which tables have too.
    pub(super) fn new(order: OrderDto, id: Arc<str>, parts: &mut SharedParts) -> Self {
        let rest = parts.pack(|rest| pack_rest(&order, rest));
        let OrderDto { created_at, updated_at, attempts, status, progress, .. } = order;
        let OrderDto { last_error_code, cancel_requested, .. } = order;
        let shared = parts.share(Shared::of(order));
        Self {
            id_front: Self::front_of(&id),
            id,
            shared,
            rest,
            created_at,
            updated_at,
            attempts,
            status,
            progress,
            last_error_code,
            cancel_requested,
        }
    }

    /// The order, as the daemon told it.
    #[must_use]
    pub fn order(&self) -> OrderDto {
        let (shared, rest) = (&*self.shared, self.rest());
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let mut quotes = rest.quotes;
        let quote = |dex| unpack_quote(dex, &mut quotes);
        OrderDto {
            id: self.id.as_ref().to_owned(),
            job_id: rest.job_id.unwrap_or(&self.id).to_owned(),
            order_type: shared.order_type.as_ref().to_owned(),
            token_in: shared.token_in.as_ref().to_owned(),
            token_out: shared.token_out.as_ref().to_owned(),
            amount: rest.amount.to_owned(),
            slippage: shared.slippage.clone(),
            status: self.status,
            progress: self.progress,
            message: rest.message.to_owned(),
            chain: shared.chain.as_ref().to_owned(),
            account: shared.account.as_ref().to_owned(),
            dex: owned(shared.dex.as_deref()),
            quotes: shared.quoted.iter().map(AsRef::as_ref).map(quote).collect(),
            amount_out: owned(rest.amount_out),
            tx_hash: owned(rest.tx_hash),
            attempts: self.attempts,
            max_attempts: shared.max_attempts,
            last_error: owned(rest.last_error),
            last_error_code: self.last_error_code,
            cancel_requested: self.cancel_requested,
            labels: rest.labels.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            seq: rest.seq,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    /// The first sixteen hexadecimal digits of an id. UUIDs are in the order of these, and few have the same: tables
    /// compare ids by them first, and seldom need to look further.
    #[must_use]
    pub fn front_of(id: &str) -> u64 {
        let digits = id.chars().filter_map(|digit| digit.to_digit(16));
        digits.take(16).fold(0, |front, digit| front << 4 | u64::from(digit))
    }

    /// The order's id.
    #[must_use]
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// The number of the last event; events count 1, 2, 3, … without a hole.
    #[must_use]
    pub fn seq(&self) -> u64 {
        Reader(&self.rest).number()
    }

    /// Symbol of the token that is sold.
    #[must_use]
    pub fn token_in(&self) -> &str {
        &self.shared.token_in
    }

    /// Symbol of the token that is bought.
    #[must_use]
    pub fn token_out(&self) -> &str {
        &self.shared.token_out
    }

    /// The chain it is settled on.
    #[must_use]
    pub fn chain(&self) -> &str {
        &self.shared.chain
    }

    /// The account that trades.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.shared.account
    }

    /// The venue that executes it, once chosen.
    #[must_use]
    pub fn dex(&self) -> Option<&str> {
        self.shared.dex.as_deref()
    }

    /// Attempts at the most.
    #[must_use]
    pub fn max_attempts(&self) -> u32 {
        self.shared.max_attempts
    }

    /// What is sold, as a decimal text in units of the token.
    #[must_use]
    pub fn amount(&self) -> &str {
        self.own().text()
    }

    /// Why the last attempt failed or its outcome is unknown.
    #[must_use]
    pub fn last_error(&self) -> Option<&str> {
        let mut own = self.own();
        own.skip();
        own.maybe()
    }

    /// The hash of the last transaction that was handed to the chain.
    #[must_use]
    pub fn tx_hash(&self) -> Option<&str> {
        let mut own = self.own();
        own.skip();
        own.skip_maybe();
        own.maybe()
    }

    /// The client's own labels, by name.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut own = self.own();
        own.skip();
        own.skip_maybe();
        own.skip_maybe();
        Labels::begin(&mut own)
    }

    /// Where the last error, the hash and the labels are.
    fn searched(&self) -> &[u8] {
        let mut own = self.own();
        own.skip();
        let begin = own.0;
        own.skip_maybe();
        own.skip_maybe();
        Labels::pass(&mut own);
        &begin[..begin.len() - own.0.len()]
    }

    /// Its own texts, from the amount on.
    fn own(&self) -> Reader<'_> {
        let mut own = Reader(&self.rest);
        own.number();
        own
    }

    fn rest(&self) -> Rest<'_> {
        let mut reader = Reader(&self.rest);
        Rest {
            seq: reader.number(),
            amount: reader.text(),
            last_error: reader.maybe(),
            tx_hash: reader.maybe(),
            labels: Labels::pass(&mut reader),
            job_id: reader.maybe(),
            message: reader.text(),
            amount_out: reader.maybe(),
            quotes: reader,
        }
    }
}

/// What an order shares with few others or none. What is searched comes first.
struct Rest<'a> {
    seq: u64,
    amount: &'a str,
    last_error: Option<&'a str>,
    tx_hash: Option<&'a str>,
    labels: Labels<'a>,
    /// None when it is the order's id.
    job_id: Option<&'a str>,
    message: &'a str,
    amount_out: Option<&'a str>,
    /// As many as venues were asked.
    quotes: Reader<'a>,
}

fn pack_rest(order: &OrderDto, rest: &mut Writer) {
    rest.number(order.seq);
    rest.text(&order.amount);
    rest.maybe(order.last_error.as_deref());
    rest.maybe(order.tx_hash.as_deref());
    pack_labels(&order.labels, rest);
    rest.maybe((order.job_id != order.id).then_some(&order.job_id));
    rest.text(&order.message);
    rest.maybe(order.amount_out.as_deref());
    order.quotes.iter().for_each(|quote| pack_quote(quote, rest));
}

/// All but the venue, which is shared.
fn pack_quote(quote: &QuoteDto, rest: &mut Writer) {
    rest.maybe(quote.amount_out.as_deref());
    rest.maybe(quote.net_amount_out.as_deref());
    rest.maybe(quote.price_impact.as_deref());
    rest.number(quote.latency_ms);
    rest.maybe(quote.error.as_deref());
}

fn unpack_quote(dex: &str, rest: &mut Reader<'_>) -> QuoteDto {
    QuoteDto {
        dex: dex.to_owned(),
        amount_out: rest.maybe().map(str::to_owned),
        net_amount_out: rest.maybe().map(str::to_owned),
        price_impact: rest.maybe().map(str::to_owned),
        latency_ms: rest.number(),
        error: rest.maybe().map(str::to_owned),
    }
}

fn pack_labels(labels: &BTreeMap<String, String>, rest: &mut Writer) {
    rest.number(labels.len() as u64);
    for (name, value) in labels {
        rest.text(name);
        rest.text(value);
    }
}

struct Labels<'a> {
    left: u64,
    reader: Reader<'a>,
}

impl<'a> Labels<'a> {
    fn begin(reader: &mut Reader<'a>) -> Self {
        let left = reader.number();
        Self { left, reader: Reader(reader.0) }
    }

    /// The same, and `reader` goes on after them.
    fn pass(reader: &mut Reader<'a>) -> Self {
        let labels = Self::begin(reader);
        for _ in 0..labels.left {
            reader.skip();
            reader.skip();
        }
        labels
    }
}

impl<'a> Iterator for Labels<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        Some((self.reader.text(), self.reader.text()))
    }
}

#[cfg(test)]
mod tests;
