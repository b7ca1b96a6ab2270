//! Which venues operators have disabled, kept in a small file: a venue that somebody had reason to disable must not come
//! back by a restart.

use super::durable::{on_a_thread, read, replace};
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::Mutex;

/// The names of disabled venues, one a line. Names that are not configured any more are kept.
#[derive(Clone)]
pub(super) struct Switches {
    file: PathBuf,
    disabled: Arc<Mutex<BTreeSet<String>>>,
}

impl Switches {
    /// Reads what was disabled before.
    pub(super) async fn open(data_dir: &Path) -> io::Result<(Self, BTreeSet<String>)> {
        let file = data_dir.join("disabled-venues");
        let path = file.clone();
        let text = on_a_thread(move || read(&path)).await?.unwrap_or_default();
        let text = String::from_utf8(text).map_err(io::Error::other)?;
        let names: BTreeSet<_> = text.lines().map(str::to_owned).collect();
        Ok((Self { file, disabled: Arc::new(Mutex::new(names.clone())) }, names))
    }

    /// Writes down whether a venue is disabled. It is on stable storage when this returns.
    pub(super) async fn keep(&self, venue: &str, is_disabled: bool) -> io::Result<()> {
        let mut disabled = self.disabled.lock().await;
        let mut next = disabled.clone();
        match is_disabled {
            true => next.insert(venue.to_owned()),
            false => next.remove(venue),
        };
        let (file, text) =
            (self.file.clone(), next.iter().map(|name| format!("{name}\n")).collect::<String>());
        on_a_thread(move || replace(&file, text.as_bytes())).await?;
        *disabled = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_disabled_is_found_again_and_what_was_enabled_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (switches, before) = Switches::open(folder.path()).await.unwrap();
        assert_eq!(before, BTreeSet::new());
        for (venue, is_disabled) in [("a", true), ("b", true), ("a", false), ("b", true)] {
            switches.keep(venue, is_disabled).await.unwrap();
        }
        let (switches, names) = Switches::open(folder.path()).await.unwrap();
        assert_eq!(names, BTreeSet::from(["b".to_owned()]));
        switches.keep("b", false).await.unwrap();
        assert_eq!(Switches::open(folder.path()).await.unwrap().1, BTreeSet::new());
        folder.close().unwrap();
        assert!(switches.keep("b", true).await.is_err());
    }
}
