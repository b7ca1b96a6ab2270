//! One file per verb: what it asks, and how it shows the answer.

mod order;
mod orders;
#[cfg(test)]
mod samples;
mod status;

pub(crate) use order::order;
pub(crate) use orders::orders;
pub(crate) use status::status;
