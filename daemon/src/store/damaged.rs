//! What was acknowledged and is not there any more, or not as it was: it is refused by name, nothing is changed by
//! that, and what is left can be taken out.

use super::{
    ArchiveError, Completeness, SledStore, Store, StoreError, export, import,
    samples::{self, accepted, after, step},
    worker::{self, STARTS},
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const ORDERS: u64 = 60;

/// A store of several files, closed; how its log looks.
async fn filled() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    for number in 0..ORDERS {
        let order = worker::large(number, 4_000);
        let change = samples::with_lane(step(&order, 1), "main", number + 1);
        let change = samples::with_claim(change, &number.to_string(), 1);
        store.commit(change).await.unwrap().durable().await.unwrap();
        if number % 3 == 0 {
            let over = step(&after(&order, samples::expired()), 1);
            store.commit(over).await.unwrap().durable().await.unwrap();
        }
    }
    store.close().await.unwrap();
    assert!(logs(dir.path()).len() >= 4, "several files");
    dir
}

fn open(dir: &Path) -> Result<SledStore, StoreError> {
    SledStore::open(worker::small(dir), Box::new(|_| ()))
}

/// What is wrong, as a start finds out, or what goes on behind it; then the next start finds out too, whatever was done
/// meanwhile.
fn find_damage(dir: &Path) -> Result<(), StoreError> {
    let store = open(dir)?;
    store.prove();
    let Some(found) = store.failure() else {
        return Ok(());
    };
    drop(store);
    let again = open(dir).map(drop);
    assert!(matches!(again, Err(StoreError::Damaged { .. })), "{found}, and then {again:?}");
    Err(found)
}

/// The files of the log, oldest first.
fn logs(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(dir.join("log")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Everything that counts of a store.
fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = logs(dir).into_iter().chain([dir.join("mark")]);
    files.filter_map(|path| Some((path.clone(), fs::read(path).ok()?))).collect()
}

fn flip(file: &Path, offset: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[offset] ^= 1;
    fs::write(file, bytes).unwrap();
}

fn cut(file: &Path, bytes: u64) {
    let file = fs::OpenOptions::new().write(true).open(file).unwrap();
    file.set_len(file.metadata().unwrap().len() - bytes).unwrap();
}

/// Takes out what is left, and counts the orders in it: how many the export has, and how many a store made of it.
async fn rescue(dir: &Path) -> (u64, u64) {
    let (mut archive, mut told) = (Vec::new(), Vec::new());
    let exported = export(dir, &mut archive, &mut |problem| told.push(problem.to_owned())).unwrap();
    assert_eq!(exported.unreadable, told.len() as u64, "{told:?}");
    let new = tempfile::tempdir().unwrap();
    let place = new.path().join("store");
    let refused = import(&place, &mut archive.as_slice(), Completeness::Whole, &mut |_| ());
    assert!(matches!(refused, Err(ArchiveError::Incomplete(_))), "{refused:?}");
    assert!(!place.exists());
    let mut left_out = 0;
    let mut tell = |_: &str| left_out += 1;
    let imported = import(&place, &mut archive.as_slice(), Completeness::Partial, &mut tell).unwrap();
    assert_eq!(imported.left_out, left_out);
    assert_eq!(imported.orders + left_out, exported.orders);
    assert!(imported.idempotency_keys <= imported.orders, "no key without its order");
    let store = open(&place).unwrap();
    assert_eq!(store.live().await.unwrap(), [], "nobody knows how far those were");
    (exported.orders, worker::all_orders(&store).await.unwrap().len() as u64)
}

type Wreck = fn(&Path, &[PathBuf]);

#[tokio::test]
async fn damage_is_named_and_changes_nothing_and_the_rest_can_be_taken_out() {
    let _quiet = STARTS.read().await;
    let cases: [(&str, Wreck, &str, &str); 11] = [
        ("the end is cut off", |_, logs| cut(&logs[logs.len() - 1], 10), "last", "was acknowledged"),
        (
            "the newest file is empty",
            |_, logs| fs::write(&logs[logs.len() - 1], "").unwrap(),
            "last",
            "beginning",
        ),
        (
            "the newest file is gone",
            |_, logs| fs::remove_file(&logs[logs.len() - 1]).unwrap(),
            "any",
            "it ends with",
        ),
        ("the newest file is flipped", |_, logs| flip(&logs[logs.len() - 1], 3_000), "last", "is damaged"),
        ("the oldest file is flipped", |_, logs| flip(&logs[0], 30_000), "first", "is damaged"),
        ("the oldest file is gone", |_, logs| fs::remove_file(&logs[0]).unwrap(), "first", "is missing"),
        (
            "a file in the middle is gone",
            |_, logs| fs::remove_file(&logs[1]).unwrap(),
            "second",
            "is missing",
        ),
        ("a file in the middle is cut", |_, logs| cut(&logs[1], 1_000), "second", "is damaged"),
        ("a file is garbage", |_, logs| fs::write(&logs[1], [7; 70_000]).unwrap(), "second", "beginning"),
        ("the mark is gone", |dir, _| fs::remove_file(dir.join("mark")).unwrap(), "mark", "is missing"),
        ("the mark is garbage", |dir, _| fs::write(dir.join("mark"), "x").unwrap(), "mark", "not the mark"),
    ];
    for (case, wreck, place, expected) in cases {
        let dir = filled().await;
        let before = logs(dir.path());
        wreck(dir.path(), &before);
        let left = contents(dir.path());
        let Err(StoreError::Damaged { file, reason }) = find_damage(dir.path()) else {
            panic!("{case}: it was not refused");
        };
        let named = match place {
            "first" => Some(before[0].clone()),
            "second" => Some(before[1].clone()),
            "last" => before.last().cloned(),
            "mark" => Some(dir.path().join("mark")),
            _ => None,
        };
        assert!(named.is_none_or(|named| named == file), "{case}: {}", file.display());
        assert!(reason.contains(expected), "{case}: {reason}");
        assert_eq!(contents(dir.path()), left, "{case}: refusing changes nothing");
        let (exported, imported) = rescue(dir.path()).await;
        assert!(exported >= ORDERS / 2, "{case}: {exported} orders were taken out");
        assert!((ORDERS / 6..exported).contains(&imported), "{case}: {imported} of them were over");
    }
}

#[tokio::test]
async fn a_log_without_files_is_refused() {
    let _quiet = STARTS.read().await;
    let dir = filled().await;
    fs::remove_dir_all(dir.path().join("log")).unwrap();
    let Err(StoreError::Damaged { reason, .. }) = open(dir.path()) else {
        panic!("it began anew");
    };
    assert!(reason.contains("it has no files"), "{reason}");
}

#[tokio::test]
async fn a_file_of_another_store_is_refused() {
    let _quiet = STARTS.read().await;
    let (dir, other) = (filled().await, filled().await);
    fs::copy(&logs(other.path())[0], &logs(dir.path())[0]).unwrap();
    assert!(matches!(open(dir.path()), Err(StoreError::Damaged { .. })));
}

/// The files in a directory and below it.
fn files_below(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// What there is of the index is read rightly or found out, and the next start has all of it.
async fn assert_index_may_be(dir: &Path, case: &str) {
    let store = open(dir).unwrap();
    store.prove();
    match worker::all_orders(&store).await {
        Ok(orders) if store.failure().is_none() => assert_eq!(orders.len() as u64, ORDERS, "{case}"),
        Ok(_) | Err(StoreError::Corrupt { .. }) => {
            drop(store);
            let store = open(dir).unwrap();
            assert_eq!(worker::all_orders(&store).await.unwrap().len() as u64, ORDERS, "{case}");
            store.prove();
            assert!(store.failure().is_none(), "{case}");
        }
        Err(error) => panic!("{case}: {error}"),
    }
}

#[tokio::test]
async fn the_index_may_be_anything() {
    let _quiet = STARTS.read().await;
    let dir = filled().await;
    let index = dir.path().join("index");
    let sound: Vec<_> =
        files_below(&index).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    assert!(sound.len() >= 5, "runs, a catalogue and its seal");
    for (path, bytes) in &sound {
        let restore = || {
            fs::remove_dir_all(&index).unwrap();
            for (path, bytes) in &sound {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
        };
        for offset in (0..bytes.len()).step_by(bytes.len() / 7 + 1).chain([bytes.len() - 1]) {
            restore();
            flip(path, offset);
            assert_index_may_be(dir.path(), &format!("byte {offset} of {}", path.display())).await;
        }
        for other in [&[][..], &[9; 100_000], &bytes[..bytes.len() / 2]] {
            restore();
            fs::write(path, other).unwrap();
            assert_index_may_be(dir.path(), &format!("{} bytes in {}", other.len(), path.display())).await;
        }
        restore();
        fs::remove_file(path).unwrap();
        assert_index_may_be(dir.path(), &format!("no {}", path.display())).await;
    }
    fs::remove_dir_all(&index).unwrap();
    assert_index_may_be(dir.path(), "no index").await;
}

/// Damage in a file that the start has not read ends the store as a disk does that refuses.
#[tokio::test]
async fn damage_that_is_found_behind_the_start_ends_the_store() {
    let _quiet = STARTS.read().await;
    let dir = filled().await;
    let first = logs(dir.path())[0].clone();
    flip(&first, 30_000);
    let store = open(dir.path()).unwrap();
    store.prove();
    let is_told = |error: &StoreError| matches!(error, StoreError::Damaged { file, .. } if *file == first);
    assert!(store.failure().as_ref().is_some_and(is_told), "{:?}", store.failure());
    for number in 100..102 {
        let refused = store.commit(step(&accepted(number), 1)).await;
        assert!(refused.as_ref().is_err_and(is_told), "{refused:?}");
    }
    assert!(store.close().await.as_ref().is_err_and(is_told));
    drop(store);
    assert!(open(dir.path()).as_ref().is_err_and(is_told), "the next start reads all of it");
}

/// What a store writes after something of it was found to be wrong is not believed by the next start either.
#[tokio::test]
async fn a_store_with_a_rotten_record_is_read_as_a_whole_by_the_next_start() {
    let _quiet = STARTS.read().await;
    let dir = filled().await;
    let order = accepted(0);
    let store = open(dir.path()).unwrap();
    // Before anything else of the file is found out.
    store.stop_proving();
    let first = logs(dir.path())[0].clone();
    let length = fs::metadata(&first).unwrap().len() as usize;
    for offset in (100..length).step_by(1_000) {
        flip(&first, offset);
    }
    assert!(matches!(store.load(order.id).await, Err(StoreError::Corrupt { .. })));
    for number in 100..140 {
        let change = step(&worker::large(number, 4_000), 1);
        store.commit(change).await.unwrap().durable().await.unwrap();
    }
    drop(store);
    assert!(matches!(open(dir.path()), Err(StoreError::Damaged { .. })));
}

#[tokio::test]
async fn a_store_that_is_closed_does_not_wait_for_its_proof() {
    let _quiet = STARTS.read().await;
    let dir = filled().await;
    let store = open(dir.path()).unwrap();
    store.close().await.unwrap();
    assert!(store.failure().is_none());
    drop(store);
    assert!(find_damage(dir.path()).is_ok());
}

/// Wherever a bit of the log flips, the start finds out or what goes on behind it; where one of the mark does, the store
/// opens whole or not.
#[tokio::test]
async fn no_flipped_bit_goes_unnoticed() {
    let _quiet = STARTS.read().await;
    let dir = filled().await;
    for file in logs(dir.path()) {
        let length = fs::metadata(&file).unwrap().len() as usize;
        for offset in (0..60).chain((60..length).step_by(length / 15)).chain([length - 1]) {
            flip(&file, offset);
            let found = find_damage(dir.path());
            assert!(matches!(found, Err(StoreError::Damaged { .. })), "byte {offset} of {}", file.display());
            flip(&file, offset);
        }
    }
    let mark = dir.path().join("mark");
    let sound = fs::read(&mark).unwrap();
    for offset in (0..40).chain(4096..4136) {
        flip(&mark, offset);
        if let Ok(store) = open(dir.path()) {
            assert_eq!(worker::all_orders(&store).await.unwrap().len() as u64, ORDERS);
        }
        fs::write(&mark, &sound).unwrap();
    }
}

#[tokio::test]
async fn a_record_that_rots_while_the_store_is_open_is_named() {
    let _quiet = STARTS.read().await;
    let dir = filled().await;
    let store = open(dir.path()).unwrap();
    let order = accepted(3);
    for file in logs(dir.path()) {
        let length = fs::metadata(&file).unwrap().len() as usize;
        fs::write(&file, vec![0xff; length]).unwrap();
    }
    let Err(StoreError::Corrupt { what, reason }) = store.load(order.id).await else {
        panic!("it was read");
    };
    assert_eq!(what, format!("order {}", order.id));
    assert!(reason.contains(".log is damaged at byte"), "{reason}");
}

#[tokio::test]
async fn a_store_in_use_is_not_exported() {
    let _quiet = STARTS.read().await;
    let dir = filled().await;
    let _store = open(dir.path()).unwrap();
    let exported = export(dir.path(), &mut Vec::new(), &mut |_| ());
    assert!(matches!(exported, Err(ArchiveError::Store(StoreError::Locked(_)))), "{exported:?}");
}

/// Makes the header of a file say that it has this version, with the checksum that goes with it.
fn pretend(file: &Path, version: u32) {
    let mut bytes = fs::read(file).unwrap();
    bytes[8..12].copy_from_slice(&version.to_le_bytes());
    let crc = crc32fast::hash(&bytes[..44]);
    bytes[44..48].copy_from_slice(&crc.to_le_bytes());
    fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn a_log_of_another_format_is_refused_and_not_taken_for_damage() {
    let _quiet = STARTS.read().await;
    for version in [1, 3] {
        let dir = filled().await;
        pretend(&logs(dir.path())[1], version);
        let left = contents(dir.path());
        let Err(StoreError::Open { path, reason }) = open(dir.path()) else {
            panic!("version {version} was opened");
        };
        assert_eq!(path, logs(dir.path())[1]);
        assert!(reason.contains(&format!("version {version} of the log's format")), "{reason}");
        let exported = export(dir.path(), &mut Vec::new(), &mut |_| ());
        assert!(matches!(exported, Err(ArchiveError::Store(StoreError::Open { .. }))), "{exported:?}");
        assert_eq!(contents(dir.path()), left);
    }
}
