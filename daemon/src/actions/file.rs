//! The files of a shelf: one that is written to, and the one that was full before it. A line is a checksum and an action
//! as JSON, so that a person can read it and what was torn by a crash is known.

use crate::telemetry::observe;
use orderd_sdk::wire::Action;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// A file that actions are written to.
#[derive(Debug)]
pub(super) struct ActionFile {
    path: PathBuf,
    /// Lines of a file at the most.
    capacity: usize,
    /// None until something is written.
    file: Option<File>,
    /// The bytes and lines of it that are whole.
    len: u64,
    lines: usize,
}

impl ActionFile {
    /// Opens the file at this path, with what it and the one before it hold, oldest first.
    pub(super) fn open(path: PathBuf, capacity: usize) -> io::Result<(Self, Vec<Action>)> {
        let (mut actions, _) = whole_lines(&before(&path))?;
        let (newer, len) = whole_lines(&path)?;
        let lines = newer.len();
        actions.extend(newer);
        Ok((Self { path, capacity, file: None, len, lines }, actions))
    }

    /// Writes actions behind the others. They are on stable storage when this returns.
    ///
    /// # Errors
    /// When the disk refuses. Nothing of them counts then.
    pub(super) fn append(&mut self, actions: &[Action]) -> io::Result<()> {
        let text: Vec<u8> = actions.iter().flat_map(line).collect();
        if self.lines >= self.capacity {
            self.begin_another()?;
        }
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.open_at_the_end()?,
        };
        file.write_all(&text)?;
        file.sync_data()?;
        self.file = Some(file);
        self.len += text.len() as u64;
        self.lines += actions.len();
        Ok(())
    }

    fn begin_another(&mut self) -> io::Result<()> {
        self.file = None;
        fs::rename(&self.path, before(&self.path))?;
        (self.len, self.lines) = (0, 0);
        Ok(())
    }

    /// What a crash or a refused write left behind the last whole line is cut off.
    fn open_at_the_end(&self) -> io::Result<File> {
        let file = OpenOptions::new().append(true).create(true).open(&self.path)?;
        file.set_len(self.len)?;
        // The name of a new file, and that of the one that was renamed.
        File::open(self.path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(file)
    }
}

fn before(path: &Path) -> PathBuf {
    path.with_extension("old")
}

fn line(action: &Action) -> Vec<u8> {
    let json = serde_json::to_string(action).expect("an action has string keys only");
    format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes())).into_bytes()
}

/// The actions of a file, and the bytes as far as the last line that has its end.
fn whole_lines(path: &Path) -> io::Result<(Vec<Action>, u64)> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read?,
    };
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let lines: Vec<_> = bytes[..whole].split_inclusive(|byte| *byte == b'\n').collect();
    let actions: Vec<_> = lines.iter().filter_map(|line| action(line)).collect();
    if actions.len() < lines.len() {
        observe::actions_damaged(path, lines.len() - actions.len());
    }
    Ok((actions, whole as u64))
}

fn action(line: &[u8]) -> Option<Action> {
    let text = std::str::from_utf8(line).ok()?;
    let (crc, json) = text.trim_end_matches('\n').split_once(' ')?;
    let is_whole = u32::from_str_radix(crc, 16).ok()? == crc32fast::hash(json.as_bytes());
    is_whole.then(|| serde_json::from_str(json).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderd_sdk::{timestamp::Timestamp, wire::ActionOutcome};

    fn action(n: u64) -> Action {
        Action {
            n,
            at: Timestamp(n),
            by: "ops".to_owned(),
            address: None,
            verb: "pause".to_owned(),
            target: None,
            reason: Some("two\nlines".to_owned()),
            outcome: ActionOutcome::Done,
            code: None,
            detail: "done".to_owned(),
        }
    }

    fn numbers(actions: &[Action]) -> Vec<u64> {
        actions.iter().map(|action| action.n).collect()
    }

    #[test]
    fn what_was_written_is_read_again_and_old_files_give_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("actions");
        for n in 1..=11 {
            // Each time as after a restart.
            let (mut file, _) = ActionFile::open(path.clone(), 4).unwrap();
            file.append(&[action(n)]).unwrap();
        }
        let (_, actions) = ActionFile::open(path.clone(), 4).unwrap();
        assert_eq!(numbers(&actions), [5, 6, 7, 8, 9, 10, 11], "two files of four at the most");
        assert_eq!(actions[0], action(5));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_file_that_is_cut_or_damaged_anywhere_loses_what_is_torn_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("actions");
        let (mut file, _) = ActionFile::open(path.clone(), 10).unwrap();
        file.append(&[action(1), action(2)]).unwrap();
        let written = fs::read(&path).unwrap();
        let first = written.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        for cut in 0..written.len() {
            fs::write(&path, &written[..cut]).unwrap();
            let (mut file, _) = ActionFile::open(path.clone(), 10).unwrap();
            file.append(&[action(3)]).unwrap();
            let (_, actions) = ActionFile::open(path.clone(), 10).unwrap();
            let expected = if cut < first { vec![3] } else { vec![1, 3] };
            assert_eq!(numbers(&actions), expected, "cut at {cut}");
        }
        for at in 0..first - 1 {
            let mut bytes = written.clone();
            bytes[at] ^= 0x01;
            fs::write(&path, &bytes).unwrap();
            assert_eq!(numbers(&ActionFile::open(path.clone(), 10).unwrap().1), [2], "byte {at}");
        }
    }

    #[test]
    fn a_write_that_fails_does_not_spoil_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gone").join("actions");
        let (mut file, _) = ActionFile::open(path.clone(), 10).unwrap();
        assert!(file.append(&[action(1)]).is_err());
        fs::create_dir(folder.path().join("gone")).unwrap();
        file.append(&[action(1), action(2)]).unwrap();
        // As if the disk had taken half of a line and then refused.
        file.file = None;
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"0123").unwrap();
        file.append(&[action(3)]).unwrap();
        assert_eq!(numbers(&ActionFile::open(path, 10).unwrap().1), [1, 2, 3]);
    }
}
