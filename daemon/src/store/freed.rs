//! Files of the log are freed, and nothing that is wanted goes with them: whatever is written, removed and tidied up, however
//! often the process is killed, whether the index was kept or not, and also when what is wanted was counted wrongly.

use super::{
    StoreError,
    disk::{DataDir, DiskTree},
    port::Left,
    records::{CLAIM, LANE, LIVE, OVER},
    samples::NOW,
    tree::{Batch, Direction, Edit, Tree, all_of},
    worker::{CACHE, STARTS},
};
use proptest::prelude::*;
use sled::IVec;
use std::{
    collections::BTreeMap,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const KINDS: [u8; 4] = [LIVE, OVER, LANE, CLAIM];

#[derive(Clone, Debug)]
enum Act {
    /// Keys get values of so many bytes, or none.
    Write(BTreeMap<IVec, Option<usize>>),
    Tidy(usize),
    Start(Index),
}

/// What a start finds of the index.
#[derive(Clone, Copy, Debug)]
enum Index {
    /// What a process has left that was closed.
    Closed,
    /// What one has left that was killed.
    Killed,
    Gone,
}

fn key(kind: u8, number: u8) -> IVec {
    IVec::from([&[kind, number][..], &[9; 20]].concat())
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let key = (prop::sample::select(KINDS.to_vec()), 0..16_u8).prop_map(|(kind, number)| key(kind, number));
    let value = prop_oneof![2 => Just(None), 3 => (0..400_usize).prop_map(Some)];
    let start = prop::sample::select(vec![Index::Closed, Index::Killed, Index::Killed, Index::Gone]);
    let act = prop_oneof![
        16 => prop::collection::btree_map(key, value, 1..5).prop_map(Act::Write),
        4 => (0..2_000_usize).prop_map(Act::Tidy),
        2 => start.prop_map(Act::Start),
    ];
    prop::collection::vec(act, 0..120)
}

/// A tree, and what it must have.
struct Pair {
    space: TempDir,
    dir: PathBuf,
    file_bytes: u64,
    tree: Option<DiskTree>,
    model: BTreeMap<IVec, IVec>,
    /// How many directories and values there were.
    count: u64,
}

impl Pair {
    fn new(file_bytes: u64) -> Self {
        // In memory where the system has such: no power is lost here.
        let space = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let dir = space.path().join("0");
        let tree = open(&dir, file_bytes).unwrap();
        Self { space, dir, file_bytes, tree: Some(tree), model: BTreeMap::new(), count: 0 }
    }

    fn tree(&self) -> &DiskTree {
        self.tree.as_ref().unwrap()
    }

    fn write(&mut self, changes: BTreeMap<IVec, Option<usize>>) {
        let mut batch = Batch::new();
        for (key, len) in changes {
            self.count += 1;
            let Some(len) = len else {
                self.model.remove(&key);
                batch.push(Edit::remove(key));
                continue;
            };
            // No two values are the same.
            let value = IVec::from([&self.count.to_le_bytes()[..], &vec![7; len]].concat());
            self.model.insert(key.clone(), value.clone());
            batch.push(Edit::put(key, value, NOW.plus_millis(self.count)));
        }
        self.tree().apply(batch).unwrap();
    }

    fn tidy_all(&self) {
        while self.tree().tidy(300).unwrap() == Left::Something {}
    }

    fn start(&mut self, index: Index) {
        match index {
            Index::Closed => drop(self.tree.take()),
            Index::Killed => {
                self.count += 1;
                let left = self.space.path().join(self.count.to_string());
                copy(&self.dir, &left);
                self.tree = None;
                self.dir = left;
            }
            Index::Gone => {
                self.tree = None;
                fs::remove_dir_all(self.dir.join("index")).unwrap();
            }
        }
        self.tree = Some(open(&self.dir, self.file_bytes).unwrap());
    }

    fn check(&self) {
        let tree = self.tree();
        assert_eq!(tree.wanted(), tree.counted());
        let mut found = BTreeMap::new();
        for kind in KINDS {
            let mut visit = |key: &[u8], value: &[u8]| {
                found.insert(IVec::from(key), IVec::from(value));
                Ok(ControlFlow::Continue(()))
            };
            tree.scan(&all_of(kind), Direction::Up, &mut visit).unwrap();
        }
        assert_eq!(found, self.model);
        for key in KINDS.iter().flat_map(|kind| (0..16).map(move |number| key(*kind, number))) {
            assert_eq!(tree.get(&key).unwrap(), self.model.get(&key).cloned());
        }
        tree.prove(&mut |_| ControlFlow::Continue(())).unwrap();
    }

    fn files(&self) -> Vec<u64> {
        let names = fs::read_dir(self.dir.join("log")).unwrap().map(|entry| entry.unwrap().path());
        names.map(|path| path.file_stem().unwrap().to_str().unwrap().parse().unwrap()).collect()
    }
}

fn open(dir: &Path, file_bytes: u64) -> Result<DiskTree, StoreError> {
    Ok(DataDir::lock(dir.to_owned())?.open_tree(CACHE, file_bytes)?.0)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_that_is_wanted_goes_with_a_file(
        acts in acts(), file_bytes in prop::sample::select(vec![1 << 9, 1 << 11, 1 << 13]),
    ) {
        let _quiet = STARTS.blocking_read();
        let mut pair = Pair::new(file_bytes);
        for act in acts {
            match act {
                Act::Write(changes) => pair.write(changes),
                Act::Tidy(bytes) => drop(pair.tree().tidy(bytes).unwrap()),
                Act::Start(index) => {
                    pair.start(index);
                    pair.check();
                }
            }
        }
        pair.check();
        pair.tidy_all();
        pair.check();
        pair.start(Index::Closed);
        pair.check();
    }
}

/// Some files, all of which are wanted.
fn filled() -> Pair {
    let mut pair = Pair::new(2 << 10);
    for number in 0..16 {
        pair.write(KINDS.iter().map(|kind| (key(*kind, number), Some(200))).collect());
    }
    assert!(pair.files().len() > 4, "{:?}", pair.files());
    pair
}

#[test]
fn a_count_that_is_too_low_costs_nothing_but_time() {
    let _quiet = STARTS.blocking_read();
    for index in [Index::Closed, Index::Killed, Index::Gone] {
        let mut pair = filled();
        let oldest = pair.tree().miscount(0);
        pair.tidy_all();
        assert!(!pair.files().contains(&oldest), "what was wanted of it was moved on");
        pair.start(index);
        let found = pair.tree().counted();
        for (key, value) in &pair.model {
            assert_eq!(pair.tree().get(key).unwrap().as_ref(), Some(value), "{found:?}");
        }
    }
}

#[test]
fn a_file_stays_when_more_of_it_is_counted_than_was_found() {
    let _quiet = STARTS.blocking_read();
    let mut pair = filled();
    let all = pair.model.keys().map(|key| (key.clone(), Some(1)));
    pair.write(all.collect());
    let oldest = pair.tree().miscount(1);
    let refused = loop {
        match pair.tree().tidy(300) {
            Ok(Left::Something) => {}
            other => break other,
        }
    };
    assert!(matches!(&refused, Err(StoreError::Write(error)) if error.contains("may still be wanted")));
    assert!(pair.files().contains(&oldest));
    pair.start(Index::Closed);
    pair.check();
    pair.tidy_all();
    pair.check();
    assert!(!pair.files().contains(&oldest), "counted anew");
}
