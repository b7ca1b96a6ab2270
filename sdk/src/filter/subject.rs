//! What filters look at: an order, however it is kept.

use crate::{
    timestamp::Timestamp,
    wire::{ErrorCode, OrderDto, OrderStatus},
};

/// An order as far as filters look at it.
pub trait Subject {
    /// The order's id.
    fn id(&self) -> &str;
    /// Where the order stands.
    fn status(&self) -> OrderStatus;
    /// When it was accepted.
    fn created_at(&self) -> Timestamp;
    /// When its last event happened.
    fn updated_at(&self) -> Timestamp;
    /// The chain it is settled on.
    fn chain(&self) -> &str;
    /// The account that trades.
    fn account(&self) -> &str;
    /// The venue that executes it, once chosen.
    fn dex(&self) -> Option<&str>;
    /// Symbol of the token that is sold.
    fn token_in(&self) -> &str;
    /// Symbol of the token that is bought.
    fn token_out(&self) -> &str;
    /// The hash of the last transaction that was handed to the chain.
    fn tx_hash(&self) -> Option<&str>;
    /// Why the last attempt failed, for people.
    fn last_error(&self) -> Option<&str>;
    /// The same for programs.
    fn last_error_code(&self) -> Option<ErrorCode>;
    /// Whether any label, by its name and its value, passes a test.
    fn any_label(&self, test: impl FnMut(&str, &str) -> bool) -> bool;

    /// Bytes among which the last error, the hash, and the names and values of labels are, each in one piece, if they are
    /// kept so: what is not in there is in none of them.
    fn own_texts(&self) -> Option<&[u8]> {
        None
    }
}

impl Subject for OrderDto {
    fn id(&self) -> &str {
        &self.id
    }

    fn status(&self) -> OrderStatus {
        self.status
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn updated_at(&self) -> Timestamp {
        self.updated_at
    }

    fn chain(&self) -> &str {
        &self.chain
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn dex(&self) -> Option<&str> {
        self.dex.as_deref()
    }

    fn token_in(&self) -> &str {
        &self.token_in
    }

    fn token_out(&self) -> &str {
        &self.token_out
    }

    fn tx_hash(&self) -> Option<&str> {
        self.tx_hash.as_deref()
    }

    fn last_error(&self) -> Option<&str> {
        self.last_error.as_deref()
    }

    fn last_error_code(&self) -> Option<ErrorCode> {
        self.last_error_code
    }

    fn any_label(&self, mut test: impl FnMut(&str, &str) -> bool) -> bool {
        self.labels.iter().any(|(name, value)| test(name, value))
    }
}
