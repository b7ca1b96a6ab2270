//! The runtime of a server under test: the daemon's own, but that each of its threads stays on a core.
//!
//! With few cores the kernel at times leaves two threads on one of them for seconds, while the load has another for
//! itself. A server is then measured as half of what it is, this one or the other.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering},
};
use tokio::runtime::{Builder, Runtime};

pub(super) fn runtime() -> io::Result<Runtime> {
    let cores = cores()?;
    let threads = AtomicUsize::new(0);
    let stay = move || {
        let turn = threads.fetch_add(1, Ordering::Relaxed) % cores.len();
        let mut one = CpuSet::new();
        one.set(cores[turn]);
        // Where it is not allowed, the thread goes where the kernel wants it.
        let _ = sched_setaffinity(None, &one);
    };
    Builder::new_multi_thread().enable_all().on_thread_start(stay).build()
}

/// Those that this process may use.
fn cores() -> io::Result<Vec<usize>> {
    let allowed = sched_getaffinity(None)?;
    Ok((0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core)).collect())
}
