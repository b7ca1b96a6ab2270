//! The file system in which a folder lies.

use anyhow::Context;
use std::{fs, path::Path};

/// Its kind and what it is on, such as `ext4 on /dev/vda`.
pub(super) fn describe(folder: &Path) -> anyhow::Result<String> {
    let folder = fs::canonicalize(folder)?;
    let table = fs::read_to_string("/proc/self/mountinfo")?;
    let mounts = table.lines().filter_map(|line| {
        // Its place is the fifth field; its kind and what it is on follow a hyphen.
        let (places, kind) = line.split_once(" - ")?;
        let place = places.split(' ').nth(4).filter(|place| folder.starts_with(place))?;
        let mut kind = kind.split(' ');
        Some((place.len(), format!("{} on {}", kind.next()?, kind.next()?)))
    });
    // Of two at the same place the later one covers the other.
    Ok(mounts.max_by_key(|(length, _)| *length).context("a folder is mounted somewhere")?.1)
}
