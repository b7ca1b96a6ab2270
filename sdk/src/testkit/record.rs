//! The last things that plugins have logged.

use crate::abi::table::Level;
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

/// So many are kept,
const RECORDS: usize = 8;
/// of so many characters each.
const LENGTH: usize = 300;

/// The newest records, oldest first.
#[derive(Default)]
pub(super) struct Records(Mutex<VecDeque<String>>);

impl Records {
    pub(super) fn add(&self, level: Level, target: &str, message: &str) {
        let name = match level {
            Level::ERROR => "error",
            Level::WARN => "warn",
            Level::INFO => "info",
            Level(_) => "debug",
        };
        let message: String = message.chars().take(LENGTH).collect();
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() == RECORDS {
            records.pop_front();
        }
        records.push_back(format!("{name} {target}: {message}"));
    }

    pub(super) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
