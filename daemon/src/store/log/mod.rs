//! The log: every write of the store in order, in files of its own, and nothing that was synced ever changes.
//!
//! A batch of writes is one [`frame`], numbered without a hole, with a checksum over all of it. It is appended to
//! the newest file and synced before the next one is written, so at most the last frame can be torn: a damaged frame
//! that is followed by a good one, or that was acknowledged, proves damage. How far it was acknowledged is noted
//! apart from the log, in the [`mark`].
//!
//! Space is freed at the old end only. What is still wanted of the oldest file is appended once more at the new
//! end; each frame says which file is the oldest that counts, and what is older is removed when that frame is
//! durable. So no byte is overwritten, and no file is removed before what replaces it is on the disk.

mod damage;
mod files;
mod frame;
mod mark;
mod opening;
mod reader;
mod salvage;
mod writer;

pub(super) use damage::Damage;
pub(super) use files::Files;
pub(super) use frame::{Entries, Entry, LogId, Position};
pub(super) use opening::find;
pub(super) use reader::{Frames, Step};
pub(super) use salvage::{is_there, salvage};
pub(super) use writer::Log;
