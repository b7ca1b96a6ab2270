//! Packing leaves nothing out, and what is read in place is what was packed.

use super::*;
use crate::{client::tests::order, filter::Filter};
use proptest::{collection, option, prelude::*, sample::select};

fn pack(order: &OrderDto, parts: &mut SharedParts) -> Packed {
    Packed::new(order.clone(), order.id.as_str().into(), parts)
}

/// Any text, short or long enough for a length of two bytes.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,12}", Just("é".repeat(99)), Just(String::new())]
}

fn quote() -> impl Strategy<Value = QuoteDto> {
    let texts = (text(), option::of(text()), option::of(text()), option::of(text()), option::of(text()));
    (texts, any::<u64>()).prop_map(|((dex, amount_out, net_amount_out, price_impact, error), latency_ms)| {
        QuoteDto { dex, amount_out, net_amount_out, price_impact, latency_ms, error }
    })
}

prop_compose! {
    fn any_order()(
        [id, job_id, order_type, token_in] in [text(), text(), text(), text()],
        [token_out, amount, slippage, message] in [text(), text(), text(), text()],
        [chain, account] in [text(), text()],
        [dex, amount_out, tx_hash, last_error] in std::array::from_fn::<_, 4, _>(|_| option::of(text())),
        (status, progress) in (select(&OrderStatus::ALL), any::<u8>()),
        (attempts, max_attempts, seq) in any::<(u32, u32, u64)>(),
        last_error_code in option::of(select(&[ErrorCode::Refused, ErrorCode::Reverted])),
        (cancel_requested, created_at, updated_at) in any::<(bool, u64, u64)>(),
        quotes in collection::vec(quote(), 0..4),
        labels in collection::btree_map(text(), text(), 0..3),
    ) -> OrderDto {
        OrderDto {
            id, job_id, order_type, token_in, token_out, amount, slippage: slippage.into(), status, progress,
            message, chain, account, dex, quotes, amount_out, tx_hash, attempts, max_attempts, last_error,
            last_error_code, cancel_requested, labels, seq, created_at: Timestamp(created_at),
            updated_at: Timestamp(updated_at),
        }
    }
}

proptest! {
    #[test]
    fn an_order_comes_out_as_it_went_in_and_reads_the_same_in_place(order in any_order()) {
        let packed = pack(&order, &mut SharedParts::default());
        prop_assert_eq!(packed.order(), order.clone());
        prop_assert_eq!((&**packed.id(), packed.seq()), (&*order.id, order.seq));
        prop_assert_eq!((packed.token_in(), packed.token_out()), (&*order.token_in, &*order.token_out));
        prop_assert_eq!((packed.chain(), packed.account()), (&*order.chain, &*order.account));
        prop_assert_eq!((packed.amount(), packed.max_attempts()), (&*order.amount, order.max_attempts));
        prop_assert_eq!((packed.dex(), packed.tx_hash()), (order.dex.as_deref(), order.tx_hash.as_deref()));
        prop_assert_eq!(packed.last_error(), order.last_error.as_deref());
        prop_assert!(packed.labels().eq(order.labels.iter().map(|(name, value)| (&**name, &**value))));
    }
}

proptest! {
    #[test]
    fn a_text_is_found_in_a_packed_order_where_it_is_in_a_whole_one(
        [error, hash, key, label] in std::array::from_fn::<_, 4, _>(|_| "[abAé!]{0,4}"),
        needle in "[abBé!]{1,3}",
    ) {
        let labels = BTreeMap::from([(key, label)]);
        let whole = OrderDto { last_error: Some(error), tx_hash: Some(hash), labels, ..order() };
        let filter = Filter::parse(&format!("\"{needle}\"")).unwrap();
        let packed = pack(&whole, &mut SharedParts::default());
        prop_assert_eq!(filter.matches(&packed, Timestamp(0)), filter.matches(&whole, Timestamp(0)));
    }
}

#[test]
fn filters_judge_a_packed_order_as_they_judge_a_whole_one() {
    let other = OrderDto { id: "ffff".into(), dex: None, labels: BTreeMap::new(), ..order() };
    for text in [
        "state:routing",
        "err:refused",
        "since:1m",
        "until:1m",
        "age:>1m",
        "chain:paper",
        "account:main",
        "venue:alpha",
        "pair:SOL/USDC",
        "token:sol",
        "id:0199",
        "label.team:dev",
        "alpha",
        "0xff",
        "dev",
        "sol/",
    ] {
        let filter = Filter::parse(text).unwrap();
        for order in [order(), other.clone()] {
            let packed = pack(&order, &mut SharedParts::default());
            let now = order.updated_at.plus_millis(60_000);
            assert_eq!(filter.matches(&packed, now), filter.matches(&order, now), "{text}");
            assert_eq!(filter.turns_at(&packed, now), filter.turns_at(&order, now), "{text}");
        }
    }
}

#[test]
fn orders_of_one_kind_share_what_they_have_in_common() {
    let mut parts = SharedParts::default();
    let one = pack(&order(), &mut parts);
    let other = pack(&OrderDto { id: "other".into(), amount: "7".into(), ..order() }, &mut parts);
    assert!(Arc::ptr_eq(&one.shared, &other.shared));
    assert_eq!(size_of::<Packed>(), 72, "with its counters it fills an allocation of 88 bytes");
}

#[test]
fn what_no_order_has_any_more_is_dropped() {
    let mut parts = SharedParts::default();
    let kept = pack(&order(), &mut parts);
    for number in 0..5_000 {
        pack(&OrderDto { account: number.to_string(), ..order() }, &mut parts);
    }
    assert!(parts.len() <= 1024, "{}", parts.len());
    assert!(Arc::ptr_eq(&kept.shared, &pack(&order(), &mut parts).shared));
}
