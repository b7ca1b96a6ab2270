//! The same changes give the same answers, whatever is behind the port.

use super::{
    Applied, Change, CommitSink,
    contract::{Opened, memory, query, sled},
    samples::{self, Told, accepted, id, step},
};
use crate::order::{Lane, Order, OrderId, State};
use orderd_sdk::wire::OrderStatus;
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::Arc};

pub(super) const ORDERS: u64 = 4;

/// What may happen next to an order, when it can.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Accept { key: Option<u8> },
    Route,
    Retry,
    End,
    Revive,
    Lane { next: u64 },
}

pub(super) fn acts() -> impl Strategy<Value = Vec<(u64, Act)>> {
    let act = prop_oneof![
        prop::option::of(0_u8..2).prop_map(|key| Act::Accept { key }),
        Just(Act::Route),
        Just(Act::Retry),
        Just(Act::End),
        Just(Act::Revive),
        (0_u64..9).prop_map(|next| Act::Lane { next }),
    ];
    prop::collection::vec((0..ORDERS, act), 0..40)
}

/// The change that this act makes of the order as it is, if it can happen to it.
fn change(number: u64, act: Act, order: Option<&Order>) -> Option<Change> {
    let moved = |fact| {
        let order = order?;
        let mut next = order.clone();
        next.apply(fact, samples::NOW).ok()?;
        Some(step(&next, next.events.len() - order.events.len()))
    };
    match act {
        Act::Accept { .. } if order.is_some() => None,
        Act::Accept { key: None } => Some(step(&accepted(number), 1)),
        Act::Accept { key: Some(key) } => {
            let change = step(&accepted(number), 1);
            Some(samples::with_claim(change, &key.to_string(), number as u8 % 2))
        }
        Act::Route => moved(samples::routing()),
        Act::Retry => moved(samples::retry_later()),
        Act::End => moved(samples::expired()),
        Act::Revive => order.filter(|order| order.state.is_over()).map(|order| {
            let state = State::Pending;
            step(&Order { state, ..order.clone() }, 0)
        }),
        Act::Lane { next } => order.map(|order| samples::with_lane(step(order, 0), "main", next)),
    }
}

/// Everything that can be asked.
pub(super) type Answers = (
    Vec<Applied>,
    Vec<Option<Arc<Order>>>,
    Vec<Arc<Order>>,
    Vec<Arc<Order>>,
    BTreeMap<OrderStatus, u64>,
    BTreeMap<Lane, u64>,
    Vec<(OrderId, u64, u64)>,
    u64,
);

pub(super) async fn live_through(home: Opened, told: Told, acts: &[(u64, Act)]) -> Answers {
    let mut orders: BTreeMap<u64, Order> = BTreeMap::new();
    let mut receipts = Vec::new();
    let mut applied = Vec::new();
    for (number, act) in acts {
        let Some(change) = change(*number, *act, orders.get(number)) else {
            continue;
        };
        let order = (*change.order).clone();
        let receipt = home.commit(change).await.unwrap();
        match act {
            // Whether the order exists must be known before anything else can happen to it.
            Act::Accept { .. } => {
                let result = receipt.durable().await.unwrap();
                if result == Applied::Kept {
                    orders.insert(*number, order);
                }
                applied.push(result);
            }
            Act::Route | Act::Retry | Act::End | Act::Revive | Act::Lane { .. } => {
                orders.insert(*number, order);
                receipts.push(receipt);
            }
        }
    }
    for receipt in receipts {
        applied.push(receipt.durable().await.unwrap());
    }
    let mut loaded = Vec::new();
    for number in 0..ORDERS {
        loaded.push(home.load(id(number)).await.unwrap());
    }
    let happened: Vec<OrderId> = told.events().iter().map(|(order, _, _)| *order).collect();
    for after in 0..=happened.len() {
        let later = happened[after..].to_vec();
        assert_eq!(home.history(after as u64, happened.len()), Some(later), "after {after}");
    }
    assert_eq!(home.live_at(), (home.live().await.unwrap(), home.cursor()));
    let model: Vec<_> = (0..ORDERS).map(|number| orders.get(&number)).collect();
    assert_eq!(loaded.iter().map(Option::as_deref).collect::<Vec<_>>(), model);
    (
        applied,
        loaded,
        home.live().await.unwrap(),
        home.list(query(&[], 3)).await.unwrap().orders,
        home.live_counts(),
        home.lanes().await.unwrap(),
        told.events(),
        home.cursor(),
    )
}

/// Windows of one backend may merge what the other writes one by one, so cursors of different orders may
/// interleave in another way; nothing else may differ.
fn without_cursors(answers: Answers) -> impl PartialEq + std::fmt::Debug {
    let strip = |orders: Vec<Arc<Order>>| -> Vec<_> {
        orders.iter().map(|order| (order.id, order.state.clone(), order.seq())).collect()
    };
    let (applied, loaded, live, listed, counts, lanes, mut told, cursor) = answers;
    let cursors: Vec<u64> = told.iter().map(|(_, _, cursor)| *cursor).collect();
    assert_eq!(cursors, (1..=cursor).collect::<Vec<_>>());
    told.sort_by_key(|(order, seq, _)| (*order, *seq));
    let told: Vec<_> = told.into_iter().map(|(order, seq, _)| (order, seq)).collect();
    let loaded: Vec<_> = loaded.into_iter().map(|order| order.map(|order| order.seq())).collect();
    ((applied, loaded, strip(live), strip(listed)), (counts, lanes, told, cursor))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn both_backends_answer_alike(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answers = [memory as fn(CommitSink) -> Opened, sled].map(|open| {
            let told = Told::default();
            let home = open(told.sink());
            without_cursors(runtime.block_on(live_through(home, told, &acts)))
        });
        prop_assert!(answers[0] == answers[1], "{:#?}", answers);
    }
}
