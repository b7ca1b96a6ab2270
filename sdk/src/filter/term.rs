//! One condition of a filter: what it asks of an order, and how it is written.

use super::{
    Name, Subject,
    id::IdPattern,
    moment::{Age, Moment},
    status_set::StatusSet,
    text::Needle,
    word::write_quoted,
};
use crate::{timestamp::Timestamp, wire::ErrorCode};
use std::fmt;

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) sense: Sense,
    pub(super) test: Test,
}

/// Whether the order has to pass or to fail a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    Is,
    IsNot,
}

/// What is asked of an order: any of the values has to fit. Case makes no difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    State(StatusSet),
    Err(Vec<ErrorCode>),
    Since(Moment),
    Until(Moment),
    Age(Age),
    Chain(Vec<String>),
    Account(Vec<String>),
    Venue(Vec<String>),
    /// What is sold, and what is bought.
    Pair(Vec<(String, String)>),
    Token(Vec<String>),
    Id(Vec<IdPattern>),
    Label {
        key: String,
        values: Vec<String>,
    },
    Text(Needle),
}

impl Term {
    pub(super) fn is_met_by(&self, order: &impl Subject, now: Timestamp) -> bool {
        self.test.passes(order, now) == (self.sense == Sense::Is)
    }

    /// The statuses that it leaves, if it asks for any.
    pub(super) fn statuses(&self) -> Option<StatusSet> {
        let Test::State(set) = self.test else {
            return None;
        };
        Some(match self.sense {
            Sense::Is => set,
            Sense::IsNot => set.complement(),
        })
    }

    /// Before which no order's last event may lie, if it asks for that.
    pub(super) fn changed_since(&self, now: Timestamp) -> Option<Timestamp> {
        let Test::Since(moment) = self.test else {
            return None;
        };
        (self.sense == Sense::Is).then(|| moment.at(now))
    }
}

impl Test {
    fn passes(&self, order: &impl Subject, now: Timestamp) -> bool {
        match self {
            Self::State(set) => set.has(order.status()),
            Self::Err(codes) => order.last_error_code().is_some_and(|code| codes.contains(&code)),
            Self::Since(moment) => order.updated_at() >= moment.at(now),
            Self::Until(moment) => order.updated_at() <= moment.at(now),
            Self::Age(age) => age.fits(order.created_at(), now),
            Self::Chain(chains) => has(chains, order.chain()),
            Self::Account(accounts) => has(accounts, order.account()),
            Self::Venue(venues) => order.dex().is_some_and(|dex| has(venues, dex)),
            Self::Pair(pairs) => pairs.iter().any(|(sold, bought)| {
                sold.eq_ignore_ascii_case(order.token_in()) && bought.eq_ignore_ascii_case(order.token_out())
            }),
            Self::Token(tokens) => has(tokens, order.token_in()) || has(tokens, order.token_out()),
            Self::Id(patterns) => patterns.iter().any(|pattern| pattern.fits(order.id())),
            Self::Label { key, values } => order.any_label(|name, label| name == key && has(values, label)),
            Self::Text(needle) => needle.is_in(order),
        }
    }

    /// What judging an order by it costs, against the others.
    pub(super) fn cost(&self) -> u8 {
        match self {
            Self::State(_) | Self::Err(_) | Self::Since(_) | Self::Until(_) | Self::Age(_) => 0,
            Self::Chain(_) | Self::Account(_) | Self::Venue(_) | Self::Pair(_) | Self::Token(_) => 1,
            Self::Id(_) | Self::Label { .. } => 2,
            Self::Text(_) => 3,
        }
    }

    /// When the passing of time alone turns the answer for an order as it stands, or has turned it.
    pub(super) fn turns_at(&self, order: &impl Subject) -> Option<Timestamp> {
        match self {
            Self::Since(moment) => moment.leaves_behind(order.updated_at()),
            Self::Until(moment) => moment.reaches(order.updated_at()),
            Self::Age(age) => Some(age.turns_at(order.created_at())),
            Self::State(_)
            | Self::Err(_)
            | Self::Chain(_)
            | Self::Account(_)
            | Self::Venue(_)
            | Self::Pair(_)
            | Self::Token(_)
            | Self::Id(_)
            | Self::Label { .. }
            | Self::Text(_) => None,
        }
    }

    pub(super) fn depends_on_time(&self) -> bool {
        matches!(self, Self::Since(Moment::Ago(_)) | Self::Until(Moment::Ago(_)) | Self::Age(_))
    }
}

fn has(values: &[String], value: &str) -> bool {
    values.iter().any(|known| known.eq_ignore_ascii_case(value))
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.sense {
            Sense::Is => "",
            Sense::IsNot => "-",
        })?;
        self.test.fmt(f)
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(set) => write!(f, "{}:{set}", Name::State),
            Self::Err(codes) => list(f, Name::Err, codes, |f, code| code.fmt(f)),
            Self::Since(moment) => write!(f, "{}:{moment}", Name::Since),
            Self::Until(moment) => write!(f, "{}:{moment}", Name::Until),
            Self::Age(age) => write!(f, "{}:{age}", Name::Age),
            Self::Chain(chains) => list(f, Name::Chain, chains, |f, chain| write_quoted(f, chain)),
            Self::Account(accounts) => {
                list(f, Name::Account, accounts, |f, account| write_quoted(f, account))
            }
            Self::Venue(venues) => list(f, Name::Venue, venues, |f, venue| write_quoted(f, venue)),
            Self::Pair(pairs) => {
                list(f, Name::Pair, pairs, |f, (sold, bought)| write_quoted(f, &format!("{sold}/{bought}")))
            }
            Self::Token(tokens) => list(f, Name::Token, tokens, |f, token| write_quoted(f, token)),
            Self::Id(patterns) => list(f, Name::Id, patterns, |f, pattern| pattern.fmt(f)),
            Self::Label { key, values } => {
                write!(f, "{}.", Name::Label)?;
                write_quoted(f, key)?;
                list(f, "", values, |f, value| write_quoted(f, value))
            }
            Self::Text(needle) => write_quoted(f, needle.as_str()),
        }
    }
}

/// Writes a name and its values.
fn list<T>(
    f: &mut fmt::Formatter<'_>,
    name: impl fmt::Display,
    values: &[T],
    write: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    write!(f, "{name}:")?;
    for (place, value) in values.iter().enumerate() {
        f.write_str(if place == 0 { "" } else { "," })?;
        write(f, value)?;
    }
    Ok(())
}
