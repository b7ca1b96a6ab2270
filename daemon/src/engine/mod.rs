//! Executes orders: takes them in, asks venues, signs in lanes, sends, and follows to finality.

mod desk;

pub use desk::{Desk, Phase, SubmitError, Submitted};
