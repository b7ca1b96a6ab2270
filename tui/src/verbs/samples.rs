//! An order to show.

use orderd_sdk::{
    timestamp::Timestamp,
    wire::{Decimal, EventFields, OrderDto, OrderMessage, OrderStatus},
};

pub(super) fn pending() -> OrderDto {
    OrderDto {
        id: "01a0c1e2-0000-7000-8000-000000000001".into(),
        job_id: "01a0c1e2-0000-7000-8000-000000000001".into(),
        order_type: "market".into(),
        token_in: "SOL".into(),
        token_out: "USDC".into(),
        amount: "10".into(),
        slippage: Decimal::from("0.5"),
        status: OrderStatus::Pending,
        progress: 0,
        message: "accepted and stored, waiting for its turn".into(),
        chain: "paper".into(),
        account: "main".into(),
        dex: None,
        quotes: Vec::new(),
        amount_out: None,
        tx_hash: None,
        attempts: 0,
        max_attempts: 3,
        last_error: None,
        last_error_code: None,
        cancel_requested: false,
        labels: Default::default(),
        seq: 1,
        created_at: Timestamp(1_790_000_000_000),
        updated_at: Timestamp(1_790_000_000_000),
    }
}

pub(super) fn confirmed() -> OrderDto {
    OrderDto {
        id: "01a0c1e2-0000-7000-8000-000000000002".into(),
        status: OrderStatus::Confirmed,
        progress: 100,
        message: "received 2250.5 USDC through alpha in block 7".into(),
        dex: Some("alpha".into()),
        amount_out: Some("2250.5".into()),
        tx_hash: Some("0xab".into()),
        attempts: 2,
        last_error: Some("reverted in block 5: price moved".into()),
        last_error_code: None,
        cancel_requested: false,
        labels: [("desk".to_owned(), "a".to_owned()), ("team".to_owned(), "ops".to_owned())].into(),
        seq: 9,
        updated_at: Timestamp(1_790_000_004_200),
        ..pending()
    }
}

pub(super) fn event(order: OrderDto) -> OrderMessage {
    OrderMessage {
        kind: order.status,
        order_id: order.id.clone(),
        seq: order.seq,
        cursor: order.seq,
        timestamp: order.updated_at,
        progress: order.progress,
        message: order.message.clone(),
        fields: EventFields::default(),
        order,
    }
}
