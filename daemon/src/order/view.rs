//! The order as clients see it, told from its events alone: every event shows the order as it stood then.

use super::{Event, EventKind, Order, QuoteAnswer, QuoteLine, words::count_priced};
use orderd_sdk::{
    amount::Amount,
    timestamp::Timestamp,
    wire::{Decimal, EventFields, OrderDto, OrderMessage, OrderStatus, QuoteDto},
};
use serde::Serialize;

/// An order's public face, as of one of its events. It goes on from event to event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View(OrderDto);

impl View {
    /// The order as it stands after its last event.
    #[must_use]
    pub fn latest(order: &Order) -> OrderDto {
        let view = Self::before(order, u64::MAX);
        let message = order.events.last().map(|event| event.kind.message(order));
        OrderDto { message: message.unwrap_or_default(), ..view.0 }
    }

    /// The order as it stood before the event with this number.
    #[must_use]
    pub fn before(order: &Order, seq: u64) -> Self {
        let mut view = Self::blank(order);
        view.pass_over(order, seq);
        view
    }

    /// The number of the last event that it shows.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.0.seq
    }

    /// Goes on to just before the event with this number, as far as the order has come.
    pub fn pass_over(&mut self, order: &Order, seq: u64) {
        while let Some(event) = self.next_of(order).filter(|event| event.seq < seq) {
            self.apply(order, event);
        }
    }

    /// Goes on to the order's next event, and tells it; none when it has not happened.
    pub fn tell_next(&mut self, order: &Order) -> Option<Told<'_>> {
        let event = self.next_of(order)?;
        self.apply(order, event);
        self.0.message = event.kind.message(order);
        let fields = event.fields(order, &self.0);
        let order = &self.0;
        Some(Told {
            kind: order.status,
            order_id: &order.id,
            seq: event.seq,
            cursor: event.cursor.get(),
            timestamp: event.at,
            progress: order.progress,
            message: &order.message,
            fields,
            order,
        })
    }

    fn next_of<'a>(&self, order: &'a Order) -> Option<&'a Event> {
        order.events.get(usize::try_from(self.0.seq).ok()?).map(|event| &**event)
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

/// One of an order's events as the stream carries it: an [`OrderMessage`] that owns nothing, for those who only write it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told<'a> {
    #[serde(rename = "type")]
    kind: OrderStatus,
    order_id: &'a str,
    seq: u64,
    cursor: u64,
    timestamp: Timestamp,
    progress: u8,
    message: &'a str,
    #[serde(flatten)]
    fields: EventFields,
    order: &'a OrderDto,
}

impl Told<'_> {
    /// The event's number in its order.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The event's place among the events of all orders.
    #[must_use]
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// The same, to be kept.
    #[must_use]
    pub fn to_message(self) -> OrderMessage {
        OrderMessage {
            kind: self.kind,
            order_id: self.order_id.to_owned(),
            seq: self.seq,
            cursor: self.cursor,
            timestamp: self.timestamp,
            progress: self.progress,
            message: self.message.to_owned(),
            fields: self.fields,
            order: self.order.clone(),
        }
    }
}

/// The order's events from `from_seq` on, as the stream and the history carry them, oldest first.
#[must_use]
pub fn messages(order: &Order, from_seq: u64) -> Vec<OrderMessage> {
    let mut view = View::before(order, from_seq);
    std::iter::from_fn(|| view.tell_next(order).map(Told::to_message)).collect()
}

/// One of the order's events, as the stream and the history carry it; none when it has not happened.
#[must_use]
pub fn message_of(order: &Order, seq: u64) -> Option<OrderMessage> {
    (seq > 0).then(|| View::before(order, seq).tell_next(order).map(Told::to_message)).flatten()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::samples;

    #[test]
    fn what_is_told_is_the_message_to_the_letter_and_nothing_of_an_event_before_stays() {
        let order = samples::eventful();
        let mut view = View::before(&order, 1);
        for seq in 1..=order.seq() {
            let told = view.tell_next(&order).unwrap();
            let json = serde_json::to_string(&told).unwrap();
            assert_eq!(json, serde_json::to_string(&message_of(&order, seq).unwrap()).unwrap());
            assert_eq!((told.seq(), told.cursor()), (seq, order.events[seq as usize - 1].cursor.get()));
        }
        assert!(view.tell_next(&order).is_none());
        assert_eq!(message_of(&order, 0), None);
        assert_eq!(view.0, View::latest(&order));
    }
}
