//! The bytes of the log: a header per file, frames, and the entries in them. All numbers are little-endian.

use crc32fast::Hasher;
use orderd_sdk::timestamp::Timestamp;

/// Names a log: sixteen random bytes in its mark and in each of its files, and in the checksum of every frame.
pub(in crate::store) type LogId = [u8; 16];

/// How a file begins: which log it belongs to, the number of its first frame, and the oldest file that counted when
/// it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileHeader {
    pub(super) id: LogId,
    pub(super) first: u64,
    pub(super) oldest: u64,
}

const FILE_MAGIC: &[u8; 8] = b"orderlog";
/// The version that is written, and the only one that is read. Version 1 had no times and was never released.
pub(super) const FILE_VERSION: u32 = 2;
/// Not that of version 1, so that none of its frames is taken for one.
const FRAME_MAGIC: &[u8; 4] = b"frm2";

impl FileHeader {
    pub(super) const LEN: usize = 48;

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::LEN);
        bytes.extend_from_slice(FILE_MAGIC);
        bytes.extend_from_slice(&FILE_VERSION.to_le_bytes());
        bytes.extend_from_slice(&self.id);
        bytes.extend_from_slice(&self.first.to_le_bytes());
        bytes.extend_from_slice(&self.oldest.to_le_bytes());
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// The header, when these bytes are one.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let version = Self::version(bytes)?;
        let mut fields = bytes.get(FILE_MAGIC.len() + 4..)?;
        let id = take(&mut fields)?;
        let [first, oldest] = [take(&mut fields)?, take(&mut fields)?].map(u64::from_le_bytes);
        (version == FILE_VERSION).then_some(Self { id, first, oldest })
    }

    /// The version of the file that begins with these bytes, when they are a header; it had the same length always.
    pub(super) fn version(bytes: &[u8]) -> Option<u32> {
        let whole = bytes.get(..Self::LEN - 4)?;
        let [mut start, mut end] = [whole, bytes.get(Self::LEN - 4..)?];
        let magic: [u8; 8] = take(&mut start)?;
        let version = u32::from_le_bytes(take(&mut start)?);
        let is_sound = u32::from_le_bytes(take(&mut end)?) == crc32fast::hash(whole);
        (is_sound && magic == *FILE_MAGIC).then_some(version)
    }
}

/// How a frame begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    /// Counts the frames of a log, from 1.
    pub(super) number: u64,
    /// The oldest file that counts, by its first frame.
    pub(super) oldest: u64,
    /// Length of the entries that follow, in bytes.
    pub(super) len: u32,
    crc: u32,
}

impl FrameHeader {
    pub(super) const LEN: usize = 28;

    /// Writes the header of the entries that follow it in these bytes.
    fn encode_before(frame: &mut [u8], id: &LogId, number: u64, oldest: u64, len: u32) {
        let (header, entries) = frame.split_at_mut(Self::LEN);
        let (fields, crc) = header.split_at_mut(Self::LEN - 4);
        fields[..4].copy_from_slice(FRAME_MAGIC);
        fields[4..8].copy_from_slice(&len.to_le_bytes());
        fields[8..16].copy_from_slice(&number.to_le_bytes());
        fields[16..].copy_from_slice(&oldest.to_le_bytes());
        crc.copy_from_slice(&checksum(id, fields, entries).to_le_bytes());
    }

    /// The header, when these bytes look like one.
    pub(super) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let magic: [u8; 4] = take(&mut bytes)?;
        let len = u32::from_le_bytes(take(&mut bytes)?);
        let [number, oldest] = [take(&mut bytes)?, take(&mut bytes)?].map(u64::from_le_bytes);
        let crc = u32::from_le_bytes(take(&mut bytes)?);
        (magic == *FRAME_MAGIC).then_some(Self { number, oldest, len, crc })
    }

    /// Whether this is the header of these entries, as they were written.
    pub(super) fn fits(&self, id: &LogId, header: &[u8], entries: &[u8]) -> bool {
        header.len() == Self::LEN && checksum(id, &header[..Self::LEN - 4], entries) == self.crc
    }

    /// Where the first thing that looks like a frame begins.
    pub(super) fn find(bytes: &[u8]) -> Option<usize> {
        bytes.windows(FRAME_MAGIC.len()).position(|window| window == FRAME_MAGIC)
    }
}

fn checksum(id: &LogId, header: &[u8], entries: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    for part in [&id[..], header, entries] {
        hasher.update(part);
    }
    hasher.finalize()
}

/// Where an entry lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Position {
    /// The file, by its first frame.
    pub(in crate::store) file: u64,
    /// Bytes before it in the file.
    pub(in crate::store) offset: u64,
    /// Its length in bytes.
    pub(in crate::store) len: u32,
}

/// One write: a key with its value and time, or no value when the key is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Entry<'a> {
    pub(in crate::store) key: &'a [u8],
    pub(in crate::store) value: Option<&'a [u8]>,
    pub(in crate::store) at: Timestamp,
}

/// Stands for the length of a value that there is none of.
const REMOVED: u32 = u32::MAX;

impl<'a> Entry<'a> {
    /// Appends the entry; its length. None when it is too large to be written.
    fn encode(&self, out: &mut Vec<u8>) -> Option<u32> {
        let start = out.len();
        let key_len = u16::try_from(self.key.len()).ok()?;
        let value_len = match self.value {
            Some(value) => u32::try_from(value.len()).ok().filter(|len| *len != REMOVED)?,
            None => REMOVED,
        };
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&key_len.to_le_bytes());
        out.extend_from_slice(&value_len.to_le_bytes());
        out.extend_from_slice(&self.at.0.to_le_bytes());
        out.extend_from_slice(self.key);
        out.extend_from_slice(self.value.unwrap_or_default());
        let crc = crc32fast::hash(&out[start + 4..]);
        out[start..start + 4].copy_from_slice(&crc.to_le_bytes());
        u32::try_from(out.len() - start).ok()
    }

    /// The first entry of these bytes and its length, when it is sound.
    pub(in crate::store) fn decode(bytes: &'a [u8]) -> Option<(Self, usize)> {
        let mut rest = bytes;
        let crc = u32::from_le_bytes(take(&mut rest)?);
        let key_len = usize::from(u16::from_le_bytes(take(&mut rest)?));
        let value_len = u32::from_le_bytes(take(&mut rest)?);
        let at = Timestamp(u64::from_le_bytes(take(&mut rest)?));
        let key = rest.split_off(..key_len)?;
        let value = match value_len {
            REMOVED => None,
            len => Some(rest.split_off(..len as usize)?),
        };
        let len = bytes.len() - rest.len();
        (crc32fast::hash(&bytes[4..len]) == crc).then_some((Self { key, value, at }, len))
    }
}

/// Entries that are to be one frame.
#[derive(Debug)]
pub(in crate::store) struct Entries {
    /// Room for the header, and the entries behind it.
    frame: Vec<u8>,
    /// Where each begins in the frame, and its length.
    pub(super) places: Vec<(usize, u32)>,
}

/// So much memory is kept for the next frame.
const KEPT_BYTES: usize = 1 << 20;

impl Default for Entries {
    fn default() -> Self {
        Self { frame: vec![0; FrameHeader::LEN], places: Vec::new() }
    }
}

impl Entries {
    /// Forgets them, for the next frame.
    pub(in crate::store) fn clear(&mut self) {
        self.frame.truncate(FrameHeader::LEN);
        self.frame.shrink_to(KEPT_BYTES);
        self.places.clear();
    }

    /// One more; false when it is too large.
    #[must_use]
    pub(in crate::store) fn push(&mut self, entry: Entry<'_>) -> bool {
        let start = self.frame.len();
        let Some(len) = entry.encode(&mut self.frame) else {
            self.frame.truncate(start);
            return false;
        };
        self.places.push((start, len));
        true
    }

    /// The frame of them; none when it is too large to be written.
    pub(super) fn frame(&mut self, id: &LogId, number: u64, oldest: u64) -> Option<&[u8]> {
        let len = u32::try_from(self.frame.len() - FrameHeader::LEN).ok()?;
        FrameHeader::encode_before(&mut self.frame, id, number, oldest, len);
        Some(&self.frame)
    }
}

/// The entries of a sound frame, with where each begins; it ends early where one makes no sense.
pub(super) fn entries_of(frame: &[u8]) -> impl Iterator<Item = (usize, u32, Entry<'_>)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let (entry, len) = Entry::decode(frame.get(start..)?)?;
        let place = start;
        start += len;
        Some((place, u32::try_from(len).ok()?, entry))
    })
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    bytes.split_off(..N)?.try_into().ok()
}
