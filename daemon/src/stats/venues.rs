//! How each configured venue does. The counts begin with the daemon; the latency is of late.

use super::{figures::DURATIONS, histogram::Histogram};
use crate::{
    order::{Catalog, QuoteAnswer, QuoteLine},
    telemetry::metrics,
};
use orderd_sdk::{timestamp::Timestamp, wire::VenueReport};
use std::collections::BTreeMap;

/// A record for each configured venue, by name. Others, which older orders may know, are not counted.
#[derive(Debug)]
pub(super) struct VenueBook(BTreeMap<String, Record>);

#[derive(Debug)]
struct Record {
    chain: String,
    quoted: u64,
    failed: u64,
    won: u64,
    executed: u64,
    latency: Histogram,
    since_start: metrics::Histogram,
    last_quote_at: Option<Timestamp>,
    last_error: Option<(Timestamp, String)>,
}

impl VenueBook {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let of_chains = catalog
            .chains
            .iter()
            .flat_map(|(chain, entry)| entry.venues.iter().map(|name| (name.clone(), Record::new(chain))));
        Self(of_chains.collect())
    }

    /// A round of quotes has ended.
    pub(super) fn note_round(&mut self, answers: &[QuoteLine], at: Timestamp) {
        for line in answers {
            if let Some(record) = self.0.get_mut(&line.dex) {
                record.note_answer(line, at);
            }
        }
    }

    pub(super) fn note_win(&mut self, name: &str) {
        if let Some(record) = self.0.get_mut(name) {
            record.won += 1;
        }
    }

    pub(super) fn note_execution(&mut self, name: &str) {
        if let Some(record) = self.0.get_mut(name) {
            record.executed += 1;
        }
    }

    /// How long quotes took, since the start.
    pub(super) fn latencies(&self) -> BTreeMap<String, metrics::Histogram> {
        self.0.iter().map(|(name, record)| (name.clone(), record.since_start.clone())).collect()
    }

    pub(super) fn report(&mut self, now: Timestamp) -> Vec<VenueReport> {
        self.0.iter_mut().map(|(name, record)| record.report(name, now)).collect()
    }
}

impl Record {
    fn new(chain: &str) -> Self {
        Self {
            chain: chain.to_owned(),
            quoted: 0,
            failed: 0,
            won: 0,
            executed: 0,
            latency: Histogram::default(),
            since_start: metrics::Histogram::new(DURATIONS),
            last_quote_at: None,
            last_error: None,
        }
    }

    fn note_answer(&mut self, line: &QuoteLine, at: Timestamp) {
        match &line.answer {
            QuoteAnswer::Priced { .. } => {
                self.quoted += 1;
                self.last_quote_at = Some(at);
                self.latency.note(line.latency_ms, at);
                self.since_start.note(line.latency_ms);
            }
            QuoteAnswer::Failed { error } => {
                self.failed += 1;
                let (last_at, text) = self.last_error.get_or_insert_default();
                *last_at = at;
                // Keeps the memory of the text before: nothing is allocated while a venue fails again and again.
                text.clone_from(error);
            }
        }
    }

    fn report(&mut self, name: &str, now: Timestamp) -> VenueReport {
        let latency = self.latency.summary(now);
        VenueReport {
            name: name.to_owned(),
            chain: self.chain.clone(),
            asked: self.quoted + self.failed,
            quoted: self.quoted,
            failed: self.failed,
            won: self.won,
            executed: self.executed,
            p50_ms: latency.map(|latency| latency.p50_ms),
            p99_ms: latency.map(|latency| latency.p99_ms),
            last_quote_at: self.last_quote_at,
            last_error: self.last_error.as_ref().map(|(_, error)| error.clone()),
            last_error_at: self.last_error.as_ref().map(|(at, _)| *at),
            guard: None,
        }
    }
}
