//! The commands `export` and `import`: a store as text.

use super::{ConfigArgs, EXIT_DATA, EXIT_IO, EXIT_LOCKED, Failure, load};
use clap::Args;
use orderd::{
    config::{self, Backend},
    store::{self, ArchiveError, Completeness, StoreError},
};
use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Write to this new file, not to standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Read this file, not standard input.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Take an archive, too, in which what could not be read is missing.
    #[arg(long)]
    accept_incomplete: bool,
}

/// Why a store was not exported or imported.
#[derive(Debug, thiserror::Error)]
pub(super) enum ArchiveFailure {
    #[error("the backend of this configuration keeps nothing that could be exported or imported")]
    Memory,
    #[error("cannot use {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the store was not exported")]
    Export(#[source] ArchiveError),
    #[error("nothing was imported")]
    Import(#[source] ArchiveError),
}

impl ArchiveFailure {
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Memory => super::EXIT_USAGE,
            Self::Export(ArchiveError::Store(StoreError::Locked(_)))
            | Self::Import(ArchiveError::Store(StoreError::Locked(_))) => EXIT_LOCKED,
            Self::Import(ArchiveError::Line { .. } | ArchiveError::Incomplete(_)) => EXIT_DATA,
            Self::File { .. } | Self::Export(_) | Self::Import(_) => EXIT_IO,
        }
    }
}

/// Writes the store as text. What cannot be read is told on standard error, and by the exit code.
pub(super) fn export(args: &ExportArgs) -> Result<ExitCode, Failure> {
    let dir = store_dir(&args.config)?;
    let exported = match &args.output {
        None => store::export(&dir, &mut BufWriter::new(io::stdout().lock()), &mut tell),
        Some(path) => {
            let file = File::create_new(path).map_err(|source| unusable(path, source))?;
            let exported = store::export(&dir, &mut BufWriter::new(&file), &mut tell);
            file.sync_all().map_err(|source| unusable(path, source))?;
            exported
        }
    };
    let exported = exported.map_err(ArchiveFailure::Export)?;
    let (orders, lanes, keys) = (exported.orders, exported.lanes, exported.idempotency_keys);
    writeln!(io::stderr(), "exported {orders} orders, {lanes} lanes, {keys} idempotency keys")?;
    match exported.unreadable {
        0 => Ok(ExitCode::SUCCESS),
        count => {
            writeln!(io::stderr(), "{count} things could not be read: the export is incomplete")?;
            Ok(ExitCode::from(EXIT_DATA))
        }
    }
}

/// Makes a store of text.
pub(super) fn import(args: &ImportArgs) -> Result<ExitCode, Failure> {
    let dir = store_dir(&args.config)?;
    let completeness = if args.accept_incomplete { Completeness::Partial } else { Completeness::Whole };
    let imported = match &args.input {
        None => store::import(&dir, &mut io::stdin().lock(), completeness, &mut tell),
        Some(path) => {
            let file = File::open(path).map_err(|source| unusable(path, source))?;
            store::import(&dir, &mut BufReader::new(file), completeness, &mut tell)
        }
    };
    let imported = imported.map_err(ArchiveFailure::Import)?;
    let (orders, lanes, keys) = (imported.orders, imported.lanes, imported.idempotency_keys);
    writeln!(io::stderr(), "imported {orders} orders, {lanes} lanes, {keys} idempotency keys")?;
    if imported.left_out > 0 {
        writeln!(io::stderr(), "{} orders were left out, with their keys", imported.left_out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Where standard error is closed there is nobody to tell; the counts remain.
fn tell(problem: &str) {
    writeln!(io::stderr(), "orderd: {problem}").ok();
}

fn store_dir(args: &ConfigArgs) -> Result<PathBuf, Failure> {
    let storage = load(args, None, &config::environment())?.storage;
    match storage.backend {
        Backend::Sled => Ok(storage.dir),
        Backend::Memory => Err(ArchiveFailure::Memory.into()),
    }
}

fn unusable(path: &Path, source: io::Error) -> ArchiveFailure {
    ArchiveFailure::File { path: path.to_owned(), source }
}
