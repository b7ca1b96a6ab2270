//! Whatever changes something: first it is asked who may, then who wants it, then it is done.

mod confirm;
mod single;

pub(crate) use confirm::{Answer, confirm};
pub(crate) use single::{Deed, Forecast};
