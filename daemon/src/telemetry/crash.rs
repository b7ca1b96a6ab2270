//! Points at which a test lets the process die, as a power cut would end it: no destructor runs, nothing is flushed.
//!
//! They are compiled in by the feature `crash-points` only. At most one is armed, and the process dies at its n-th
//! passage. `app::crash` knows all names.

use std::{
    io::{self, Write as _},
    process,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// The variable of the environment that says where to die: `name` or `name:passage`, passages from 1.
pub const VARIABLE: &str = "ORDERD_CRASH_POINT";

static ARMED: OnceLock<Armed> = OnceLock::new();

struct Armed {
    point: String,
    passages_left: AtomicU64,
}

/// There is no such point, or no such passage.
#[derive(Debug, thiserror::Error)]
#[error("{VARIABLE}: {0:?} is no crash point; `orderd crash-points` lists them")]
pub struct UnknownPoint(String);

/// Has the process die where `wish` says, which must be one of the known points. Only the first call counts.
///
/// # Errors
/// When there is no such point.
pub fn arm(wish: &str, known: &[String]) -> Result<(), UnknownPoint> {
    let unknown = || UnknownPoint(wish.to_owned());
    let (point, passage) = wish.split_once(':').unwrap_or((wish, "1"));
    let passage: u64 = passage.parse().map_err(|_| unknown())?;
    if passage == 0 || !known.iter().any(|known| known == point) {
        return Err(unknown());
    }
    ARMED.get_or_init(|| Armed { point: point.to_owned(), passages_left: AtomicU64::new(passage) });
    Ok(())
}

/// Passes a point: the process dies if it is the armed one and this the passage.
pub fn pass(point: &str) {
    if is_due(point) {
        die(point);
    }
}

/// Counts a passage, and tells whether it is the one to die at.
pub fn is_due(point: &str) -> bool {
    ARMED
        .get()
        .is_some_and(|armed| armed.point == point && armed.passages_left.fetch_sub(1, Ordering::SeqCst) == 1)
}

/// Ends the process at once. The last words tell this end from any other abort.
pub fn die(point: &str) -> ! {
    // Where standard error is closed there is nobody to tell.
    writeln!(io::stderr(), "died at crash point {point}").ok();
    process::abort()
}

/// Points within the disk store's write of one batch, in the order in which it passes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WritePoint {
    /// The system has the frame.
    Appended,
    /// It is on stable storage.
    Synced,
    /// The mark says that it was acknowledged; nobody was told.
    Marked,
    /// The index leads to it.
    Indexed,
}

impl WritePoint {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Appended, Self::Synced, Self::Marked, Self::Indexed];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Appended => "store.appended",
            Self::Synced => "store.synced",
            Self::Marked => "store.marked",
            Self::Indexed => "store.indexed",
        }
    }

    /// [Passes](pass) it.
    pub fn pass(self) {
        pass(self.name());
    }
}
