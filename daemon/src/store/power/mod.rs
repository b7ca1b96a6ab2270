//! A loss of power at any moment. A process works on a store while everything that it does to its files is
//! recorded; then the disk is rebuilt as it may be after each of many moments, and a store opened on it must hold
//! whatever the process had told the world by then.

mod media;
mod trace;

use super::{
    Applied, SledStore, Store, StoreError, index,
    samples::{self, accepted, id, step},
    worker::{self, SIGNED_SEQ, STARTS},
};
use media::{Chance, Media};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};
use tempfile::TempDir;
use trace::{Call, SyncCall};

/// What a process did to a store.
struct Recording {
    before: Media,
    calls: Vec<Call>,
}

impl Recording {
    /// Lets the worker work on this store until it has opened it so many times.
    async fn make(store: &Path, openings: usize) -> Self {
        let before = Media::of(store);
        let space = directory();
        let trace = space.path().join("trace");
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", worker::WORK, "--ignored", "--nocapture"])
            .env(worker::DIR, store)
            .env(worker::OPENINGS, openings.to_string())
            .env("LD_PRELOAD", recorder())
            .env("RECORDER_ROOT", store)
            .env("RECORDER_TRACE", &trace)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = {
            let _alone = STARTS.write().await;
            command.spawn().unwrap()
        };
        let status = process.wait_with_output().unwrap().status;
        assert!(status.success(), "the worker: {status}");
        Self { before, calls: trace::read(&fs::read(&trace).unwrap()) }
    }

    /// How many calls there are of a kind.
    fn count(&self, is_of_kind: impl Fn(&Call) -> bool) -> usize {
        self.calls.iter().filter(|call| is_of_kind(call)).count()
    }
}

/// A directory in memory where the system has such: the disk is simulated, so the real one need not be waited for.
fn directory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// The recorder, compiled once.
fn recorder() -> &'static Path {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, library) = BUILT.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let library = dir.path().join("recorder.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/power/recorder.c");
        let status = Command::new("cc")
            .args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"])
            .args([source.as_os_str(), "-o".as_ref(), library.as_os_str(), "-ldl".as_ref()])
            .status();
        assert!(status.expect("a C compiler, as Rust itself needs one to link").success());
        (dir, library)
    });
    library
}

/// The last `seq` of every order that the world had been told of by some moment.
type Told = BTreeMap<u64, u64>;

/// A disk after a loss of power.
struct Outage {
    dir: TempDir,
    told: Told,
    /// When it was lost, and how.
    place: String,
}

/// Whether this is a file of the log.
fn is_log(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "log")
}

/// Whether this is a file of the index.
fn is_of_index(path: &Path) -> bool {
    path.components().any(|component| component.as_os_str() == "index")
}

/// Loses the power about once in `rarity` calls; the same seed does it at the same calls in the same way.
fn lose_power(recording: &Recording, seed: u64, rarity: usize) -> impl Iterator<Item = Outage> {
    lose_power_when(recording, seed, move |_, chance| chance.of(rarity))
}

/// Loses the power after each call for which this holds.
fn lose_power_when(
    recording: &Recording,
    seed: u64,
    is_lost: impl Fn(usize, &mut Chance) -> bool,
) -> impl Iterator<Item = Outage> {
    let mut chance = Chance(seed);
    let mut media = recording.before.clone();
    let mut told = Told::new();
    recording.calls.iter().enumerate().filter_map(move |(index, call)| {
        media.apply(call);
        if let Call::Say(text) = call {
            told.extend(text.lines().filter_map(worker::acknowledgement));
        }
        is_lost(index, &mut chance).then(|| {
            let place = format!("seed {seed}, after call {index}, {chance:?}");
            let dir = directory();
            media.image(dir.path(), &mut chance);
            Outage { dir, told: told.clone(), place }
        })
    })
}

/// Opens a store on what is left, and compares it with what the world was told.
async fn examine(outage: &Outage) -> Result<(), String> {
    let _quiet = STARTS.read().await;
    let text = |error: StoreError| error.to_string();
    let store = SledStore::open(worker::small(outage.dir.path()), Box::new(|_| ())).map_err(text)?;
    let seqs = worker::all_orders(&store).await.map_err(text)?;
    for (number, told) in &outage.told {
        let seq = seqs.get(number).copied().unwrap_or(0);
        if seq == 0 && worker::may_be_gone(*number, *told) {
            continue;
        }
        if seq < *told {
            return Err(format!("order {number}: seq {told} was told, {seq} is there"));
        }
    }
    let lanes = store.lanes().await.map_err(text)?;
    for (number, _) in seqs.iter().filter(|(_, seq)| **seq >= SIGNED_SEQ) {
        let lane = samples::lane(&worker::account_of(*number));
        let (next, taken) = (lanes.get(&lane).copied().unwrap_or(0), worker::sequence_of(*number));
        if next <= taken {
            return Err(format!("order {number} has sequence {taken}, its lane stands at {next}"));
        }
    }
    // The key of one that may be gone may be gone, too.
    let mut kept = outage.told.iter().filter(|(number, seq)| !worker::may_be_gone(**number, **seq));
    for (number, _) in kept.next().into_iter().chain(kept.next_back()) {
        claim_again(&store, *number).await?;
    }
    store.close().await.map_err(text)
}

/// Tries to take an acknowledged order's idempotency key.
async fn claim_again(store: &SledStore, number: u64) -> Result<(), String> {
    let rival = samples::with_claim(step(&accepted(u64::MAX >> 8), 1), &number.to_string(), 1);
    let receipt = store.commit(rival).await.map_err(|error| error.to_string())?;
    let applied = receipt.durable().await.map_err(|error| error.to_string())?;
    match applied == (Applied::Claimed { by: id(number), same_request: true }) {
        true => Ok(()),
        false => Err(format!("the key of order {number}: {applied:?}")),
    }
}

/// Loses the power until a disk is found wanting, and tells how many were not.
async fn try_to_lose(recording: &Recording, seed: u64, rarity: usize) -> Result<usize, String> {
    let mut count = 0;
    for outage in lose_power(recording, seed, rarity) {
        let found = examine(&outage).await;
        found.map_err(|found| format!("{}: {found}", outage.place))?;
        count += 1;
    }
    Ok(count)
}

#[tokio::test]
async fn every_acknowledged_change_survives_a_loss_of_power() {
    let dir = directory();
    let recording = Recording::make(dir.path(), 4).await;
    let files = recording.count(|call| matches!(call, Call::Create { path, .. } if is_log(path)));
    let freed = recording.count(|call| matches!(call, Call::Remove { path } if is_log(path)));
    assert!(files > 10 && freed > 5, "{files} files, {freed} of them freed");
    let mut examined = 0;
    for seed in 0..2 {
        examined += try_to_lose(&recording, seed, 30).await.unwrap();
    }
    assert!(examined > 200, "{examined} losses of power");
}

/// The end of a file of the log: its run is written, then the checkpoint, and runs that are not needed are removed.
/// Each of the calls may be the last one.
#[tokio::test]
async fn every_acknowledged_change_survives_a_loss_of_power_while_the_index_is_kept() {
    let dir = directory();
    let recording = Recording::make(dir.path(), 2).await;
    let is_near = |index: usize| {
        let near = &recording.calls[index.saturating_sub(3)..=index];
        near.iter().any(|call| {
            matches!(call, Call::Create { path, .. } | Call::Rename { to: path, .. } | Call::Remove { path }
                if is_of_index(path))
        })
    };
    let (mut examined, mut believed) = (0, 0);
    for outage in lose_power_when(&recording, 3, |index, chance| is_near(index) && chance.of(6)) {
        believed += usize::from(index::has_checkpoint(&outage.dir.path().join("index")));
        examine(&outage).await.unwrap_or_else(|found| panic!("{}: {found}", outage.place));
        examined += 1;
    }
    assert!(examined > 30 && believed > 15, "{examined} losses of power, {believed} with a checkpoint");
}

/// What is left is worked on, and the power is lost again.
#[tokio::test]
async fn every_acknowledged_change_survives_one_loss_of_power_after_the_other() {
    let dir = directory();
    let recording = Recording::make(dir.path(), 2).await;
    for first in lose_power(&recording, 7, recording.calls.len() / 6) {
        let again = Recording::make(first.dir.path(), 1).await;
        for mut outage in lose_power(&again, 8, 60) {
            outage.told =
                first.told.iter().chain(&outage.told).map(|(number, seq)| (*number, *seq)).collect();
            examine(&outage)
                .await
                .unwrap_or_else(|found| panic!("{}, {}: {found}", first.place, outage.place));
        }
    }
}

/// A process was killed when it had made this call; the next one works on what it left, and the power is lost about
/// once in `rarity` calls of that one.
async fn lose_power_after_a_kill(recording: &Recording, last: usize, rarity: usize) {
    let mut media = recording.before.clone();
    let mut told = Told::new();
    for call in &recording.calls[..=last] {
        media.apply(call);
        if let Call::Say(text) = call {
            told.extend(text.lines().filter_map(worker::acknowledgement));
        }
    }
    let next = directory();
    let before = media.killed(next.path());
    let again = Recording { before, ..Recording::make(next.path(), 1).await };
    for mut outage in lose_power(&again, last as u64, rarity).take(20) {
        outage.told = told.iter().chain(&outage.told).map(|(number, seq)| (*number, *seq)).collect();
        examine(&outage).await.unwrap_or_else(|found| panic!("call {last}, {}: {found}", outage.place));
    }
}

/// Whether the last of these calls wrote something that was synced next.
fn is_write_before_sync(calls: &[Call]) -> bool {
    let [.., Call::Write { inode: written, .. }, Call::Sync { inode: synced, .. }] = calls else {
        return false;
    };
    written == synced
}

/// What a process reads after a kill may be in memory only: the next start has to see to it before anything is done
/// about it.
#[tokio::test]
async fn every_acknowledged_change_survives_a_loss_of_power_after_a_kill() {
    let dir = directory();
    let recording = Recording::make(dir.path(), 1).await;
    let is_write = |last: &usize| is_write_before_sync(&recording.calls[*last..][..2]);
    for last in (0..recording.calls.len() - 1).filter(is_write).step_by(20) {
        lose_power_after_a_kill(&recording, last, 20).await;
    }
}

/// A file of the log whose name is in memory only says which older ones do not count any more.
#[tokio::test]
async fn every_acknowledged_change_survives_a_loss_of_power_after_a_kill_at_a_new_file() {
    let dir = directory();
    let recording = Recording::make(dir.path(), 1).await;
    let is_header = |last: &usize| {
        matches!(&recording.calls[last - 1], Call::Create { path, .. } if is_log(path))
            && is_write_before_sync(&recording.calls[*last..][..2])
    };
    let headers: Vec<_> = (1..recording.calls.len() - 1).filter(is_header).collect();
    assert!(headers.len() > 10, "{} files", headers.len());
    for last in headers.into_iter().step_by(3) {
        lose_power_after_a_kill(&recording, last, 2).await;
    }
}

/// A recording in which the store did something wrong must be found out.
async fn assert_found_out(calls: Vec<Call>, before: &Media) {
    let planted = Recording { before: before.clone(), calls };
    for seed in 0..20 {
        if try_to_lose(&planted, seed, 30).await.is_err() {
            return;
        }
    }
    panic!("nothing was lost");
}

#[tokio::test]
async fn a_store_that_does_not_sync_is_found_out() {
    let dir = directory();
    let Recording { before, calls } = Recording::make(dir.path(), 2).await;
    let is_data = |call: &Call| matches!(call, Call::Sync { call: SyncCall::Fdatasync, .. });
    assert_found_out(calls.iter().filter(|call| !is_data(call)).cloned().collect(), &before).await;
    let is_whole = |call: &Call| matches!(call, Call::Sync { call: SyncCall::Fsync, .. });
    assert_found_out(calls.into_iter().filter(|call| !is_whole(call)).collect(), &before).await;
}

/// What sled does: space is given up when what was in it has been copied, and the copy may not be on the disk.
#[tokio::test]
async fn a_store_that_frees_space_too_early_is_found_out() {
    let dir = directory();
    let Recording { before, mut calls } = Recording::make(dir.path(), 2).await;
    let is_data = |call: &Call| matches!(call, Call::Sync { call: SyncCall::Fdatasync, .. });
    for index in 0..calls.len() {
        if matches!(&calls[index], Call::Remove { path } if is_log(path)) {
            let syncs = (0..index).rev().filter(|earlier| is_data(&calls[*earlier]));
            let second = syncs.take(2).last().unwrap();
            calls[second..=index].rotate_right(1);
        }
    }
    assert_found_out(calls, &before).await;
}
