//! A few orders among many: those that a batch of changes is about.

use super::row::Placed;
use orderd_sdk::client::Packed;
use std::sync::Arc;

/// A set of ids that tells fast of most rows that they are not in it.
pub(super) struct Touched {
    /// A bit for the hash of each id.
    bits: Vec<u64>,
    ids: Vec<(u64, Arc<str>)>,
}

const BITS: u32 = 16;

impl Touched {
    pub(super) fn new(ids: impl IntoIterator<Item = Arc<str>>) -> Self {
        let mut ids: Vec<_> = ids.into_iter().map(|id| (Packed::front_of(&id), id)).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut bits = vec![0; 1 << (BITS - 6)];
        for (front, _) in &ids {
            let (word, bit) = place(*front);
            bits[word] |= bit;
        }
        Self { bits, ids }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &Arc<str>> {
        self.ids.iter().map(|(_, id)| id)
    }

    pub(super) fn has(&self, row: &Placed) -> bool {
        let (word, bit) = place(row.front);
        let id = row.order.id();
        self.bits[word] & bit != 0
            && self.ids.binary_search_by(|(front, own)| (front, own).cmp(&(&row.front, id))).is_ok()
    }
}

/// Ids of the same time begin alike: multiplying spreads them.
fn place(front: u64) -> (usize, u64) {
    let hash = front.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}
