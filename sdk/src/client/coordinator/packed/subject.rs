//! Filters judge orders as they are packed.

use super::Packed;
use crate::{
    filter::Subject,
    timestamp::Timestamp,
    wire::{ErrorCode, OrderStatus},
};

impl Subject for Packed {
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
        self.chain()
    }

    fn account(&self) -> &str {
        self.account()
    }

    fn dex(&self) -> Option<&str> {
        self.dex()
    }

    fn token_in(&self) -> &str {
        self.token_in()
    }

    fn token_out(&self) -> &str {
        self.token_out()
    }

    fn tx_hash(&self) -> Option<&str> {
        self.tx_hash()
    }

    fn last_error(&self) -> Option<&str> {
        self.last_error()
    }

    fn last_error_code(&self) -> Option<ErrorCode> {
        self.last_error_code
    }

    fn any_label(&self, mut test: impl FnMut(&str, &str) -> bool) -> bool {
        self.labels().any(|(name, value)| test(name, value))
    }

    fn own_texts(&self) -> Option<&[u8]> {
        Some(self.searched())
    }
}
