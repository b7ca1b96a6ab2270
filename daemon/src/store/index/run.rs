//! A run: the last entry of every key in one file of the log, sorted, in a file that never changes.
//!
//! Blocks of entries come first, then a postcard [`Contents`] with the checksum of each block, then the contents'
//! own length and checksum. The contents are in memory as long as the run is open: about two bytes for each key. Keys of
//! one block begin with the same byte, so it is known which is the first of the last kind: of the orders. Their keys grow with
//! time, and so most runs need not be asked for one.

use super::{
    filter::{Filter, KeyHash},
    place::Slot,
};
use crate::store::{log::LogId, tree::KeyRange};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sled::IVec;
use std::{
    fs::{self, File},
    io,
    ops::{Bound, Range},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

pub(super) const EXTENSION: &str = "run";
const MAGIC: &[u8; 8] = b"orderru2";
/// Length and checksum of the contents, and the magic.
const TRAILER: usize = 20;
/// A block ends when it has so many bytes. Few in tests, so that a run has many blocks.
const BLOCK: usize = if cfg!(test) { 256 } else { 4096 };

#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    log: LogId,
    /// The file of the log, by its first frame.
    of: u64,
    blocks: Vec<BlockPlace>,
    last_key: Key,
    filter: Filter,
}

#[derive(Debug, Serialize, Deserialize)]
struct BlockPlace {
    first_key: Key,
    offset: u64,
    len: u32,
    crc: u32,
}

/// A key. That of an order lies here, and not in memory of its own: who looks for one looks at some.
#[derive(Clone, Debug, Default)]
struct Key(IVec);

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&[u8]>::deserialize(deserializer).map(|key| Self(IVec::from(key)))
    }
}

/// A run that is open.
#[derive(Debug)]
pub(super) struct Run {
    path: PathBuf,
    file: File,
    contents: Contents,
    /// The first key that begins with the same byte as the last one, and the last one: here, where they are found without
    /// another look at the memory.
    orders: (IVec, IVec),
    /// The block that begins with the first of the two.
    first_of_orders: usize,
}

impl Run {
    /// Writes the run of a file, durably but for its name.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn create<'a>(
        path: &Path,
        log: LogId,
        of: u64,
        entries: impl Iterator<Item = (&'a [u8], Slot)>,
    ) -> io::Result<Self> {
        let (mut bytes, contents) = encode(log, of, entries);
        let encoded = postcard::to_allocvec(&contents).map_err(io::Error::other)?;
        bytes.extend_from_slice(&encoded);
        bytes.extend_from_slice(&(encoded.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&crc32fast::hash(&encoded).to_le_bytes());
        bytes.extend_from_slice(MAGIC);
        fs::write(path, &bytes)?;
        let file = File::open(path)?;
        file.sync_all()?;
        Ok(Self::over(path, file, contents))
    }

    /// Opens a run; none when there is none of this file of this log, or its contents are damaged.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn open(path: &Path, log: LogId, of: u64) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let contents = read_contents(&file)?.filter(|contents| contents.log == log && contents.of == of);
        Ok(contents.map(|contents| Self::over(path, file, contents)))
    }

    fn over(path: &Path, file: File, contents: Contents) -> Self {
        let Contents { blocks, last_key, .. } = &contents;
        let first_of_orders = blocks.partition_point(|block| block.first_key.0.first() < last_key.0.first());
        let first = blocks.get(first_of_orders).map(|block| block.first_key.0.clone());
        let orders = (first.unwrap_or_default(), last_key.0.clone());
        Self { path: path.to_owned(), file, contents, orders, first_of_orders }
    }

    /// The file of the log that it is of, by its first frame.
    pub(super) fn of(&self) -> u64 {
        self.contents.of
    }

    pub(super) fn last_key(&self) -> &[u8] {
        &self.orders.1
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// So many keys are going to be looked for.
    pub(super) fn prepare_for(&self, keys: usize) {
        self.contents.filter.prepare_for(keys);
    }

    /// The block that has this key, if the run has it at all.
    pub(super) fn block_of(&self, key: &[u8], hash: KeyHash) -> Option<usize> {
        let Contents { blocks, filter, .. } = &self.contents;
        let (first, last) = &self.orders;
        let is_before = key < &first[..] && key.first() == first.first();
        if key > &last[..] || is_before || !filter.may_have(hash) {
            return None;
        }
        blocks.partition_point(|block| block.first_key.0[..] <= *key).checked_sub(1)
    }

    /// The blocks that may have keys of this range.
    pub(super) fn blocks_of(&self, (start, end): &KeyRange) -> Range<usize> {
        let end = self.blocks_before(end);
        let first = match start {
            Bound::Included(start) | Bound::Excluded(start) => self.first_block(start),
            Bound::Unbounded => 0,
        };
        first.min(end)..end
    }

    /// The first block that may have this key or a later one. For most walks, which are through orders, and most runs, which
    /// are of other times, the blocks need not be looked at; the same below.
    fn first_block(&self, start: &[u8]) -> usize {
        let (first, last) = &self.orders;
        if start > &last[..] {
            return usize::MAX;
        }
        match start <= &first[..] && start.first() == first.first() {
            true => self.first_of_orders,
            false => self.blocks_while(|first| first <= start).saturating_sub(1),
        }
    }

    /// How many blocks begin before a range has ended.
    fn blocks_before(&self, end: &Bound<IVec>) -> usize {
        let (_, last) = &self.orders;
        match end {
            Bound::Included(end) | Bound::Excluded(end) if end > last => self.contents.blocks.len(),
            Bound::Included(end) => self.blocks_while(|first| first <= &end[..]),
            Bound::Excluded(end) => self.blocks_while(|first| first < &end[..]),
            Bound::Unbounded => self.contents.blocks.len(),
        }
    }

    /// How many blocks begin with a key for which this holds; it must not hold again after one for which it does not.
    fn blocks_while(&self, holds: impl Fn(&[u8]) -> bool) -> usize {
        self.contents.blocks.partition_point(|block| holds(&block.first_key.0))
    }

    /// The first key of a block; behind the last one, the last key of all.
    pub(super) fn border(&self, block: usize) -> &[u8] {
        &self.contents.blocks.get(block).map_or(&self.contents.last_key, |block| &block.first_key).0
    }

    /// The bytes of a block.
    ///
    /// # Errors
    /// When they cannot be read, or are not as they were written.
    pub(super) fn read(&self, block: usize) -> io::Result<Arc<[u8]>> {
        let damaged = || io::Error::other(format!("block {block} of {} is damaged", self.path.display()));
        let place = self.contents.blocks.get(block).ok_or_else(damaged)?;
        let mut bytes = vec![0; place.len as usize];
        self.file.read_exact_at(&mut bytes, place.offset)?;
        match crc32fast::hash(&bytes) == place.crc {
            true => Ok(bytes.into()),
            false => Err(damaged()),
        }
    }
}

/// The blocks of these entries, and the contents that tell of them.
fn encode<'a>(log: LogId, of: u64, entries: impl Iterator<Item = (&'a [u8], Slot)>) -> (Vec<u8>, Contents) {
    let (mut bytes, mut blocks, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    let (mut start, mut first_key, mut last_key) = (0, None, Key::default());
    let end_block = |bytes: &[u8], start: usize, first_key: Key| {
        let (block, offset) = (&bytes[start..], start as u64);
        BlockPlace { first_key, offset, len: block.len() as u32, crc: crc32fast::hash(block) }
    };
    for (key, slot) in entries {
        if let Some(ended) = first_key.take_if(|first: &mut Key| first.0.first() != key.first()) {
            blocks.push(end_block(&bytes, start, ended));
            start = bytes.len();
        }
        first_key.get_or_insert_with(|| Key(IVec::from(key)));
        hashes.push(KeyHash::of(key));
        bytes.extend_from_slice(&(key.len() as u16).to_le_bytes());
        bytes.extend_from_slice(key);
        slot.encode(&mut bytes);
        last_key.0 = IVec::from(key);
        if bytes.len() - start >= BLOCK {
            blocks.extend(first_key.take().map(|first_key| end_block(&bytes, start, first_key)));
            start = bytes.len();
        }
    }
    blocks.extend(first_key.take().map(|first_key| end_block(&bytes, start, first_key)));
    (bytes, Contents { log, of, blocks, last_key, filter: Filter::of(&hashes) })
}

fn read_contents(file: &File) -> io::Result<Option<Contents>> {
    let len = file.metadata()?.len();
    let Some(end) = len.checked_sub(TRAILER as u64) else {
        return Ok(None);
    };
    let mut trailer = [0; TRAILER];
    file.read_exact_at(&mut trailer, end)?;
    let encoded_len = u64::from_le_bytes(std::array::from_fn(|index| trailer[index]));
    let crc = u32::from_le_bytes(std::array::from_fn(|index| trailer[8 + index]));
    let start = end.checked_sub(encoded_len).filter(|_| trailer[12..] == *MAGIC);
    let (Some(start), Ok(encoded_len)) = (start, usize::try_from(encoded_len)) else {
        return Ok(None);
    };
    let mut encoded = vec![0; encoded_len];
    file.read_exact_at(&mut encoded, start)?;
    Ok((crc32fast::hash(&encoded) == crc).then(|| postcard::from_bytes(&encoded).ok()).flatten())
}

/// The entries of a block: where each key lies in it, and its slot. It ends early where one makes no sense.
pub(super) fn entries_of(block: &[u8]) -> impl Iterator<Item = (Range<usize>, Slot)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let len: [u8; 2] = block.get(start..start + 2)?.try_into().ok()?;
        let key = start + 2..start + 2 + usize::from(u16::from_le_bytes(len));
        let slot = block.get(key.end..key.end + Slot::LEN)?.try_into().ok()?;
        start = key.end + Slot::LEN;
        Some((key, Slot::decode(slot)))
    })
}
