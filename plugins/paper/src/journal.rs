//! The ledger's memory: a snapshot and an append-only journal, one JSON record per line.
//!
//! Each inclusion is one `write` of one line before it takes effect, so a killed process loses none. There is no
//! fsync: a crash of the machine may lose the newest. A last line without its end was torn by the crash and is
//! cut off; any other damage refuses to start. A large journal is folded into the snapshot when it is opened.

use crate::{
    entry::Entry,
    ledger::{Account, Ledger},
    receipts::Receipt,
};
use orderd_sdk::{amount::Amount, json};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// A larger journal is folded into the snapshot at start, in bytes.
pub(crate) const FOLD_ABOVE: u64 = 16 << 20;

/// An open journal. Nobody else has it open.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    /// Of whole lines, in bytes.
    len: u64,
}

/// Why a ledger cannot be brought back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{}: in use by another process or plugin", path.display())]
    InUse { path: PathBuf },
    #[error("{}: line {line} is damaged: {reason}", path.display())]
    Damaged { path: PathBuf, line: usize, reason: String },
}

/// A line of the snapshot: a head, then accounts, pools and receipts, then the end.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum Record {
    Head {
        /// Blocks up to here have no receipt in this snapshot.
        below: u64,
    },
    Account {
        address: String,
        next: u64,
        forgotten: u64,
        balances: BTreeMap<String, Amount>,
    },
    Pool {
        venue: String,
        tokens: [String; 2],
        reserves: [Amount; 2],
    },
    Receipt(Receipt),
    End,
}

impl Journal {
    /// Brings `ledger`, which is new, to where it was, and opens the journal for more.
    pub(crate) fn open(
        folder: &Path,
        chain: &str,
        ledger: &mut Ledger,
        fold_above: u64,
    ) -> Result<Self, JournalError> {
        let path = folder.join(format!("{chain}.journal"));
        let snapshot = folder.join(format!("{chain}.snapshot"));
        let at = |source| JournalError::Io { path: path.clone(), source };
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = options.map_err(at)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::InUse { path: path.clone() }),
            Err(TryLockError::Error(error)) => return Err(at(error)),
        }
        read_snapshot(&snapshot, ledger)?;
        let mut len = replay(&mut file, &path, ledger)?;
        if len > fold_above {
            write_snapshot(&snapshot, ledger)
                .map_err(|source| JournalError::Io { path: snapshot.clone(), source })?;
            len = 0;
        }
        file.set_len(len).map_err(at)?;
        file.seek(SeekFrom::Start(len)).map_err(at)?;
        Ok(Self { file, len })
    }

    /// Writes one entry down. After an error the journal is as it was before.
    pub(crate) fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = json::encode(entry)?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line) {
            self.file.set_len(self.len)?;
            self.file.seek(SeekFrom::Start(self.len))?;
            return Err(error);
        }
        self.len += line.len() as u64;
        Ok(())
    }
}

impl Drop for Journal {
    /// Gives the lock up by name. A process that is just being started has this file open too until it becomes another
    /// program, and closing ours alone would leave it locked so long.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// Applies what is newer than the ledger, and says how long the whole lines are together.
fn replay(file: &mut File, path: &Path, ledger: &mut Ledger) -> Result<u64, JournalError> {
    let mut len = 0;
    for_each_line(BufReader::new(file), path, |number, line| {
        let entry: Entry = parse(path, number, line)?;
        len += line.len() as u64 + 1;
        let height = ledger.height();
        let damaged = |reason: String| JournalError::Damaged { path: path.to_owned(), line: number, reason };
        if entry.number <= height {
            return Ok(());
        }
        if entry.number != height + 1 {
            return Err(damaged(format!("block {} follows block {height}", entry.number)));
        }
        let next = ledger.next_sequence(&entry.from);
        if entry.sequence != next {
            return Err(damaged(format!("sequence {} where {next} comes next", entry.sequence)));
        }
        ledger.apply(entry);
        Ok(())
    })?;
    Ok(len)
}

/// Calls `each` with the number and text of each whole line.
fn for_each_line(
    mut reader: impl BufRead,
    path: &Path,
    mut each: impl FnMut(usize, &[u8]) -> Result<(), JournalError>,
) -> Result<(), JournalError> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        reader
            .read_until(b'\n', &mut line)
            .map_err(|source| JournalError::Io { path: path.to_owned(), source })?;
        match line.strip_suffix(b"\n") {
            Some(line) => each(number, line)?,
            None => break,
        }
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(path: &Path, line: usize, text: &[u8]) -> Result<T, JournalError> {
    serde_json::from_slice(text).map_err(|error| JournalError::Damaged {
        path: path.to_owned(),
        line,
        reason: error.to_string(),
    })
}

fn read_snapshot(path: &Path, ledger: &mut Ledger) -> Result<(), JournalError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => {
            return Err(JournalError::Io { path: path.to_owned(), source });
        }
    };
    let (mut last, mut ended) = (0, false);
    for_each_line(BufReader::new(file), path, |number, line| {
        last = number;
        ended = restore(ledger, parse(path, number, line)?);
        Ok(())
    })?;
    match ended {
        true => Ok(()),
        false => Err(JournalError::Damaged {
            path: path.to_owned(),
            line: last + 1,
            reason: "the end is missing".to_owned(),
        }),
    }
}

/// Puts one record back; true when it is the last.
fn restore(ledger: &mut Ledger, record: Record) -> bool {
    match record {
        Record::Head { below } => ledger.receipts.start_above(below),
        Record::Account { address, next, forgotten, balances } => {
            let balances = balances.into_iter().map(|(token, amount)| (token, amount.0)).collect();
            let account = Account::new(next, forgotten, balances);
            ledger.restore_account(address, account);
        }
        Record::Pool { venue, tokens: [first, second], reserves: [reserve_first, reserve_second] } => {
            ledger.set_reserves(&venue, &first, &second, (reserve_first.0, reserve_second.0))
        }
        Record::Receipt(receipt) => ledger.restore_receipt(receipt),
        Record::End => return true,
    }
    false
}

/// Replaces the snapshot as a whole: a crash leaves the old one or the new one.
fn write_snapshot(path: &Path, ledger: &Ledger) -> io::Result<()> {
    let unfinished = path.with_extension("snapshot.new");
    let mut out = BufWriter::new(File::create(&unfinished)?);
    let mut write = |record: &Record| -> io::Result<()> {
        serde_json::to_writer(&mut out, record)?;
        out.write_all(b"\n")
    };
    let kept = ledger.receipts.iter().count() as u64;
    write(&Record::Head { below: ledger.height() - kept })?;
    for (address, account) in &ledger.accounts {
        let balances = account.balances.iter();
        write(&Record::Account {
            address: address.clone(),
            next: account.next,
            forgotten: account.forgotten,
            balances: balances.map(|(token, units)| (token.clone(), Amount(*units))).collect(),
        })?;
    }
    for pool in ledger.pools() {
        write(&Record::Pool {
            venue: pool.venue.clone(),
            tokens: pool.tokens.clone(),
            reserves: pool.reserves.map(Amount),
        })?;
    }
    for receipt in ledger.receipts.iter() {
        write(&Record::Receipt(receipt.clone()))?;
    }
    write(&Record::End)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(unfinished, path)
}
