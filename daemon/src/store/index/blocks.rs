//! Blocks of runs that were read lately, in two generations: what is asked for again survives the end of one.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

/// Which block of which run.
pub(super) type BlockId = (u64, usize);

/// Blocks, with no more bytes than were promised.
#[derive(Debug)]
pub(super) struct Blocks {
    /// Bytes of one generation.
    bound: usize,
    held: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<BlockId, Arc<[u8]>>,
    old: HashMap<BlockId, Arc<[u8]>>,
    young_bytes: usize,
}

/// What a block takes besides its bytes, about.
const OVERHEAD: usize = 96;

impl Blocks {
    /// Holds so many bytes at the most.
    pub(super) fn new(cache_bytes: u64) -> Self {
        let bound = usize::try_from(cache_bytes / 2).unwrap_or(usize::MAX);
        Self { bound, held: Mutex::default() }
    }

    /// The block, from here or as `read` reads it.
    ///
    /// # Errors
    /// Those of `read`.
    pub(super) fn get<E>(
        &self,
        id: BlockId,
        read: impl FnOnce() -> Result<Arc<[u8]>, E>,
    ) -> Result<Arc<[u8]>, E> {
        let found = self.lock().find(id);
        if let Some((block, Generation::Young)) = found {
            return Ok(block);
        }
        let block = match found {
            Some((block, Generation::Old)) => block,
            Some((_, Generation::Young)) | None => read()?,
        };
        self.lock().put(id, block.clone(), self.bound);
        Ok(block)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Generation {
    Young,
    Old,
}

impl Generations {
    fn find(&self, id: BlockId) -> Option<(Arc<[u8]>, Generation)> {
        let young = self.young.get(&id).map(|block| (block.clone(), Generation::Young));
        young.or_else(|| self.old.get(&id).map(|block| (block.clone(), Generation::Old)))
    }

    fn put(&mut self, id: BlockId, block: Arc<[u8]>, bound: usize) {
        let bytes = block.len() + OVERHEAD;
        if self.young_bytes + bytes > bound {
            self.old = mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        if bytes <= bound && self.young.insert(id, block).is_none() {
            self.young_bytes += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_again_stays_and_the_rest_goes() {
        let blocks = Blocks::new(20 * (1_000 + OVERHEAD as u64));
        let read = |number: usize| {
            let mut was_read = false;
            let block = blocks.get((1, number), || {
                was_read = true;
                Ok::<_, ()>(vec![number as u8; 1_000].into())
            });
            assert_eq!(block.unwrap()[0], number as u8);
            was_read
        };
        assert!(read(0), "at first");
        for number in 1..100 {
            assert!(read(number), "block {number} was never there");
            assert!(!read(0), "asked for all the time");
        }
        assert!(read(1), "long ago");
        let held = blocks.lock();
        assert!(held.young.len() + held.old.len() <= 20);
    }
}
