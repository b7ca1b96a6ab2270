//! What tests of crashes share: clients that remember what they were told, an ordeal of lives that end by `kill -9`,
//! and an audit that holds the daemon's orders against clients and chain.

mod audit;
mod clients;
mod ordeal;

pub use crate::judge::ENDS;
pub use audit::{Audit, Violation};
pub use clients::{Clients, Posts};
pub use ordeal::{Load, Ordeal};
