//! The one language in which people say which orders they mean: in the console, on the command line, over HTTP.
//!
//! A filter is a text of terms with blanks between them, such as `state:failed,retry venue:raydium -err:refused
//! since:15m timeout`. An order matches when it meets all of them. `docs/http-api.md` has the grammar. [`Filter::parse`]
//! reads it and says where it is wrong; [`Filter::matches`] judges an order; `Display` writes the normal form, which
//! means the same.

mod error;
mod id;
mod moment;
mod name;
mod read;
mod status_set;
mod subject;
mod term;
mod text;
mod word;

#[cfg(test)]
mod tests;

pub use error::{FilterError, FilterProblem};
pub use name::Name;
pub use status_set::SHORT_STATUSES;
pub use subject::Subject;

use crate::{timestamp::Timestamp, wire::OrderStatus};
use status_set::StatusSet;
use std::{fmt, str::FromStr};
use term::{Term, Test};

/// The longest filter, in bytes.
pub const MAX_BYTES: usize = 2048;
/// Terms of a filter at the most.
pub const MAX_TERMS: usize = 32;

/// Which orders somebody means. The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those first that cost least to judge.
    terms: Vec<Term>,
}

impl Filter {
    /// Reads a filter. An empty text means every order.
    ///
    /// # Errors
    /// When the text is no filter; the error says where, what was expected there, and what was probably meant.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut terms = read::terms(text)?;
        terms.sort_by_key(|term| term.test.cost());
        Ok(Self { terms })
    }

    /// Whether an order matches at this instant. Allocates nothing.
    #[must_use]
    pub fn matches(&self, order: &impl Subject, now: Timestamp) -> bool {
        self.terms.iter().all(|term| term.is_met_by(order, now))
    }

    /// Whether it means every order.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The only statuses in which an order can match, for whoever has orders by status; none when it can in any.
    #[must_use]
    pub fn statuses(&self) -> Option<Vec<OrderStatus>> {
        let sets = self.terms.iter().filter_map(Term::statuses);
        sets.reduce(StatusSet::intersection).map(|set| set.iter().collect())
    }

    /// No order can match at this instant whose last event is older, for whoever has orders by time; none when one of any
    /// time can.
    #[must_use]
    pub fn changed_since(&self, now: Timestamp) -> Option<Timestamp> {
        self.terms.iter().filter_map(|term| term.changed_since(now)).max()
    }

    /// The next moment after this one at which an order may begin or cease to match although nothing happens to it.
    #[must_use]
    pub fn turns_at(&self, order: &impl Subject, now: Timestamp) -> Option<Timestamp> {
        let stays_out = |term: &Term| !term.test.depends_on_time() && !term.is_met_by(order, now);
        if self.terms.iter().any(stays_out) {
            return None;
        }
        let turns = self.terms.iter().filter_map(|term| term.test.turns_at(order));
        turns.filter(|turn| *turn > now).min()
    }

    /// Whether an order may begin or cease to match although nothing happens to it, because time passes.
    #[must_use]
    pub fn depends_on_time(&self) -> bool {
        self.terms.iter().any(|term| term.test.depends_on_time())
    }

    /// Whether it reads texts that an order has for itself: its labels, its error, its hash.
    #[must_use]
    pub fn searches(&self) -> bool {
        self.terms.iter().any(|term| matches!(term.test, Test::Text(_) | Test::Label { .. }))
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        Self::parse(text)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, term) in self.terms.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { " " })?;
            term.fmt(f)?;
        }
        Ok(())
    }
}
