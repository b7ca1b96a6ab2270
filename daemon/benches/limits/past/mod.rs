//! Folders of daemons with orders that are over, as years of work leave them: made once for each size.

mod life;
mod store;

pub(crate) use life::Lives;
pub(crate) use store::Past;
