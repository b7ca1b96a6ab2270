//! What a process did to its files, in order, as `recorder.c` wrote it down.

use std::path::PathBuf;

/// One call that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// A file was made.
    Create { inode: u64, path: PathBuf },
    /// A directory was made.
    MakeDir { inode: u64, path: PathBuf },
    /// Bytes were written; they may not be on the disk.
    Write { inode: u64, offset: usize, data: Vec<u8> },
    /// A file's length was set.
    Truncate { inode: u64, length: usize },
    /// `fsync` or `fdatasync` of a file or directory.
    Sync { inode: u64, call: SyncCall },
    /// A file got another name.
    Rename { from: PathBuf, to: PathBuf },
    /// A name went away.
    Remove { path: PathBuf },
    /// The process told the world something.
    Say(String),
}

/// Which of the two calls that reach the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SyncCall {
    Fsync,
    Fdatasync,
}

/// Reads a whole trace; a last entry that the end of the process cut off is left out.
pub(super) fn read(mut bytes: &[u8]) -> Vec<Call> {
    std::iter::from_fn(|| take_call(&mut bytes)).collect()
}

fn take_call(rest: &mut &[u8]) -> Option<Call> {
    let [kind] = take_array(rest)?;
    let inode = u64::from_ne_bytes(take_array(rest)?);
    let number = u64::from_ne_bytes(take_array(rest)?);
    let lengths = [u32::from_ne_bytes(take_array(rest)?), u32::from_ne_bytes(take_array(rest)?)];
    let [path, data] = lengths.map(|length| rest.split_off(..length as usize));
    let (path, data) = (text(path?), data?);
    let number = number as usize;
    Some(match kind {
        b'c' => Call::Create { inode, path: path.into() },
        b'd' => Call::MakeDir { inode, path: path.into() },
        b'w' => Call::Write { inode, offset: number, data: data.to_vec() },
        b't' => Call::Truncate { inode, length: number },
        b's' if number == 1 => Call::Sync { inode, call: SyncCall::Fdatasync },
        b's' => Call::Sync { inode, call: SyncCall::Fsync },
        b'r' => Call::Rename { from: path.into(), to: text(data).into() },
        b'u' => Call::Remove { path: path.into() },
        b'a' => Call::Say(text(data)),
        other => panic!("{other} is no kind of entry"),
    })
}

fn take_array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    rest.split_off(..N).map(|bytes| bytes.try_into().unwrap())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
