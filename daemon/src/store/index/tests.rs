//! An index says what a plain map says, whatever was written, ended and opened again; and an index that does not fit its
//! log is not believed, or found out.

use super::{
    Index, Kept, Place, Slot, Wanted,
    checkpoint::Checkpoint,
    run::{self, Run},
    run_path,
};
use crate::store::{
    SledStore, Store, StoreError,
    log::{LogId, Position},
    records::{CLAIM, LIVE, OVER},
    samples::{self, accepted, after, step},
    tree::Direction,
    worker::{self, STARTS},
};
use orderd_sdk::timestamp::Timestamp;
use proptest::prelude::*;
use sled::IVec;
use std::{collections::BTreeMap, fs, ops::Bound, path::Path};

const LOG: LogId = [7; 16];
const CACHE: u64 = 1 << 20;

#[derive(Clone, Debug)]
enum Act {
    Put(IVec),
    Remove(IVec),
    /// The file of the log ends, and so many of the oldest are not needed any more.
    EndFile {
        freed: u64,
        reopen: bool,
    },
}

fn keys() -> impl Strategy<Value = IVec> {
    let prefix = prop::sample::select(vec![CLAIM, OVER, LIVE]);
    (prefix, 0..20_u8).prop_map(|(prefix, number)| IVec::from([&[prefix, number][..], &[9; 40]].concat()))
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        12 => keys().prop_map(Act::Put),
        4 => keys().prop_map(Act::Remove),
        2 => (0..2_u64, any::<bool>()).prop_map(|(freed, reopen)| Act::EndFile { freed, reopen }),
    ];
    prop::collection::vec(act, 0..150)
}

/// An index and what it has to say.
struct Pair {
    dir: tempfile::TempDir,
    index: Index,
    model: BTreeMap<IVec, Place>,
    files: BTreeMap<u64, u64>,
    file: u64,
    offset: u64,
    wanted: Wanted,
}

impl Pair {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let index = Index::create(&dir.path().join("index"), LOG, CACHE).unwrap();
        let (model, files) = (BTreeMap::new(), BTreeMap::new());
        Self { dir, index, model, files, file: 1, offset: 0, wanted: Wanted::default() }
    }

    fn set(&mut self, key: IVec, put: bool) {
        self.offset += 1;
        let position = Position { file: self.file, offset: self.offset, len: 1 + (self.offset % 5) as u32 };
        let place = Place { position, at: Timestamp(self.offset * 3) };
        let slot = match put {
            true => {
                self.model.insert(key.clone(), place);
                Slot::Value(place)
            }
            false => {
                self.model.remove(&key);
                Slot::Removed(position)
            }
        };
        self.index.set(vec![(key, slot)], &mut self.wanted).unwrap();
    }

    /// What lies in the files that are freed is moved on before.
    fn end_file(&mut self, freed: u64, reopen: bool) {
        let oldest = self.file.min(self.files.keys().next().copied().unwrap_or(1) + freed);
        let is_old = |(_, place): &(&IVec, &Place)| place.position.file < oldest;
        let old: Vec<IVec> = self.model.iter().filter(is_old).map(|(key, _)| key.clone()).collect();
        old.into_iter().for_each(|key| self.set(key, true));
        self.index.end_file(self.file).unwrap();
        self.files.insert(self.file, self.offset);
        self.file += 10;
        self.files.retain(|file, _| *file >= oldest);
        if !reopen {
            return;
        }
        self.index.keep(self.files.clone(), self.file, &self.wanted, vec![[5; 16]]).unwrap();
        let place = self.dir.path().join("index");
        let kept = Kept::read(&place).unwrap();
        let opened = Index::open(&place, kept, LOG, oldest, &self.files, CACHE).unwrap();
        let (index, known) = opened.expect("it fits");
        assert_eq!((known.next, &known.wanted), (self.file, &self.wanted));
        assert_eq!(known.recent, [[5; 16]]);
        self.index = index;
    }

    fn check(&self) {
        let mut wanted = Wanted::default();
        self.model.values().for_each(|place| wanted.add(*place));
        assert_eq!(self.wanted, wanted);
        for prefix in [CLAIM, OVER, LIVE] {
            let ends: Vec<IVec> = (0..=20).step_by(4).map(|number| IVec::from(&[prefix, number])).collect();
            for (start, end) in ends.iter().flat_map(|start| ends.iter().map(move |end| (start, end))) {
                if start < end {
                    self.check_range((Bound::Included(start.clone()), Bound::Excluded(end.clone())));
                }
            }
        }
    }

    fn check_range(&self, range: (Bound<IVec>, Bound<IVec>)) {
        let mut expected: Vec<_> =
            self.model.range(range.clone()).map(|(key, place)| (key.clone(), *place)).collect();
        let walk = |direction| self.index.range(&range, direction).map(Result::unwrap).collect::<Vec<_>>();
        assert_eq!(walk(Direction::Up), expected);
        for (key, place) in &expected {
            assert_eq!(self.index.get(key).unwrap(), Some(*place));
        }
        expected.reverse();
        assert_eq!(walk(Direction::Down), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn it_says_what_a_plain_map_says(acts in acts()) {
        let mut pair = Pair::new();
        for act in acts {
            match act {
                Act::Put(key) => pair.set(key, true),
                Act::Remove(key) => {
                    pair.set(key.clone(), false);
                    prop_assert_eq!(pair.index.get(&key).unwrap(), None);
                }
                Act::EndFile { freed, reopen } => pair.end_file(freed * 10, reopen),
            }
        }
        pair.check();
    }
}

#[test]
fn of_two_entries_of_one_key_the_second_counts() {
    let mut pair = Pair::new();
    pair.set(b"okey".into(), true);
    pair.end_file(0, true);
    let place = |offset, len| Place { position: Position { file: 11, offset, len }, at: Timestamp(1) };
    let entries = [place(1, 5), place(9, 7)].map(|place| (IVec::from(b"okey"), Slot::Value(place)));
    pair.index.set(entries.to_vec(), &mut pair.wanted).unwrap();
    assert_eq!(pair.index.get(b"okey").unwrap(), Some(place(9, 7)));
    assert_eq!((pair.wanted.total(), pair.wanted.of(1), pair.wanted.of(11)), (7, 0, 7));
}

#[test]
fn an_index_that_does_not_fit_is_not_believed() {
    let mut pair = Pair::new();
    for _ in 0..3 {
        pair.set(b"okey".into(), true);
        pair.end_file(0, true);
    }
    let place = pair.dir.path().join("index");
    let opens = |log, oldest, files: &[(u64, u64)]| {
        let kept = Kept::read(&place).unwrap();
        Index::open(&place, kept, log, oldest, &files.iter().copied().collect(), CACHE).unwrap().is_some()
    };
    assert_eq!(pair.files, BTreeMap::from([(1, 1), (11, 2), (21, 3)]));
    assert!(opens(LOG, 1, &[(1, 1), (11, 2), (21, 3)]));
    assert!(opens(LOG, 11, &[(11, 2), (21, 3)]), "one was freed since");
    assert!(opens(LOG, 1, &[(1, 1), (11, 2), (21, 3), (31, 9)]), "one has ended since");
    assert!(!opens([8; 16], 1, &[(1, 1), (11, 2), (21, 3)]), "another log");
    assert!(!opens(LOG, 1, &[(11, 2), (21, 3)]), "the oldest is missing");
    assert!(!opens(LOG, 1, &[(1, 1), (21, 3)]), "one is missing");
    assert!(!opens(LOG, 1, &[(1, 1), (11, 2)]), "the last one is missing, or written still");
    assert!(!opens(LOG, 1, &[(1, 1), (11, 9), (21, 3)]), "one has another length");
    assert!(!opens(LOG, 1, &[(1, 1), (11, 2), (15, 1), (21, 3)]), "one that was not there");
    assert!(!opens(LOG, 31, &[(31, 9)]), "all of them were freed");
    assert!(!opens(LOG, 0, &[(1, 1), (11, 2), (21, 3)]), "there was an older one");
    assert!(!opens(LOG, 1, &[]), "no files");
    fs::remove_file(run_path(&place, 11)).unwrap();
    assert!(!opens(LOG, 1, &[(1, 1), (11, 2), (21, 3)]), "a run is missing");
}

/// A store of several files, closed.
async fn filled(dir: &Path) {
    let store = SledStore::open(worker::small(dir), Box::new(|_| ())).unwrap();
    for number in 0..60 {
        let order = worker::large(number, 4_000);
        for change in [step(&order, 1), step(&after(&order, samples::expired()), 1)] {
            store.commit(change).await.unwrap().durable().await.unwrap();
        }
    }
    store.commit(step(&accepted(60), 1)).await.unwrap().durable().await.unwrap();
    for number in 61..90 {
        store.commit(step(&worker::large(number, 4_000), 1)).await.unwrap().durable().await.unwrap();
    }
}

/// What was planted is found out behind the start, and the next one is right.
async fn assert_found_out(dir: &Path) {
    let open = || SledStore::open(worker::small(dir), Box::new(|_| ())).unwrap();
    let store = open();
    store.prove();
    let Some(StoreError::Damaged { file, reason }) = store.failure() else {
        panic!("it was not found out");
    };
    assert_eq!(file, dir.join("index"));
    assert!(reason.contains("has not what the log has"), "{reason}");
    drop(store);
    let store = open();
    store.prove();
    assert!(store.failure().is_none());
    assert_eq!(worker::all_orders(&store).await.unwrap().len(), 90);
}

#[tokio::test]
async fn a_run_that_lacks_an_entry_is_found_out() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let index = dir.path().join("index");
    let checkpoint = Checkpoint::read(&index).unwrap().unwrap();
    let path = run_path(&index, checkpoint.runs[1]);
    let run = Run::open(&path, checkpoint.log, checkpoint.runs[1]).unwrap().unwrap();
    let mut entries = Vec::new();
    for block in run.blocks_of(&(Bound::Unbounded, Bound::Unbounded)).map(|block| run.read(block).unwrap()) {
        entries.extend(run::entries_of(&block).map(|(key, slot)| (block[key].to_vec(), slot)));
    }
    entries.remove(entries.len() / 2);
    let entries = entries.iter().map(|(key, slot)| (key.as_slice(), *slot));
    Run::create(&path, checkpoint.log, checkpoint.runs[1], entries).unwrap();
    assert_found_out(dir.path()).await;
}

#[tokio::test]
async fn a_checkpoint_that_lacks_a_live_order_is_found_out() {
    let _quiet = STARTS.read().await;
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let index = dir.path().join("index");
    let Checkpoint { log, files, next, runs, wanted, recent, small, .. } =
        Checkpoint::read(&index).unwrap().unwrap();
    let small: Vec<_> =
        small.iter().filter(|(key, _)| key[0] != LIVE).map(|(key, line)| (key.clone(), *line)).collect();
    let mut planted = Checkpoint::new(log, files, next, runs, std::iter::empty(), wanted, recent);
    planted.small = small;
    planted.write(&index).unwrap();
    assert_found_out(dir.path()).await;
}
