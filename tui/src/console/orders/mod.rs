//! The table of orders as data: which orders have a row, in which order, and where the operator is in it. Nothing is drawn here.
//!
//! A [`Listing`] is fed by the SDK's cache: what changes is judged by the filter again and put in its place (`rows`), a batch
//! in one pass; orders that time alone adds or takes away are known by the moment when it does (`schedule`).
//!
//! - **The row under the cursor never jumps.** The cursor is an order, not a number, and its row stays on its line of the
//!   screen while others come and go (`window`). When its order does not match any more, the row stays as a
//!   *ghost* until the cursor leaves it, so that no key ever hits another order than the one that was looked at.
//! - **Follow** keeps the cursor on the newest row instead; **freeze** keeps all rows as they are, and counts what has
//!   changed behind them ([`Mode`]).
//! - **Marks** are ids, and outlive sorting, filtering and refreshing (`marks`).

mod column;
mod decimal;
mod listing;
mod marks;
mod mode;
mod pick;
mod row;
mod rows;
mod schedule;
mod touched;
mod window;

pub use column::{Column, Direction, Sort};
pub use listing::Listing;
pub use marks::{MAX_MARKS, Marking, Marks};
pub use mode::{Behind, Mode};
pub use pick::{Pick, Reads};
pub use window::Row;

/// Orders that changed behind a frozen table and are remembered one by one.
const MAX_BEHIND: usize = 10_000;

#[cfg(test)]
mod tests;
