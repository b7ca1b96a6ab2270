//! What an order is and where it stands, and what the venues answered.

use super::verdict::{Advice, verdict};
use crate::console::{pages::Scene, theme::Role, widgets::text};
use orderd_sdk::wire::{OrderDto, OrderMessage, QuoteDto};
use ratatui::text::{Line, Span};

/// Columns for the name of a venue.
const VENUE: usize = 14;

/// The facts, one a row, as far as they are there.
pub(super) fn rows(order: &OrderDto, scene: &Scene<'_>) -> Vec<Line<'static>> {
    let nothing = scene.theme.glyphs().nothing;
    let bought = order.amount_out.as_deref().unwrap_or(nothing);
    let labels: Vec<_> = order.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let age = text::span(scene.now.millis_since(order.created_at));
    let mut facts = vec![
        (
            "state",
            format!("{}, attempt {} of {}, {age} old", order.status, order.attempts, order.max_attempts),
        ),
        ("sells", format!("{} {}", order.amount, order.token_in)),
        ("buys", format!("{bought} {}, slippage {} %", order.token_out, order.slippage.as_str())),
        ("account", format!("{} on {}", order.account, order.chain)),
    ];
    let optional = [
        ("venue", order.dex.clone()),
        ("tx", order.tx_hash.clone()),
        ("labels", Some(labels.join(" ")).filter(|labels| !labels.is_empty())),
        ("says", Some(order.message.clone())),
    ];
    facts.extend(optional.into_iter().filter_map(|(name, fact)| Some((name, fact?))));
    if order.cancel_requested {
        facts.push(("cancel", "asked for, not decided yet".to_owned()));
    }
    facts.into_iter().map(|(name, fact)| fact_row(name, &fact, scene)).collect()
}

fn fact_row(name: &str, fact: &str, scene: &Scene<'_>) -> Line<'static> {
    Line::from(vec![
        Span::styled(text::pad(name, 9), scene.theme.style(Role::Dim)),
        Span::styled(text::safe(fact).into_owned(), scene.theme.style(Role::Text)),
    ])
}

/// What the venues answered, best first; the chosen one is marked.
pub(super) fn quotes(order: &OrderDto, columns: usize, scene: &Scene<'_>) -> Vec<Line<'static>> {
    if order.quotes.is_empty() {
        return vec![Line::from(Span::styled("no quotes yet", scene.theme.style(Role::Dim)))];
    }
    let title = row_of(" ", ["venue", "gives", "net", "impact", "took"], columns);
    let mut rows = vec![Line::from(Span::styled(title, scene.theme.style(Role::Title)))];
    rows.extend(order.quotes.iter().map(|quote| quote_row(quote, order, columns, scene)));
    rows
}

fn quote_row(quote: &QuoteDto, order: &OrderDto, columns: usize, scene: &Scene<'_>) -> Line<'static> {
    let glyphs = scene.theme.glyphs();
    let is_chosen = order.dex.as_deref() == Some(quote.dex.as_str());
    let mark = if is_chosen { glyphs.cursor } else { " " };
    if let Some(error) = &quote.error {
        let row = format!("{mark} {} {error}", text::pad(&quote.dex, VENUE));
        return Line::from(Span::styled(
            text::fit(&row, columns, glyphs.ellipsis),
            scene.theme.style(Role::Bad),
        ));
    }
    let gives = quote.amount_out.as_deref().unwrap_or(glyphs.nothing);
    let net = quote.net_amount_out.as_deref().unwrap_or(glyphs.nothing);
    let impact = quote.price_impact.as_ref().map_or_else(String::new, |impact| format!("{impact} %"));
    let took = format!("{} ms", quote.latency_ms);
    let row = row_of(mark, [&quote.dex, gives, net, &impact, &took], columns);
    let role = if is_chosen { Role::Good } else { Role::Text };
    Line::from(Span::styled(row, scene.theme.style(role)))
}

/// A row of quotes; what was given before fees is left out where there is no room.
fn row_of(mark: &str, [venue, gives, net, impact, took]: [&str; 5], columns: usize) -> String {
    let pad = text::pad;
    let gives = match columns >= 56 {
        true => format!("{} ", pad(gives, 12)),
        false => String::new(),
    };
    format!("{mark} {} {gives}{} {} {took}", pad(venue, VENUE), pad(net, 12), pad(impact, 8))
}

/// What went wrong, what that means, and whether the order may be retried.
pub(super) fn errors(order: &OrderDto, last: Option<&OrderMessage>, scene: &Scene<'_>) -> Vec<Line<'static>> {
    let mut rows = Vec::new();
    if let Some(error) = &order.last_error {
        let code = order.last_error_code.map_or("outcome not known", |code| code.as_str());
        rows.push(Line::from(Span::styled(code.to_owned(), scene.theme.style(Role::Bad))));
        rows.push(Line::from(Span::styled(text::safe(error).into_owned(), scene.theme.style(Role::Text))));
        rows.push(Line::default());
    }
    let verdict = verdict(order, last, scene.now);
    let role = match verdict.advice {
        Advice::Retry => Role::Good,
        Advice::Never => Role::Warn,
        Advice::Leave => Role::Dim,
    };
    rows.push(Line::from(vec![
        Span::styled("verdict  ", scene.theme.style(Role::Title)),
        Span::styled(verdict.why, scene.theme.style(role)),
    ]));
    rows
}
