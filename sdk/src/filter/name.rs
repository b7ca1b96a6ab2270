//! What can be asked of an order by name.

use std::fmt;

/// The part of a term before the colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// Where it stands.
    State,
    /// Why it failed, by code.
    Err,
    /// Its last event is not older.
    Since,
    /// Its last event is not newer.
    Until,
    /// How long ago it was accepted.
    Age,
    /// Its chain.
    Chain,
    /// Its account.
    Account,
    /// The venue that executes it.
    Venue,
    /// What is sold and what is bought.
    Pair,
    /// One of the two.
    Token,
    /// Its id, or an end of it.
    Id,
    /// A label; the label's own name follows after a dot.
    Label,
}

impl Name {
    /// Every name.
    pub const ALL: [Self; 12] = [
        Self::State,
        Self::Err,
        Self::Since,
        Self::Until,
        Self::Age,
        Self::Chain,
        Self::Account,
        Self::Venue,
        Self::Pair,
        Self::Token,
        Self::Id,
        Self::Label,
    ];

    /// The name as it is written; that of a label without the label's own.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Err => "err",
            Self::Since => "since",
            Self::Until => "until",
            Self::Age => "age",
            Self::Chain => "chain",
            Self::Account => "account",
            Self::Venue => "venue",
            Self::Pair => "pair",
            Self::Token => "token",
            Self::Id => "id",
            Self::Label => "label",
        }
    }

    /// An example of a term with it.
    #[must_use]
    pub fn example(self) -> &'static str {
        match self {
            Self::State => "state:failed,retry",
            Self::Err => "err:insufficient-funds",
            Self::Since => "since:15m",
            Self::Until => "until:2h",
            Self::Age => "age:>5m",
            Self::Chain => "chain:ethereum",
            Self::Account => "account:main",
            Self::Venue => "venue:raydium",
            Self::Pair => "pair:SOL/USDC",
            Self::Token => "token:SOL",
            Self::Id => "id:01a0c1e2",
            Self::Label => "label.team:ops",
        }
    }

    /// The name that is written so, or has this alias; in capitals, too.
    pub(super) fn read(text: &str) -> Option<Self> {
        let is_meant = |written: &str| written.eq_ignore_ascii_case(text);
        match Self::ALIASES.iter().find(|(alias, _)| is_meant(alias)) {
            Some((_, name)) => Some(*name),
            None => Self::ALL.into_iter().find(|name| is_meant(name.as_str())),
        }
    }

    const ALIASES: [(&'static str, Self); 2] = [("status", Self::State), ("dex", Self::Venue)];
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
