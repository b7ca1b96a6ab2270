//! Keys with their values, and how much they take. Pure.

use orderd_sdk::plugin::{MAX_KV_KEY, MAX_KV_LISTED, MAX_KV_VALUE};
use std::{collections::BTreeMap, ops::Bound, sync::Arc};

/// What a key costs besides its bytes and those of its value: without, empty ones would be free.
const COST: usize = 32;

/// Everything that a plugin has stored. Cloning it copies no value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Book {
    values: BTreeMap<String, Arc<[u8]>>,
    size: usize,
}

/// What becomes of a key.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Put(String, Arc<[u8]>),
    Delete(String),
}

/// Why something is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("a key has 1 to {MAX_KV_KEY} bytes, and a value at most {MAX_KV_VALUE}")]
    Size,
    #[error("the plugin keeps as much as it may (kv_max_kib)")]
    Full,
}

impl Book {
    pub(super) fn from_values(values: BTreeMap<String, Arc<[u8]>>) -> Self {
        let size = values.iter().map(|(key, value)| cost(key, value)).sum();
        Self { values, size }
    }

    pub(super) fn values(&self) -> &BTreeMap<String, Arc<[u8]>> {
        &self.values
    }

    pub(super) fn get(&self, key: &str) -> Option<&[u8]> {
        self.values.get(key).map(|value| &**value)
    }

    /// Keys that begin so, after this one: the first ones of them.
    pub(super) fn list(&self, prefix: &str, after: Option<&str>) -> Vec<String> {
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let keys = self.values.range::<str, _>((from, Bound::Unbounded)).map(|(key, _)| key);
        keys.take_while(|key| key.starts_with(prefix)).take(MAX_KV_LISTED).cloned().collect()
    }

    /// Carries a change out, if what is kept stays within this many bytes.
    ///
    /// # Errors
    /// When it does not; then nothing has changed.
    pub(super) fn apply(&mut self, change: &Change, most: usize) -> Result<(), Refusal> {
        match change {
            Change::Put(key, value) => {
                let freed = self.values.get(key).map_or(0, |old| cost(key, old));
                let size = self.size - freed + cost(key, value);
                // Less than before is taken also by a plugin whose bound was lowered meanwhile.
                if size > most && size > self.size {
                    return Err(Refusal::Full);
                }
                self.values.insert(key.clone(), value.clone());
                self.size = size;
            }
            Change::Delete(key) => {
                let freed = self.values.remove(key).map_or(0, |old| cost(key, &old));
                self.size -= freed;
            }
        }
        Ok(())
    }
}

/// Whether a key can be.
///
/// # Errors
/// When it cannot.
pub(super) fn check_key(key: &str) -> Result<(), Refusal> {
    (1..=MAX_KV_KEY).contains(&key.len()).then_some(()).ok_or(Refusal::Size)
}

/// Whether a value can be.
///
/// # Errors
/// When it cannot.
pub(super) fn check_value(value: &[u8]) -> Result<(), Refusal> {
    (value.len() <= MAX_KV_VALUE).then_some(()).ok_or(Refusal::Size)
}

fn cost(key: &str, value: &[u8]) -> usize {
    COST + key.len() + value.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn put(key: &str, bytes: usize) -> Change {
        Change::Put(key.to_owned(), vec![7; bytes].into())
    }

    #[test]
    fn keys_are_listed_by_their_beginning_and_from_the_last_one_on() {
        let mut book = Book::default();
        for key in ["a", "b/", "b/1", "b/2", "b/3", "b0", "ä"] {
            book.apply(&put(key, 0), usize::MAX).unwrap();
        }
        assert_eq!(book.list("b/", None), ["b/", "b/1", "b/2", "b/3"]);
        assert_eq!(book.list("b/", Some("b/1")), ["b/2", "b/3"]);
        assert_eq!(book.list("b/", Some("a")), ["b/", "b/1", "b/2", "b/3"]);
        assert!(book.list("b/", Some("c")).is_empty());
        assert_eq!(book.list("", None).len(), 7);
    }

    proptest! {
        #[test]
        fn what_is_kept_stays_within_the_bound_and_is_counted_right(
            changes in prop::collection::vec((0_u8..6, prop::option::of(0_usize..300)), 0..60),
        ) {
            const MOST: usize = 600;
            let mut book = Book::default();
            for (key, size) in changes {
                let key = "k".repeat(usize::from(key) + 1);
                let change = size.map_or(Change::Delete(key.clone()), |size| put(&key, size));
                let before = book.clone();
                match book.apply(&change, MOST) {
                    Ok(()) => prop_assert_eq!(book.get(&key).map(<[u8]>::len), size),
                    Err(_) => prop_assert_eq!(&book, &before),
                }
                prop_assert!(book.size <= MOST);
                prop_assert_eq!(&Book::from_values(book.values.clone()), &book);
            }
        }
    }
}
