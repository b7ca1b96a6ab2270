//! A Bloom filter: says of most keys that are not in a run that they are not, without reading it. All bits of a key
//! lie in one cache line.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Words of a line, which has 512 bits.
const LINE: usize = 8;
/// With so many bits for each key, one question in about a hundred is answered wrongly with yes.
const BITS_PER_KEY: usize = 12;
const PROBES: u32 = 7;

/// The keys of a run.
#[derive(Debug)]
pub(super) struct Filter(Vec<u64>);

/// As bytes: they are taken whole at a start, where numbers would be one by one.
impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = self.0.iter().flat_map(|word| word.to_le_bytes()).collect();
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = <&[u8]>::deserialize(deserializer)?;
        let (words, _) = bytes.as_chunks::<8>();
        Ok(Self(words.iter().map(|word| u64::from_le_bytes(*word)).collect()))
    }
}

/// What a filter needs to know of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyHash(u64);

impl KeyHash {
    /// FNV-1a, and then the last step of splitmix64, as the former mixes its high bits badly.
    pub(super) fn of(key: &[u8]) -> Self {
        let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Self(mixed(key.iter().fold(0xcbf2_9ce4_8422_2325, fold)))
    }
}

fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

impl Filter {
    /// A filter of these keys.
    pub(super) fn of(keys: &[KeyHash]) -> Self {
        let lines = keys.len() * BITS_PER_KEY / (LINE * 64) + 1;
        let mut filter = Self(vec![0; lines * LINE]);
        for key in keys {
            let start = filter.line(*key);
            bits(*key).for_each(|(word, bit)| filter.0[start + word] |= bit);
        }
        filter
    }

    /// Whether the key may be there.
    pub(super) fn may_have(&self, key: KeyHash) -> bool {
        let line = self.0.get(self.line(key)..).unwrap_or_default();
        bits(key).all(|(word, bit)| line.get(word).is_some_and(|found| found & bit != 0))
    }

    /// So many keys are going to be asked for. If they need most of it, the processor fetches it now, from its begin to its
    /// end: that takes a small part of the time in which it is fetched line by line, as they ask.
    pub(super) fn prepare_for(&self, keys: usize) {
        if keys > self.0.len() / LINE {
            std::hint::black_box(self.0.iter().fold(0, |all, word| all | word));
        }
    }

    fn line(&self, key: KeyHash) -> usize {
        let lines = (self.0.len() / LINE) as u64;
        let line = (u128::from(key.0) * u128::from(lines)) >> 64;
        usize::try_from(line).unwrap_or_default() * LINE
    }
}

/// The bits of a key in its line: a word each, and the bit in it.
fn bits(key: KeyHash) -> impl Iterator<Item = (usize, u64)> {
    let choice = mixed(key.0 ^ 0x9e37_79b9_7f4a_7c15);
    (0..PROBES).map(move |probe| {
        let bit = (choice >> (9 * probe)) & 511;
        (usize::try_from(bit / 64).unwrap_or_default(), 1 << (bit % 64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: u64) -> KeyHash {
        KeyHash::of(&number.to_be_bytes())
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let filter = Filter::of(&(0..1_000).map(hash).collect::<Vec<_>>());
        let written = postcard::to_allocvec(&filter).unwrap();
        assert_eq!(postcard::from_bytes::<Filter>(&written).unwrap().0, filter.0);
    }

    #[test]
    fn it_has_every_key_and_few_others() {
        for count in [0, 1, 10, 10_000] {
            let filter = Filter::of(&(0..count).map(hash).collect::<Vec<_>>());
            assert!((0..count).all(|number| filter.may_have(hash(number))));
            let wrong = (count..count + 100_000).filter(|number| filter.may_have(hash(*number))).count();
            assert!(wrong < 2_000, "{wrong} of 100,000 with {count} keys");
        }
    }
}
