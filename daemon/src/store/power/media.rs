//! A disk without power: what it must still hold, and what it may hold, of the calls that a process made.
//!
//! What was synced is there. Of what was not, any sectors of any writes may be there, in any order: nothing, all, a
//! prefix, a suffix, or a choice by chance; a file may have kept its old length or have one that it had since.
//! A name that was made, changed or removed may or may not have been, until its directory was synced.

use super::trace::Call;
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
};

/// What a drive writes whole or not at all.
const SECTOR: usize = 512;
/// What the system writes back at once, unless the drive is interrupted.
const PAGE: usize = 4096;

/// The files of one directory and all below, and how far each has reached the disk.
#[derive(Clone, Debug)]
pub(super) struct Media {
    root: PathBuf,
    nodes: Vec<Node>,
    /// Which node an inode's number means now: numbers are used again.
    numbers: HashMap<u64, usize>,
    names: BTreeMap<PathBuf, usize>,
    durable: BTreeMap<PathBuf, usize>,
    unsynced: Vec<NameChange>,
}

#[derive(Clone, Debug)]
enum Node {
    File { durable: Vec<u8>, unsynced: Vec<DataChange> },
    Dir(PathBuf),
}

#[derive(Clone, Debug)]
enum DataChange {
    Write { offset: usize, data: Vec<u8> },
    Truncate(usize),
}

#[derive(Clone, Debug)]
enum NameChange {
    Put(PathBuf, usize),
    Rename { from: PathBuf, to: PathBuf, node: usize },
    Remove(PathBuf),
}

impl NameChange {
    /// The directory whose sync makes it durable; files stay in theirs.
    fn dir(&self) -> &Path {
        let (Self::Put(path, _) | Self::Rename { to: path, .. } | Self::Remove(path)) = self;
        path.parent().unwrap()
    }

    /// The same elsewhere.
    fn moved(&self, moved: &impl Fn(&Path) -> PathBuf) -> Self {
        match self {
            Self::Put(path, node) => Self::Put(moved(path), *node),
            Self::Rename { from, to, node } => Self::Rename { from: moved(from), to: moved(to), node: *node },
            Self::Remove(path) => Self::Remove(moved(path)),
        }
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Put(path, node) => {
                names.insert(path.clone(), *node);
            }
            Self::Rename { from, to, node } => {
                names.remove(from);
                names.insert(to.clone(), *node);
            }
            Self::Remove(path) => {
                names.remove(path);
            }
        }
    }
}

impl Media {
    /// A disk on which all that is in this directory is durable.
    pub(super) fn of(root: &Path) -> Self {
        use std::os::unix::fs::MetadataExt;
        let mut media = Self {
            root: root.to_owned(),
            nodes: Vec::new(),
            numbers: HashMap::new(),
            names: BTreeMap::new(),
            durable: BTreeMap::new(),
            unsynced: Vec::new(),
        };
        let mut open = vec![root.to_owned()];
        while let Some(path) = open.pop() {
            let metadata = fs::metadata(&path).unwrap();
            let node = match metadata.is_dir() {
                true => {
                    open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
                    Node::Dir(path.clone())
                }
                false => Node::File { durable: fs::read(&path).unwrap(), unsynced: Vec::new() },
            };
            let node = media.add(metadata.ino(), node);
            media.names.insert(path.clone(), node);
            media.durable.insert(path, node);
        }
        media
    }

    fn add(&mut self, inode: u64, node: Node) -> usize {
        self.nodes.push(node);
        self.numbers.insert(inode, self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// One more call was made.
    pub(super) fn apply(&mut self, call: &Call) {
        match call {
            Call::Create { inode, path } => {
                let node = self.add(*inode, Node::File { durable: Vec::new(), unsynced: Vec::new() });
                self.rename(NameChange::Put(path.clone(), node));
            }
            Call::MakeDir { inode, path } => {
                let node = self.add(*inode, Node::Dir(path.clone()));
                self.rename(NameChange::Put(path.clone(), node));
            }
            Call::Write { inode, offset, data } => {
                self.change(*inode, DataChange::Write { offset: *offset, data: data.clone() });
            }
            Call::Truncate { inode, length } => self.change(*inode, DataChange::Truncate(*length)),
            Call::Sync { inode, .. } => self.sync(*inode),
            Call::Rename { from, to } => {
                assert_eq!(from.parent(), to.parent(), "files stay in their directory");
                let node = self.names[from];
                self.rename(NameChange::Rename { from: from.clone(), to: to.clone(), node });
            }
            Call::Remove { path } => self.rename(NameChange::Remove(path.clone())),
            Call::Say(_) => {}
        }
    }

    fn rename(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.unsynced.push(change);
    }

    fn change(&mut self, inode: u64, change: DataChange) {
        match &mut self.nodes[self.numbers[&inode]] {
            Node::File { unsynced, .. } => unsynced.push(change),
            Node::Dir(path) => panic!("{} is a directory", path.display()),
        }
    }

    fn sync(&mut self, inode: u64) {
        match &mut self.nodes[self.numbers[&inode]] {
            Node::File { durable, unsynced } => {
                for change in unsynced.drain(..) {
                    write_all(durable, &change);
                }
            }
            Node::Dir(path) => {
                let reached: Vec<_> = self.unsynced.extract_if(.., |change| change.dir() == path).collect();
                for change in reached {
                    change.apply(&mut self.durable);
                }
            }
        }
    }

    /// Puts into `target` what a process finds that is started after the last one was killed: all that was written,
    /// be it on the disk or not. What is on the disk of it stays as it is.
    pub(super) fn killed(&self, target: &Path) -> Self {
        use std::os::unix::fs::MetadataExt;
        let moved = |path: &Path| target.join(path.strip_prefix(&self.root).unwrap());
        let mut media = self.clone();
        media.root = target.to_owned();
        media.names = self.names.iter().map(|(path, node)| (moved(path), *node)).collect();
        media.durable = self.durable.iter().map(|(path, node)| (moved(path), *node)).collect();
        media.unsynced = self.unsynced.iter().map(|change| change.moved(&moved)).collect();
        for node in &mut media.nodes {
            if let Node::Dir(path) = node {
                *path = moved(path);
            }
        }
        media.numbers.clear();
        for (path, node) in &media.names {
            match &media.nodes[*node] {
                Node::Dir(_) => fs::create_dir_all(path).unwrap(),
                Node::File { durable, unsynced } => {
                    let mut file = durable.clone();
                    unsynced.iter().for_each(|change| write_all(&mut file, change));
                    fs::write(path, file).unwrap();
                }
            }
            media.numbers.insert(fs::metadata(path).unwrap().ino(), *node);
        }
        media
    }

    /// Puts into `target` what the disk may hold when the power is lost now, as `chance` has it.
    pub(super) fn image(&self, target: &Path, chance: &mut Chance) {
        let mut names = self.durable.clone();
        let fate = Fate::pick(chance);
        for (change, kept) in self.unsynced.iter().zip(fate.keep(self.unsynced.len(), chance)) {
            if kept {
                change.apply(&mut names);
            }
        }
        // Sorted, so that a directory comes before what is in it.
        for (path, node) in &names {
            let place = target.join(path.strip_prefix(&self.root).unwrap());
            let is_lost = !place.parent().is_some_and(Path::is_dir);
            match &self.nodes[*node] {
                _ if is_lost => {}
                Node::Dir(_) => fs::create_dir_all(place).unwrap(),
                Node::File { durable, unsynced } => {
                    fs::write(place, contents(durable.clone(), unsynced, chance)).unwrap();
                }
            }
        }
    }
}

/// What a file may hold.
fn contents(mut file: Vec<u8>, unsynced: &[DataChange], chance: &mut Chance) -> Vec<u8> {
    let fate = Fate::pick(chance);
    let torn = if chance.of(2) { SECTOR } else { PAGE };
    let mut lengths = vec![file.len()];
    let mut whole = file.len();
    for (change, kept) in unsynced.iter().zip(fate.keep(unsynced.len(), chance)) {
        whole = match change {
            DataChange::Write { offset, data } => whole.max(offset + data.len()),
            DataChange::Truncate(length) => *length,
        };
        lengths.push(whole);
        match change {
            _ if kept => write_all(&mut file, change),
            DataChange::Write { offset, data } if fate == Fate::Torn => {
                write_some(&mut file, *offset, data, torn, chance);
            }
            DataChange::Write { .. } | DataChange::Truncate(_) => {}
        }
    }
    if !unsynced.is_empty() && chance.of(2) {
        file.resize(lengths[chance.below(lengths.len())], 0);
    }
    file
}

fn write_all(file: &mut Vec<u8>, change: &DataChange) {
    match change {
        DataChange::Write { offset, data } => {
            file.resize(file.len().max(offset + data.len()), 0);
            file[*offset..offset + data.len()].copy_from_slice(data);
        }
        DataChange::Truncate(length) => file.resize(*length, 0),
    }
}

/// Writes the parts of the data that lie in a choice of sectors.
fn write_some(file: &mut Vec<u8>, offset: usize, data: &[u8], sector: usize, chance: &mut Chance) {
    let mut start = 0;
    while start < data.len() {
        let end = data.len().min(start + sector - (offset + start) % sector);
        if chance.of(2) {
            let part = data[start..end].to_vec();
            write_all(file, &DataChange::Write { offset: offset + start, data: part });
        }
        start = end;
    }
}

/// What becomes of the changes to one file, or to the names, that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Lost,
    Kept,
    /// Up to a change.
    First,
    /// From a change on.
    Last,
    /// Any of them.
    Some,
    /// Any of them, and some sectors of the others.
    Torn,
}

impl Fate {
    fn pick(chance: &mut Chance) -> Self {
        [Self::Lost, Self::Kept, Self::First, Self::Last, Self::Some, Self::Torn, Self::Torn][chance.below(7)]
    }

    /// Which of so many changes are there as a whole.
    fn keep(self, count: usize, chance: &mut Chance) -> Vec<bool> {
        let border = chance.below(count + 1);
        let kept = |index| match self {
            Self::Lost => false,
            Self::Kept => true,
            Self::First => index < border,
            Self::Last => index >= border,
            Self::Some => chance.of(2),
            Self::Torn => chance.of(4),
        };
        (0..count).map(kept).collect()
    }
}

/// Chance that can be repeated: splitmix64.
#[derive(Clone, Debug)]
pub(super) struct Chance(pub(super) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Happens once in so many times.
    pub(super) fn of(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}
