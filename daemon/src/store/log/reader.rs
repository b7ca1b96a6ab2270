//! Reads a file of the log, frame by frame, and finds sound frames behind a damaged one.

use super::frame::{self, Entry, FileHeader, FrameHeader, LogId, Position};
use std::{fs::File, io, os::unix::fs::FileExt, path::Path};

/// The frames of one file, in order.
#[derive(Debug)]
pub(in crate::store) struct Frames {
    file: File,
    len: u64,
    pub(super) header: FileHeader,
    /// Where the next frame begins.
    offset: u64,
    /// The number that it must have.
    next: u64,
    header_bytes: [u8; FrameHeader::LEN],
    entries: Vec<u8>,
}

/// What comes next in a file.
#[derive(Debug)]
pub(in crate::store) enum Step<'a> {
    /// A sound frame with the number that it has to have.
    Frame(Frame<'a>),
    /// From this byte on there is something else.
    Broken(u64),
    /// Nothing.
    End,
}

/// A sound frame.
#[derive(Debug)]
pub(in crate::store) struct Frame<'a> {
    pub(super) oldest: u64,
    file: u64,
    offset: u64,
    entries: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Its entries, with where each lies.
    pub(in crate::store) fn entries(&self) -> impl Iterator<Item = (Position, Entry<'a>)> {
        let (file, offset) = (self.file, self.offset);
        frame::entries_of(self.entries)
            .map(move |(start, len, entry)| (Position { file, offset: offset + start as u64, len }, entry))
    }

    /// How many bytes its entries take.
    pub(in crate::store) fn len(&self) -> usize {
        self.entries.len()
    }
}

impl Frames {
    /// Opens a file; none when it does not begin as this file of this log does.
    pub(in crate::store) fn open(path: &Path, id: &LogId, first: u64) -> io::Result<Option<Self>> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        let mut header = [0; FileHeader::LEN];
        if len < header.len() as u64 {
            return Ok(None);
        }
        file.read_exact_at(&mut header, 0)?;
        let header = FileHeader::decode(&header).filter(|header| header.id == *id && header.first == first);
        Ok(header.map(|header| Self::over(file, len, header)))
    }

    /// Opens a file whatever it begins with; without a sound header its first sound frame comes first.
    pub(super) fn salvage(path: &Path, id: &LogId, first: u64) -> io::Result<Self> {
        if let Some(frames) = Self::open(path, id, first)? {
            return Ok(frames);
        }
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        let mut frames = Self::over(file, len, FileHeader { id: *id, first, oldest: 0 });
        frames.offset = 0;
        if len > 0 {
            frames.skip_damage()?;
        }
        Ok(frames)
    }

    /// The oldest file that counted when this one was made; none when its header is not sound.
    pub(super) fn oldest(&self) -> Option<u64> {
        (self.header.oldest > 0).then_some(self.header.oldest)
    }

    fn over(file: File, len: u64, header: FileHeader) -> Self {
        let header_bytes = [0; FrameHeader::LEN];
        let (offset, next) = (FileHeader::LEN as u64, header.first);
        Self { file, len, header, offset, next, header_bytes, entries: Vec::new() }
    }

    /// Reads on.
    pub(in crate::store) fn step(&mut self) -> io::Result<Step<'_>> {
        if self.offset >= self.len {
            return Ok(Step::End);
        }
        let Some(header) = self.read_frame()?.filter(|header| header.number == self.next) else {
            return Ok(Step::Broken(self.offset));
        };
        let offset = self.offset + FrameHeader::LEN as u64;
        self.offset = offset + self.entries.len() as u64;
        self.next += 1;
        Ok(Step::Frame(Frame {
            oldest: header.oldest,
            file: self.header.first,
            offset,
            entries: &self.entries,
        }))
    }

    /// Reads the frame that begins here, when there is a sound one.
    fn read_frame(&mut self) -> io::Result<Option<FrameHeader>> {
        let start = self.offset + FrameHeader::LEN as u64;
        if start > self.len {
            return Ok(None);
        }
        self.file.read_exact_at(&mut self.header_bytes, self.offset)?;
        let Some(header) = FrameHeader::decode(&self.header_bytes) else {
            return Ok(None);
        };
        if u64::from(header.len) > self.len - start {
            return Ok(None);
        }
        self.entries.resize(header.len as usize, 0);
        self.file.read_exact_at(&mut self.entries, start)?;
        Ok(header.fits(&self.header.id, &self.header_bytes, &self.entries).then_some(header))
    }

    /// Goes to the next sound frame behind the place where it is broken; its number, when there is one. Reads
    /// the rest of the file into memory.
    pub(in crate::store) fn skip_damage(&mut self) -> io::Result<Option<u64>> {
        let base = self.offset;
        let mut rest = vec![0; usize::try_from(self.len - base).unwrap_or(usize::MAX)];
        self.file.read_exact_at(&mut rest, base)?;
        let mut start = 1;
        while let Some(found) = FrameHeader::find(rest.get(start..).unwrap_or_default()) {
            self.offset = base + (start + found) as u64;
            if let Some(header) = self.read_frame()?.filter(|header| header.number >= self.next) {
                self.next = header.number;
                return Ok(Some(header.number));
            }
            start += found + 1;
        }
        self.offset = self.len;
        Ok(None)
    }

    /// How many bytes the file has.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Where the next frame begins.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The number that the next frame must have.
    pub(in crate::store) fn next(&self) -> u64 {
        self.next
    }
}

/// Whether a file without a sound header has a sound frame all the same.
pub(super) fn has_frames(path: &Path, id: &LogId, first: u64) -> io::Result<bool> {
    let mut frames = Frames::salvage(path, id, first)?;
    Ok(matches!(frames.step()?, Step::Frame(_)))
}
