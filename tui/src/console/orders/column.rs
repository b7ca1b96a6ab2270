//! What the table can be sorted by.

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// When the order was accepted, which is also the order of ids. The other way round it is its age.
    Created,
    /// When its last event happened.
    Updated,
    /// Where it stands, in the order of an order's life.
    State,
    /// The token sold, a slash, the token bought.
    Pair,
    /// The venue that executes it; those without one come first.
    Venue,
    /// What is sold, by the exact number.
    Amount,
    /// Attempts begun so far.
    Attempts,
    /// The error's code, then its text; orders without an error come first.
    Error,
}

impl Column {
    /// Every column, as they are offered.
    pub const ALL: [Self; 8] = [
        Self::Created,
        Self::Updated,
        Self::State,
        Self::Pair,
        Self::Venue,
        Self::Amount,
        Self::Attempts,
        Self::Error,
    ];
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The least first.
    Ascending,
    /// Exactly the rows of [`Self::Ascending`], read backwards.
    Descending,
}

impl Direction {
    /// The other one.
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// The order of the rows. Rows that are equal in the column go by their ids, so that no two are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sort {
    /// What is compared.
    pub column: Column,
    /// Which end comes first.
    pub direction: Direction,
}

impl Default for Sort {
    /// The newest first.
    fn default() -> Self {
        Self { column: Column::Created, direction: Direction::Descending }
    }
}
