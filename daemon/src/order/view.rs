//! The order as clients see it, told from its events alone: every event shows the order as it stood then.

use super::{Event, EventKind, Order, Purpose, QuoteAnswer, QuoteLine};
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
        view.0
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

    fn apply(&mut self, order: &Order, event: &Event) {
        let dto = &mut self.0;
        if event.seq == 1 {
            dto.created_at = event.at;
        }
        (dto.seq, dto.updated_at) = (event.seq, event.at);
        dto.status = event.kind.status().unwrap_or(dto.status);
        dto.progress = event.kind.progress().unwrap_or(dto.progress);
        dto.message = event.kind.message(order);
        if let Some(hash) = event.kind.hash() {
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

fn message(order: &Order, event: &Event, dto: OrderDto) -> OrderMessage {
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

impl EventKind {
    /// The status that the event brings about, which is also its `type`; none where the status stays as it was.
    #[must_use]
    pub fn status(&self) -> Option<OrderStatus> {
        Some(match self {
            Self::Pending { .. } | Self::Requeued { .. } => OrderStatus::Pending,
            Self::QuotesRequested { .. } | Self::QuotesReceived { .. } => OrderStatus::Routing,
            Self::BuildStarted { .. }
            | Self::Approving { .. }
            | Self::Approved { .. }
            | Self::Signed { .. } => OrderStatus::Building,
            Self::Submitted { .. } | Self::Voided { .. } => OrderStatus::Submitted,
            Self::ExecutionFailed { .. } => OrderStatus::ExecutionFailed,
            Self::RetryPending { .. } => OrderStatus::RetryPending,
            Self::Unknown { .. } => OrderStatus::Unknown,
            Self::Confirmed { .. } => OrderStatus::Confirmed,
            Self::Finalized { .. } => OrderStatus::Finalized,
            Self::Reorged { .. } => OrderStatus::Reorged,
            Self::Failed { .. } => OrderStatus::Failed,
            Self::Cancelled { .. } => OrderStatus::Cancelled,
            Self::Expired { .. } => OrderStatus::Expired,
            Self::CancelRequested { .. } | Self::CancelRefused { .. } | Self::Replaced { .. } => return None,
        })
    }

    /// What happened within a status.
    #[must_use]
    pub fn stage(&self) -> Option<&'static str> {
        Some(match self {
            Self::BuildStarted { .. } => "started",
            Self::Approving { .. } => "approving",
            Self::Approved { .. } => "approved",
            Self::Signed { .. } => "signed",
            Self::CancelRequested { .. } => "cancel-requested",
            Self::CancelRefused { .. } => "cancel-refused",
            Self::Replaced { purpose: Purpose::Execute, .. } => "fee-bump",
            Self::Replaced { purpose: Purpose::Void, .. } => "voiding",
            Self::Voided { .. } => "voided",
            Self::Pending { .. }
            | Self::QuotesRequested { .. }
            | Self::QuotesReceived { .. }
            | Self::Submitted { .. }
            | Self::ExecutionFailed { .. }
            | Self::RetryPending { .. }
            | Self::Unknown { .. }
            | Self::Confirmed { .. }
            | Self::Finalized { .. }
            | Self::Reorged { .. }
            | Self::Failed { .. }
            | Self::Cancelled { .. }
            | Self::Expired { .. }
            | Self::Requeued { .. } => return None,
        })
    }

    /// The transaction that the event is about.
    #[must_use]
    pub fn hash(&self) -> Option<&str> {
        match self {
            Self::Approving { hash, .. }
            | Self::Approved { hash, .. }
            | Self::Signed { hash, .. }
            | Self::Submitted { hash, .. }
            | Self::Replaced { hash, .. }
            | Self::Voided { hash, .. }
            | Self::Confirmed { hash, .. } => Some(hash),
            Self::Pending { .. }
            | Self::QuotesRequested { .. }
            | Self::QuotesReceived { .. }
            | Self::BuildStarted { .. }
            | Self::ExecutionFailed { .. }
            | Self::RetryPending { .. }
            | Self::Unknown { .. }
            | Self::Finalized { .. }
            | Self::Reorged { .. }
            | Self::Failed { .. }
            | Self::Cancelled { .. }
            | Self::Expired { .. }
            | Self::CancelRequested { .. }
            | Self::CancelRefused { .. }
            | Self::Requeued { .. } => None,
        }
    }

    /// Progress after this event in percent; none where it stays as it was.
    fn progress(&self) -> Option<u8> {
        match self {
            Self::QuotesRequested { .. } => Some(10),
            Self::QuotesReceived { .. } => Some(30),
            Self::BuildStarted { .. } => Some(50),
            Self::Approving { .. } => Some(55),
            Self::Approved { .. } => Some(60),
            Self::Signed { .. } => Some(70),
            Self::Submitted { attempt, .. } => Some(submitted_progress(*attempt)),
            Self::Reorged { .. } => Some(80),
            Self::Confirmed { .. } | Self::Finalized { .. } => Some(100),
            Self::Pending { .. }
            | Self::Requeued { .. }
            | Self::Failed { .. }
            | Self::Cancelled { .. }
            | Self::Expired { .. } => Some(0),
            Self::ExecutionFailed { .. }
            | Self::RetryPending { .. }
            | Self::Unknown { .. }
            | Self::CancelRequested { .. }
            | Self::CancelRefused { .. }
            | Self::Replaced { .. }
            | Self::Voided { .. } => None,
        }
    }

    /// The event in words, for people.
    #[must_use]
    pub fn message(&self, order: &Order) -> String {
        match self {
            Self::Pending { .. } => "accepted and stored, waiting for its turn".to_owned(),
            Self::QuotesRequested { venues, .. } => format!("asking {venues} venues for quotes"),
            Self::QuotesReceived { quotes } => {
                format!("{} of {} venues quoted", count_priced(quotes), quotes.len())
            }
            Self::BuildStarted { quote } => format!("building the swap on {}", quote.dex),
            Self::Approving { token, spender, .. } => format!("approving {token} for {spender}, once"),
            Self::Approved { block, .. } => format!("approval is in block {block}"),
            Self::Signed { sequence, .. } => format!("signed and stored with sequence {sequence}"),
            Self::Submitted { attempt, .. } => format!("the chain has the transaction of attempt {attempt}"),
            Self::ExecutionFailed { error, .. } => error.clone(),
            Self::RetryPending { delay_ms, next_attempt } => {
                format!("attempt {next_attempt} goes on in {delay_ms} ms")
            }
            Self::Unknown { reason } => format!("the outcome is not known yet: {reason}"),
            Self::Confirmed { dex, amount_out, block, .. } => {
                let (amount, symbol) = (order.bought(*amount_out), &order.intent.token_out.symbol);
                format!("received {amount} {symbol} through {dex} in block {block}")
            }
            Self::Finalized { block } => format!("block {block} is final"),
            Self::Reorged { block } => format!("block {block} was undone; the transaction is open again"),
            Self::Failed { error, total_attempts, .. } => {
                format!("failed after {total_attempts} attempts: {error}")
            }
            Self::Cancelled { reason } => format!("cancelled: {reason}"),
            Self::Expired { reason } => format!("expired: {reason}"),
            Self::CancelRequested { reason } => format!("to be cancelled: {reason}"),
            Self::CancelRefused { reason } => format!("cannot be cancelled any more: {reason}"),
            Self::Replaced { sequence, purpose: Purpose::Execute, .. } => {
                format!("signed again at sequence {sequence} for a higher fee")
            }
            Self::Replaced { sequence, purpose: Purpose::Void, .. } => {
                format!(
                    "signed a transaction without effect at sequence {sequence}, to take the swap's place"
                )
            }
            Self::Voided { block, .. } => {
                format!("the swap's place was taken without effect in block {block}")
            }
            Self::Requeued { .. } => "taken up again by hand, waiting for its turn".to_owned(),
        }
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
            EventKind::Signed { hash, sequence } | EventKind::Replaced { hash, sequence, .. } => {
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
    fn bought(&self, amount: Amount) -> String {
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

fn count_priced(quotes: &[QuoteLine]) -> u32 {
    let priced = quotes.iter().filter(|quote| matches!(quote.answer, QuoteAnswer::Priced { .. }));
    u32::try_from(priced.count()).unwrap_or(u32::MAX)
}

/// 75 for the first attempt, up to 90 for later ones.
fn submitted_progress(attempt: u32) -> u8 {
    let later = u8::try_from(attempt.saturating_sub(1)).unwrap_or(u8::MAX);
    75_u8.saturating_add(later.saturating_mul(5)).min(90)
}
