//! What a backend is made of: sorted bytes that are changed in batches, each kept whole or not at all.

use super::{StoreError, port::Left};
use orderd_sdk::timestamp::Timestamp;
use sled::IVec;
use std::ops::{Bound, ControlFlow};

/// One key space.
pub(super) trait Tree: Send + Sync + 'static {
    /// The value of a key.
    ///
    /// # Errors
    /// When it cannot be read.
    fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError>;

    /// Shows the keys of a range with their values, in this direction, until the visitor has seen enough.
    ///
    /// # Errors
    /// When something cannot be read, or whatever the visitor fails with.
    fn scan(&self, range: &KeyRange, direction: Direction, visit: &mut Visitor<'_>)
    -> Result<(), StoreError>;

    /// Shows the keys of a range with their times, as [`scan`](Self::scan) does, without reading a value.
    ///
    /// # Errors
    /// When the keys cannot be read, or whatever the visitor fails with.
    fn times(
        &self,
        range: &KeyRange,
        direction: Direction,
        visit: &mut TimeVisitor<'_>,
    ) -> Result<(), StoreError>;

    /// The time of a key.
    ///
    /// # Errors
    /// When it cannot be read.
    fn time(&self, key: &[u8]) -> Result<Option<Timestamp>, StoreError>;

    /// Makes all of these writes, or none; they survive a loss of power once this returns.
    ///
    /// # Errors
    /// When the disk refuses. What is on it then is not known before the next start.
    fn apply(&self, batch: Batch) -> Result<(), StoreError>;

    /// Frees a piece of the space that is wanted no more, as a write of so many bytes does, if there is so much of it that it
    /// should be freed; whether there still is.
    ///
    /// # Errors
    /// Those of [`apply`](Self::apply).
    fn tidy(&self, bytes: usize) -> Result<Left, StoreError>;
}

/// Is shown a key and its value.
pub(super) type Visitor<'a> = dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, StoreError> + 'a;

/// Is shown a key and its time.
pub(super) type TimeVisitor<'a> = dyn FnMut(&[u8], Timestamp) -> Result<ControlFlow<()>, StoreError> + 'a;

/// Writes in any order, each key at most once.
pub(super) type Batch = Vec<Edit>;

/// One write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) key: IVec,
    /// None when the key is removed.
    pub(super) value: Option<IVec>,
    /// When what the value is of happened; it lies beside the key and can be asked for without the value.
    pub(super) at: Timestamp,
}

impl Edit {
    /// The key has this value, which is of this time.
    pub(super) fn put(key: IVec, value: IVec, at: Timestamp) -> Self {
        Self { key, value: Some(value), at }
    }

    /// The key has this value, which nobody asks the time of.
    pub(super) fn put_timeless(key: IVec, value: IVec) -> Self {
        Self::put(key, value, Timestamp::default())
    }

    /// The key is there no more.
    pub(super) fn remove(key: IVec) -> Self {
        Self { key, value: None, at: Timestamp::default() }
    }
}

/// A range of keys.
pub(super) type KeyRange = (Bound<IVec>, Bound<IVec>);

/// Which way to go through a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// From the lowest key.
    Up,
    /// From the highest key.
    Down,
}

/// Every key that begins with this byte.
pub(super) fn all_of(prefix: u8) -> KeyRange {
    (Bound::Included(IVec::from(&[prefix])), Bound::Excluded(IVec::from(&[prefix + 1])))
}
