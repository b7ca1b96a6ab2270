//! How many requests plugins make, and how they end.

use crate::telemetry::metrics::{Exposition, Kind, Source};
use orderd_sdk::plugin::{HttpError, HttpResponse};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The figures of all plugins.
#[derive(Debug, Default)]
pub struct HttpFigures(Mutex<BTreeMap<String, Figures>>);

#[derive(Debug, Default)]
struct Figures {
    under_way: u64,
    /// By the numbers of [`Outcome`].
    ended: [u64; Outcome::ALL.len()],
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Answered,
    NotSent,
    Unknown,
    /// Nobody waited any more.
    GivenUp,
    /// It may not be made.
    Refused,
}

/// A request under way; given up unless it ends.
pub(super) struct Counted {
    figures: Arc<HttpFigures>,
    plugin: String,
    outcome: Outcome,
}

impl Outcome {
    const ALL: [Self; 5] = [Self::Answered, Self::NotSent, Self::Unknown, Self::GivenUp, Self::Refused];

    pub(super) fn of(answer: &Result<HttpResponse, HttpError>) -> Self {
        match answer {
            Ok(_) => Self::Answered,
            Err(HttpError::NotSent(_)) => Self::NotSent,
            Err(HttpError::Unknown(_)) => Self::Unknown,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::NotSent => "not-sent",
            Self::Unknown => "unknown",
            Self::GivenUp => "given-up",
            Self::Refused => "refused",
        }
    }
}

impl HttpFigures {
    pub(super) fn begin(self: &Arc<Self>, plugin: &str) -> Counted {
        self.all().entry(plugin.to_owned()).or_default().under_way += 1;
        Counted { figures: self.clone(), plugin: plugin.to_owned(), outcome: Outcome::GivenUp }
    }

    pub(super) fn refused(&self, plugin: &str) {
        self.all().entry(plugin.to_owned()).or_default().ended[Outcome::Refused as usize] += 1;
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Figures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counted {
    pub(super) fn end(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut all = self.figures.all();
        if let Some(figures) = all.get_mut(&self.plugin) {
            figures.under_way -= 1;
            figures.ended[self.outcome as usize] += 1;
        }
    }
}

impl Source for HttpFigures {
    fn expose(&self, out: &mut Exposition) {
        let all = self.all();
        let help = "HTTP requests of plugins that have ended, by how they did.";
        let mut ended = out.family("orderd_plugin_http_requests_total", Kind::Counter, help);
        for (plugin, figures) in &*all {
            for outcome in Outcome::ALL {
                let labels = [("plugin", plugin.as_str()), ("outcome", outcome.name())];
                ended.sample(&labels, figures.ended[outcome as usize]);
            }
        }
        let help = "HTTP requests of plugins that are under way or wait for their turn.";
        let mut under_way = out.family("orderd_plugin_http_in_flight", Kind::Gauge, help);
        for (plugin, figures) in &*all {
            under_way.sample(&[("plugin", plugin)], figures.under_way);
        }
    }
}
