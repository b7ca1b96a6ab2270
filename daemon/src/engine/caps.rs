//! How much an account may sell of a token within a window of time. Pure: no I/O, no clock.
//!
//! An order counts with what it sells from the moment something is signed for it, and at its newest signature: an attempt
//! follows another only when that one is proven dead, so an order never sells twice. Its own events tell when that was,
//! which is why nothing is kept beside the orders: after a restart, counting them again gives the same.

use crate::{
    config::{Address, SpendCap},
    order::{EventKind, Order},
};
use orderd_sdk::{amount::Amount, plugin::Token, timestamp::Timestamp};
use std::{collections::BTreeMap, fmt};

/// A window is divided into so many parts, which leave it as a whole: never too early, and late by one part at most.
const PARTS: u64 = 1_000;

/// The caps of one account, and what counts against them.
#[derive(Debug, Default)]
pub(super) struct Caps(Vec<Counted>);

/// A cap, and what counts against it.
#[derive(Debug)]
struct Counted {
    cap: SpendCap,
    token: Address,
    window_ms: u64,
    part_ms: u64,
    /// What was counted in each part of time.
    parts: BTreeMap<u64, Amount>,
    /// The newest signature that was counted.
    latest: Timestamp,
}

/// An order would sell more than may be sold now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excess<'a> {
    cap: &'a SpendCap,
    sells: Amount,
    counted: Amount,
    /// When there is room for it, should nothing else be sold; none when there never is.
    room_at: Option<Timestamp>,
}

impl Caps {
    pub(super) fn new(caps: &[SpendCap]) -> Self {
        Self(caps.iter().cloned().map(Counted::new).collect())
    }

    /// Since when orders that may count against the caps have been signed for, as of now; none when there is no cap.
    pub(super) fn since(&self, now: Timestamp) -> Option<Timestamp> {
        let reach = self.0.iter().map(|counted| counted.window_ms.saturating_add(counted.part_ms)).max()?;
        Some(Timestamp(now.0.saturating_sub(reach)))
    }

    /// Whether the order may be signed for now.
    pub(super) fn check(&self, order: &Order, now: Timestamp) -> Result<(), Excess<'_>> {
        self.of(&order.intent.token_in).try_for_each(|counted| counted.check(order, now))
    }

    /// Counts an order for which something has just been signed.
    pub(super) fn count(&mut self, order: &Order) {
        for counted in self.of_mut(&order.intent.token_in) {
            counted.move_on(order);
        }
    }

    /// Counts an order that was stored before the start.
    pub(super) fn restore(&mut self, order: &Order) {
        for counted in self.of_mut(&order.intent.token_in) {
            counted.add(order);
        }
    }

    fn of(&self, token: &Token) -> impl Iterator<Item = &Counted> {
        let token = Address::from(token.address.as_str());
        self.0.iter().filter(move |counted| counted.token == token)
    }

    fn of_mut(&mut self, token: &Token) -> impl Iterator<Item = &mut Counted> {
        let token = Address::from(token.address.as_str());
        self.0.iter_mut().filter(move |counted| counted.token == token)
    }
}

impl Counted {
    fn new(cap: SpendCap) -> Self {
        let window_ms = u64::try_from(cap.window.as_millis()).unwrap_or(u64::MAX);
        let token = Address::from(cap.token.address.as_str());
        let (part_ms, parts) = ((window_ms / PARTS).max(1), BTreeMap::new());
        Self { cap, token, window_ms, part_ms, parts, latest: Timestamp::default() }
    }

    fn check(&self, order: &Order, now: Timestamp) -> Result<(), Excess<'_>> {
        let sells = order.intent.amount_in;
        let own = signatures(order).next().map(|at| self.part(at));
        let others = self.parts.iter().map(|(part, amount)| match own == Some(*part) {
            true => (*part, amount.saturating_sub(sells)),
            false => (*part, *amount),
        });
        let stays = |part| leaves(part, self.part_ms, self.window_ms) > now;
        let others: Vec<_> = others.filter(|(part, _)| stays(*part)).collect();
        if self.fits(&others, sells) {
            return Ok(());
        }
        let left_at = (1..=others.len()).find(|left| self.fits(&others[*left..], sells));
        let room_at = left_at.map(|left| leaves(others[left - 1].0, self.part_ms, self.window_ms));
        let counted = sum(&others).unwrap_or(Amount::MAX);
        Err(Excess { cap: &self.cap, sells, counted, room_at })
    }

    fn fits(&self, others: &[(u64, Amount)], sells: Amount) -> bool {
        sum(others).and_then(|sum| sum.checked_add(sells)).is_some_and(|sum| sum <= self.cap.amount)
    }

    /// It counts at its newest signature, and at the one before that no more.
    fn move_on(&mut self, order: &Order) {
        if let Some(before) = signatures(order).nth(1).map(|at| self.part(at)) {
            let amount = order.intent.amount_in;
            self.parts.entry(before).and_modify(|counted| *counted = counted.saturating_sub(amount));
        }
        self.add(order);
    }

    fn add(&mut self, order: &Order) {
        let Some(newest) = signatures(order).next() else {
            return;
        };
        self.latest = self.latest.max(newest);
        let counted = self.parts.entry(self.part(newest)).or_default();
        *counted = counted.checked_add(order.intent.amount_in).unwrap_or(Amount::MAX);
        while let Some(oldest) = self.parts.first_entry()
            && leaves(*oldest.key(), self.part_ms, self.window_ms) <= self.latest
        {
            oldest.remove();
        }
    }

    fn part(&self, at: Timestamp) -> u64 {
        at.0 / self.part_ms
    }
}

/// When a part of time has left the window: all of it.
fn leaves(part: u64, part_ms: u64, window_ms: u64) -> Timestamp {
    Timestamp(part.saturating_add(1).saturating_mul(part_ms).saturating_add(window_ms))
}

fn sum(parts: &[(u64, Amount)]) -> Option<Amount> {
    parts.iter().try_fold(Amount::ZERO, |sum, (_, amount)| sum.checked_add(*amount))
}

/// When something was first signed for a sequence of the order, newest first. What takes its place there moves no more.
fn signatures(order: &Order) -> impl Iterator<Item = Timestamp> {
    let signed = |kind: &EventKind| matches!(kind, EventKind::Approving { .. } | EventKind::Signed { .. });
    order.events.iter().rev().filter(move |event| signed(&event.kind)).map(|event| event.at)
}

impl fmt::Display for Excess<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Token { symbol, decimals, .. } = &self.cap.token;
        let whole = |amount: Amount| amount.format_units(*decimals);
        let (most, counted, sells) = (whole(self.cap.amount), whole(self.counted), whole(self.sells));
        let minutes = self.cap.window.as_secs() / 60;
        write!(
            f,
            "the account may sell {most} {symbol} in {minutes} minutes, {counted} count, and the order sells {sells}"
        )?;
        match self.room_at {
            Some(at) => write!(f, "; there is room for it at {at}"),
            None => write!(f, ": more than ever fits"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{
        Fact, Failure, Intent, Purpose, QuoteAnswer, QuoteLine, Transaction,
        samples::{self, NOW},
    };
    use orderd_sdk::{
        plugin::{BlockRef, HexBytes},
        wire::ErrorCode,
    };
    use proptest::prelude::*;
    use std::time::Duration;

    const MINUTE: u64 = 60_000;

    /// 100 SOL in an hour.
    fn caps() -> Caps {
        let token = Token { address: "0XsoL".into(), decimals: 0, ..samples::intent().token_in };
        Caps::new(&[SpendCap { token, amount: Amount::from(100_u64), window: Duration::from_hours(1) }])
    }

    fn at(minutes: u64) -> Timestamp {
        NOW.plus_millis(minutes * MINUTE)
    }

    fn sells(amount: u64) -> Order {
        samples::accepted(Intent { amount_in: Amount::from(amount), ..samples::intent() })
    }

    fn transaction() -> Transaction {
        Transaction { purpose: Purpose::Execute, raw: HexBytes(vec![1]), hash: "0x1".into() }
    }

    fn choose(order: &mut Order, now: Timestamp) {
        let amount = Amount::from(9_u64);
        let answer = QuoteAnswer::Priced { amount_out: amount, net_amount_out: amount, price_impact: None };
        let quote = QuoteLine { dex: "alpha".into(), latency_ms: 1, answer };
        order.apply(Fact::QuotesRequested { venues: 1 }, now).unwrap();
        order.apply(Fact::Chosen { quote, min_out: amount, deadline: 9 }, now).unwrap();
    }

    fn swap(order: &mut Order, now: Timestamp) {
        choose(order, now);
        order.apply(Fact::SwapSigned { sequence: 3, transaction: transaction() }, now).unwrap();
    }

    fn approve(order: &mut Order, now: Timestamp) {
        choose(order, now);
        let (token, spender) = ("SOL".to_owned(), "0xrouter".to_owned());
        let fact = Fact::ApprovalSigned { sequence: 2, transaction: transaction(), token, spender };
        order.apply(fact, now).unwrap();
        let (hash, block) = ("0x1".to_owned(), BlockRef { number: 7, hash: "0x7".into() });
        order.apply(Fact::ApprovalIncluded { hash, block }, now).unwrap();
    }

    /// An order whose swap was signed and counted then.
    fn sold(caps: &mut Caps, amount: u64, now: Timestamp) -> Order {
        let mut order = sells(amount);
        caps.check(&order, now).unwrap();
        swap(&mut order, now);
        caps.count(&order);
        order
    }

    #[test]
    fn an_order_that_passes_the_cap_is_refused_until_the_window_has_passed() {
        let mut caps = caps();
        sold(&mut caps, 60, at(0));
        sold(&mut caps, 40, at(30));
        let excess = caps.check(&sells(1), at(31)).unwrap_err();
        let room = excess.room_at.unwrap();
        assert!(room >= at(60) && room <= at(61), "{room}");
        assert_eq!(
            excess.to_string(),
            format!(
                "the account may sell 100 SOL in 60 minutes, 100 count, and the order sells 1; there is room for it at \
                 {room}"
            )
        );
        assert!(caps.check(&sells(1), Timestamp(room.0 - 1)).is_err());
        assert!(caps.check(&sells(60), room).is_ok());
        assert!(caps.check(&sells(61), room).is_err());
        assert!(caps.check(&sells(100), at(92)).is_ok());
    }

    #[test]
    fn what_never_fits_is_told_so_and_what_overflows_does_not_fit() {
        let mut caps = caps();
        assert!(caps.check(&sells(101), at(0)).unwrap_err().to_string().ends_with(": more than ever fits"));
        sold(&mut caps, 1, at(0));
        let mut all = sells(1);
        all.intent = Intent { amount_in: Amount::MAX, ..samples::intent() }.into();
        assert_eq!(caps.check(&all, at(0)).unwrap_err().room_at, None);
    }

    #[test]
    fn other_tokens_do_not_count() {
        let mut caps = caps();
        let mut other = sells(1_000);
        let intent = Intent { token_in: samples::intent().token_out, ..Intent::clone(&other.intent) };
        other.intent = intent.into();
        assert_eq!(caps.check(&other, at(0)), Ok(()));
        swap(&mut other, at(0));
        caps.count(&other);
        assert_eq!(caps.check(&sells(100), at(0)), Ok(()));
    }

    #[test]
    fn an_approval_counts_for_its_order_and_the_swap_does_not_count_again() {
        let mut caps = caps();
        let mut order = sells(100);
        approve(&mut order, at(0));
        caps.count(&order);
        assert!(caps.check(&sells(1), at(1)).is_err(), "its room is taken");
        assert_eq!(caps.check(&order, at(2)), Ok(()));
        swap(&mut order, at(2));
        caps.count(&order);
        assert_eq!(caps.check(&sells(1), at(61)).unwrap_err().counted, Amount::from(100_u64));
        assert!(caps.check(&sells(100), at(63)).is_ok());
    }

    #[test]
    fn a_bump_does_not_count_and_a_retry_counts_once_at_its_new_signature() {
        let mut caps = caps();
        let mut order = sold(&mut caps, 60, at(0));
        let bump = Transaction { hash: "0x2".into(), ..transaction() };
        order.apply(Fact::Replaced { sequence: 3, transaction: bump }, at(50)).unwrap();
        assert_eq!(signatures(&order).collect::<Vec<_>>(), [at(0)]);
        order.apply(Fact::Overtaken { by: "0xother".into(), delay_ms: 0 }, at(50)).unwrap();
        assert_eq!(caps.check(&order, at(50)), Ok(()), "not on top of itself");
        swap(&mut order, at(50));
        caps.count(&order);
        assert_eq!(caps.check(&sells(40), at(51)), Ok(()));
        assert!(caps.check(&sells(41), at(51)).is_err() && caps.check(&sells(41), at(109)).is_err());
    }

    #[test]
    fn an_order_that_fails_after_its_signature_counts_and_one_that_fails_before_does_not() {
        let mut caps = caps();
        let mut approved = sells(60);
        approve(&mut approved, at(0));
        caps.count(&approved);
        choose(&mut approved, at(1));
        let code = ErrorCode::Refused;
        let failure = Failure { code, error: "no".into(), transient: false, delay_ms: 0 };
        approved.apply(Fact::AttemptFailed(failure), at(1)).unwrap();
        assert!(caps.check(&sells(41), at(2)).is_err());
        caps.count(&sells(100));
        assert_eq!(caps.check(&sells(40), at(2)), Ok(()));
    }

    proptest! {
        /// Whatever was counted while the daemon ran is counted after its restart, and what is let through never passes the
        /// cap in any window.
        #[test]
        fn no_window_holds_more_than_the_cap_and_a_restart_forgets_nothing(
            wishes in prop::collection::vec((0..40_u64, 1..60_u64, any::<bool>(), any::<bool>()), 1..60),
        ) {
            let (mut running, mut orders, mut now) = (caps(), Vec::new(), at(0));
            for (minutes, amount, approves, restarts) in wishes {
                now = now.plus_millis(minutes * MINUTE / 2);
                let mut order = sells(amount);
                if running.check(&order, now).is_ok() {
                    if approves {
                        approve(&mut order, now);
                        running.count(&order);
                        now = now.plus_millis(MINUTE);
                        prop_assert!(running.check(&order, now).is_ok(), "what was approved keeps its room");
                    }
                    swap(&mut order, now);
                    running.count(&order);
                    orders.push(order);
                }
                if restarts {
                    running = caps();
                    orders.iter().rev().for_each(|order| running.restore(order));
                }
                let in_window = orders.iter().filter(|order| {
                    now.millis_since(signatures(order).next().unwrap()) < 60 * MINUTE
                });
                let sum: u64 = in_window.map(|order| u64::try_from(order.intent.amount_in.0).unwrap()).sum();
                prop_assert!(sum <= 100, "{sum}");
            }
        }
    }
}
