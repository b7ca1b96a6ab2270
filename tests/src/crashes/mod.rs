//! What tests of crashes share: clients that remember what they were told, an ordeal of lives that end by `kill -9`,
//! and an audit that holds the daemon's orders against clients and chain.

mod audit;
mod clients;
mod dice;
mod ordeal;

pub use audit::{Audit, Violation};
pub use clients::{Clients, Posts};
pub use dice::Dice;
pub use ordeal::{Load, Ordeal};

use orderd_sdk::wire::OrderStatus;

/// How an order can end.
pub const ENDS: [OrderStatus; 4] =
    [OrderStatus::Finalized, OrderStatus::Failed, OrderStatus::Expired, OrderStatus::Cancelled];
