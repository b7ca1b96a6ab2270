//! The order as clients see it, told from its events alone: every event shows the order as it stood then.

use super::{Event, EventKind, Order, QuoteAnswer, QuoteLine, words::count_priced};
use orderd_sdk::{
    amount::Amount,
    timestamp::Timestamp,
    wire::{Decimal, EventFields, OrderDto, OrderMessage, OrderStatus, QuoteDto},
};

/// An order's public face, as of one of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View(OrderDto);

impl View {
    /// The order as it stands after its last event.
    #[must_use]
    pub fn latest(order: &Order) -> OrderDto {
        let mut view = Self::blank(order);
        for event in &order.events {
            view.apply(order, event);
        }
        let message = order.events.last().map(|event| event.kind.message(order));
        OrderDto { message: message.unwrap_or_default(), ..view.0 }
    }

    fn blank(order: &Order) -> Self {
        let intent = &order.intent;
        Self(OrderDto {
            id: order.id.to_string(),
            job_id: order.id.to_string(),
            order_type: "market".to_owned(),
            token_in: intent.token_in.symbol.clone(),
            token_out: intent.token_out.symbol.clone(),
            amount: intent.amount_in.format_units(intent.token_in.decimals),
            slippage: Decimal::from(intent.slippage.to_string()),
            status: OrderStatus::Pending,
            progress: 0,
            message: String::new(),
            chain: intent.chain.clone(),
            account: intent.account.clone(),
            dex: None,
            quotes: Vec::new(),
            amount_out: None,
            tx_hash: None,
            attempts: 0,
            max_attempts: intent.max_attempts,
            last_error: None,
            last_error_code: None,
            cancel_requested: false,
            labels: intent.labels.clone(),
            seq: 0,
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
        })
    }

    /// All that an event changes but the message, which is put together only where it is shown.
    fn apply(&mut self, order: &Order, event: &Event) {
        let dto = &mut self.0;
        if event.seq == 1 {
            dto.created_at = event.at;
        }
        (dto.seq, dto.updated_at) = (event.seq, event.at);
        dto.status = event.kind.status().unwrap_or(dto.status);
        dto.progress = event.kind.progress().unwrap_or(dto.progress);
        if let Some(hash) = event.kind.hash().filter(|hash| dto.tx_hash.as_deref() != Some(*hash)) {
            dto.tx_hash = Some(hash.to_owned());
        }
        match &event.kind {
            EventKind::QuotesRequested { attempt, .. } => dto.attempts = *attempt,
            EventKind::QuotesReceived { quotes } => dto.quotes = order.quote_dtos(quotes),
            EventKind::BuildStarted { quote } => dto.dex = Some(quote.dex.clone()),
            EventKind::Confirmed { dex, amount_out, .. } => {
                dto.dex = Some(dex.clone());
                dto.amount_out = Some(order.bought(*amount_out));
                (dto.last_error, dto.last_error_code) = (None, None);
            }
            EventKind::ExecutionFailed { code, error, .. } | EventKind::Failed { code, error, .. } => {
                (dto.last_error, dto.last_error_code) = (Some(error.clone()), Some(*code));
            }
            EventKind::Unknown { reason } => {
                (dto.last_error, dto.last_error_code) = (Some(reason.clone()), None);
            }
            EventKind::Reorged { .. } => dto.amount_out = None,
            EventKind::CancelRequested { .. } => dto.cancel_requested = true,
            EventKind::CancelRefused { .. } | EventKind::Cancelled { .. } | EventKind::Finalized { .. } => {
                dto.cancel_requested = false
            }
            EventKind::Requeued { .. } => dto.max_attempts = dto.max_attempts.max(dto.attempts + 1),
            EventKind::Pending { .. }
            | EventKind::Approving { .. }
            | EventKind::Approved { .. }
            | EventKind::ApprovalUndone { .. }
            | EventKind::Signed { .. }
            | EventKind::Submitted { .. }
            | EventKind::RetryPending { .. }
            | EventKind::Replaced { .. }
            | EventKind::Voided { .. }
            | EventKind::Expired { .. } => {}
        }
    }
}

/// The order's events from `from_seq` on, as the stream and the history carry them, oldest first.
#[must_use]
pub fn messages(order: &Order, from_seq: u64) -> Vec<OrderMessage> {
    let mut view = View::blank(order);
    let mut messages = Vec::new();
    for event in &order.events {
        view.apply(order, event);
        if event.seq >= from_seq {
            messages.push(message(order, event, view.0.clone()));
        }
    }
    messages
}

/// One of the order's events, as the stream and the history carry it; none when it has not happened.
#[must_use]
pub fn message_of(order: &Order, seq: u64) -> Option<OrderMessage> {
    let mut view = View::blank(order);
    let event = order.events.iter().find(|event| {
        view.apply(order, event);
        event.seq == seq
    })?;
    Some(message(order, event, view.0))
}

fn message(order: &Order, event: &Event, dto: OrderDto) -> OrderMessage {
    let dto = OrderDto { message: event.kind.message(order), ..dto };
    OrderMessage {
        kind: dto.status,
        order_id: dto.id.clone(),
        seq: event.seq,
        cursor: event.cursor.get(),
        timestamp: event.at,
        progress: dto.progress,
        message: dto.message.clone(),
        fields: event.fields(order, &dto),
        order: dto,
    }
}

impl Event {
    /// The fields that this kind of event adds to its message.
    fn fields(&self, order: &Order, as_it_stood: &OrderDto) -> EventFields {
        let stage = self.kind.stage().map(str::to_owned);
        let mut fields = EventFields { stage, ..EventFields::default() };
        match &self.kind {
            EventKind::Pending { queue_position } | EventKind::Requeued { queue_position } => {
                fields.queue_position = Some(*queue_position);
            }
            EventKind::QuotesRequested { attempt, .. } => {
                fields.quotes_fetched = Some(0);
                fields.attempt = Some(*attempt);
            }
            EventKind::QuotesReceived { quotes } => {
                fields.quotes_fetched = Some(count_priced(quotes));
                fields.quotes = Some(order.quote_dtos(quotes));
            }
            EventKind::BuildStarted { quote } => {
                fields.chosen_dex = Some(quote.dex.clone());
                fields.quote = Some(order.quote_dto(quote));
            }
            EventKind::Approving { spender, hash, sequence, .. } => {
                fields.spender = Some(spender.clone());
                (fields.tx_hash, fields.sequence) = (Some(hash.clone()), Some(*sequence));
            }
            EventKind::Approved { hash, block } | EventKind::Voided { hash, block } => {
                (fields.tx_hash, fields.block) = (Some(hash.clone()), Some(*block));
            }
            EventKind::Signed { hash, sequence }
            | EventKind::ApprovalUndone { hash, sequence }
            | EventKind::Replaced { hash, sequence, .. } => {
                (fields.tx_hash, fields.sequence) = (Some(hash.clone()), Some(*sequence));
            }
            EventKind::Submitted { attempt, hash, sequence } => {
                (fields.attempt, fields.max_attempts) = (Some(*attempt), Some(as_it_stood.max_attempts));
                (fields.tx_hash, fields.sequence) = (Some(hash.clone()), Some(*sequence));
            }
            EventKind::ExecutionFailed { code, error, transient, retries_remaining } => {
                (fields.error, fields.error_code) = (Some(error.clone()), Some(*code));
                (fields.transient, fields.retries_remaining) = (Some(*transient), Some(*retries_remaining));
            }
            EventKind::RetryPending { delay_ms, next_attempt } => {
                (fields.delay, fields.next_attempt) = (Some(*delay_ms), Some(*next_attempt));
            }
            EventKind::Unknown { reason } => {
                (fields.reason, fields.since) = (Some(reason.clone()), Some(self.at));
            }
            EventKind::Confirmed { hash, dex, amount_out, block } => {
                (fields.tx_hash, fields.dex) = (Some(hash.clone()), Some(dex.clone()));
                (fields.amount_out, fields.block) = (Some(order.bought(*amount_out)), Some(*block));
            }
            EventKind::Finalized { block } | EventKind::Reorged { block } => fields.block = Some(*block),
            EventKind::Failed { code, error, total_attempts } => {
                (fields.error, fields.error_code) = (Some(error.clone()), Some(*code));
                fields.is_final = Some(true);
                fields.total_attempts = Some(*total_attempts);
            }
            EventKind::Cancelled { reason }
            | EventKind::Expired { reason }
            | EventKind::CancelRequested { reason }
            | EventKind::CancelRefused { reason } => {
                fields.reason = Some(reason.clone());
            }
        }
        fields
    }
}

impl Order {
    /// An amount of the bought token, as clients see it.
    pub(super) fn bought(&self, amount: Amount) -> String {
        amount.format_units(self.intent.token_out.decimals)
    }

    fn quote_dtos(&self, quotes: &[QuoteLine]) -> Vec<QuoteDto> {
        quotes.iter().map(|quote| self.quote_dto(quote)).collect()
    }

    fn quote_dto(&self, quote: &QuoteLine) -> QuoteDto {
        let mut dto = QuoteDto {
            dex: quote.dex.clone(),
            amount_out: None,
            net_amount_out: None,
            price_impact: None,
            latency_ms: quote.latency_ms,
            error: None,
        };
        match &quote.answer {
            QuoteAnswer::Priced { amount_out, net_amount_out, price_impact } => {
                dto.amount_out = Some(self.bought(*amount_out));
                dto.net_amount_out = Some(self.bought(*net_amount_out));
                dto.price_impact = price_impact.map(|share| share.to_string());
            }
            QuoteAnswer::Failed { error } => dto.error = Some(error.clone()),
        }
        dto
    }
}
