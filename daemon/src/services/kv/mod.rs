//! A small memory for each plugin: keys and values that are on the disk when the plugin is told so.
//!
//! It is small (`plugins.NAME.kv_max_kib`), so all of it is held in memory, and each change writes all of it anew: a
//! whole file under another name, synced, takes the place of the old one. There is no torn tail to cut and nothing to
//! reclaim, and one checksum tells whether the file is what was written. Changes that come while the disk is busy go
//! out together.

mod book;
mod file;
mod store;

pub(super) use store::KvStore;
