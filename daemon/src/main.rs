//! The daemon's command line: reads the arguments, runs, and says by its exit code how it ended.

mod archive;
mod signals;

use archive::{ArchiveFailure, ExportArgs, ImportArgs};
use clap::{Args, Parser, Subcommand};
#[cfg(feature = "crash-points")]
use orderd::telemetry::crash;
use orderd::{
    api,
    app::{Builder, Daemon, StartError},
    config::{self, ConfigError, Environment, Overrides, Settings},
    plugin,
    store::StoreError,
    telemetry::{
        Fault, LogTail, Shutdown,
        logging::{self, LogFormat, LoggingError},
        observe,
    },
};
use signals::{Signals, Wish};
use std::{
    error::Error,
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};
use tokio::runtime::Runtime;

/// The configuration, the environment or the command line is wrong (EX_USAGE).
const EXIT_USAGE: u8 = 64;
/// Stored or imported data is damaged or makes no sense (EX_DATAERR).
const EXIT_DATA: u8 = 65;
/// The address is taken, or a plugin or chain does not do its part (EX_UNAVAILABLE).
const EXIT_UNAVAILABLE: u8 = 69;
/// A part of the daemon broke while it was running (EX_SOFTWARE).
const EXIT_SOFTWARE: u8 = 70;
/// The store cannot be opened or written (EX_IOERR).
const EXIT_IO: u8 = 74;
/// Another daemon has the data directory (EX_TEMPFAIL).
const EXIT_LOCKED: u8 = 75;

/// Files that are open besides connections: the store's, the plugins', the connections to nodes.
const OTHER_FILES: u64 = 512;

/// Executes orders on decentralised exchanges: never lost, never twice.
#[derive(Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 ended in good order · 64 configuration or usage · 65 stored or imported data is \
    damaged · 69 address, plugin or chain unavailable · 70 a part broke while running · 74 storage · 75 data directory in use"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the daemon. It prints one line on standard output when it is ready; the log goes to standard error.
    #[command(args_override_self = true)]
    Run(RunArgs),
    /// Host a plugin for a daemon, which starts this itself.
    #[command(hide = true)]
    VenueHost {
        /// Its name in the configuration, for whoever looks at the list of processes.
        name: String,
    },
    /// Check a configuration and name everything that is wrong with it.
    Check(CheckArgs),
    /// List the points at which `ORDERD_CRASH_POINT=NAME[:N]` lets the process die.
    #[cfg(feature = "crash-points")]
    #[command(hide = true)]
    CrashPoints,
    /// Write the store of a daemon that does not run as JSON Lines: whole, or what can still be read of it.
    Export(ExportArgs),
    /// Make a new store of what `export` has written: all of it, or nothing.
    Import(ImportArgs),
}

#[derive(Args)]
struct RunArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Listen here instead, such as 127.0.0.1:0 for any free port.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// How the log looks.
    #[arg(long, value_enum, default_value_t)]
    log_format: LogFormat,
}

#[derive(Args)]
struct CheckArgs {
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Args)]
struct ConfigArgs {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Keep everything here instead.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Look for plugins here instead.
    #[arg(long, value_name = "DIR")]
    plugin_dir: Option<PathBuf>,
}

/// Why the daemon did not run, or not to the end.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Logging(#[from] LoggingError),
    #[error("cannot listen on {address}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("the daemon did not start")]
    Start(#[from] StartError),
    #[error(transparent)]
    Broken(#[from] Fault),
    #[error("not everything could be stored at the end")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Archive(#[from] ArchiveFailure),
    #[error("cannot use the system")]
    System(#[from] io::Error),
    #[cfg(feature = "crash-points")]
    #[error(transparent)]
    CrashPoint(#[from] crash::UnknownPoint),
}

/// Most of what an order needs is allocated for a moment, by a thread that does not free it (ADR 14).
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => return explain(&usage),
    };
    let result = match cli.command {
        Command::Run(args) => run(args).map(|()| ExitCode::SUCCESS),
        Command::VenueHost { name: _ } => Ok(plugin::venue_host()),
        Command::Check(args) => check(&args).map(|()| ExitCode::SUCCESS),
        Command::Export(args) => archive::export(&args),
        Command::Import(args) => archive::import(&args),
        #[cfg(feature = "crash-points")]
        Command::CrashPoints => list_crash_points().map(|()| ExitCode::SUCCESS),
    };
    match result {
        Ok(code) => code,
        Err(failure) => {
            complain(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Prints help, the version, or what is wrong with the command line.
fn explain(usage: &clap::Error) -> ExitCode {
    // Where the output is closed there is nobody to tell; the exit code remains.
    usage.print().ok();
    if usage.use_stderr() { ExitCode::from(EXIT_USAGE) } else { ExitCode::SUCCESS }
}

fn check(args: &CheckArgs) -> Result<(), Failure> {
    let environment = config::environment();
    load(&args.config, None, &environment)?;
    writeln!(io::stdout(), "{} is fine", args.config.config.display())?;
    Ok(())
}

#[cfg(feature = "crash-points")]
fn list_crash_points() -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    for point in orderd::app::crash::points() {
        writeln!(out, "{point}")?;
    }
    Ok(())
}

fn run(args: RunArgs) -> Result<(), Failure> {
    let environment = config::environment();
    let log = logging::init(args.log_format, environment.get(logging::VARIABLE))?;
    #[cfg(feature = "crash-points")]
    orderd::app::crash::arm(&environment)?;
    let settings = load(&args.config, args.listen, &environment)?;
    allow_open_files(settings.server.max_connections);
    let start = Start { args, environment, logs: log.tail() };
    Runtime::new()?.block_on(serve(settings, start))
}

/// A connection is an open file, and systems allow few of them at first. Where they cannot be had, connections wait.
fn allow_open_files(connections: usize) {
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    let allowed = rlimit::increase_nofile_limit(wanted).unwrap_or(0);
    if allowed < wanted {
        observe::files_limited(allowed, connections);
    }
}

fn load(
    args: &ConfigArgs,
    listen: Option<SocketAddr>,
    environment: &Environment,
) -> Result<Settings, ConfigError> {
    let overrides =
        Overrides { listen, data_dir: args.data_dir.clone(), plugin_dir: args.plugin_dir.clone() };
    config::load(&args.config, &overrides, environment)
}

/// How the daemon was started.
struct Start {
    args: RunArgs,
    environment: Environment,
    logs: LogTail,
}

async fn serve(settings: Settings, start: Start) -> Result<(), Failure> {
    // First of all, so that a signal never finds the daemon unprepared.
    let mut signals = Signals::listen()?;
    let address = settings.server.listen;
    let refused = |source| Failure::Listen { address, source };
    let listener = api::listen(address).map_err(refused)?;
    let address = listener.local_addr()?;
    let mut daemon = tokio::select! {
        started = builder(settings, &start).start() => started?,
        () = signals.wish_to_end() => return Ok(()),
    };
    daemon.serve(listener);
    announce(address)?;
    until_the_end(daemon, &mut signals, &start).await
}

fn builder(settings: Settings, start: &Start) -> Builder {
    let builder = Builder::new(settings).environment(start.environment.clone()).logs(start.logs.clone());
    builder.venue_host(plugin::this_program())
}

/// Tells whoever started the daemon that it is ready, and where.
fn announce(address: SocketAddr) -> io::Result<()> {
    observe::daemon_started(address);
    let mut out = io::stdout().lock();
    writeln!(out, "orderd listening on http://{address}")?;
    out.flush()
}

async fn until_the_end(daemon: Daemon, signals: &mut Signals, start: &Start) -> Result<(), Failure> {
    let shutdown = daemon.shutdown();
    loop {
        tokio::select! {
            () = shutdown.requested() => break,
            wish = signals.wish() => match wish {
                Wish::End => break,
                Wish::Reload => tokio::select! {
                    () = reload(&daemon, start) => {}
                    () = signals.wish_to_end() => break,
                },
            },
        }
    }
    let ended = daemon.shut_down().await;
    first_fault(&shutdown)?;
    Ok(ended?)
}

/// Reads the configuration again. One that cannot be used changes nothing.
async fn reload(daemon: &Daemon, start: &Start) {
    match load(&start.args.config, start.args.listen, &start.environment) {
        Ok(settings) => {
            let done = daemon.reload(&settings).await;
            observe::config_reread(&start.args.config.config, &done.restart);
        }
        Err(error) => observe::config_refused(&error),
    }
}

fn first_fault(shutdown: &Shutdown) -> Result<(), Fault> {
    shutdown.fault().map_or(Ok(()), Err)
}

/// Prints an error with everything behind it.
fn complain(failure: &Failure) {
    let mut text = format!("orderd: {failure}");
    let mut source = failure.source();
    while let Some(error) = source {
        text.push_str(&format!("\n  because: {error}"));
        source = error.source();
    }
    // Where standard error is closed there is nobody to tell; the exit code remains.
    writeln!(io::stderr(), "{text}").ok();
}

impl Failure {
    fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Logging(_) => EXIT_USAGE,
            Self::Start(StartError::Keys(_) | StartError::Tokens(_) | StartError::Engine(_)) => EXIT_USAGE,
            Self::Start(StartError::Store(StoreError::Locked(_))) => EXIT_LOCKED,
            Self::Start(StartError::Store(StoreError::Damaged { .. } | StoreError::Corrupt { .. })) => {
                EXIT_DATA
            }
            Self::Start(
                StartError::Store(_)
                | StartError::Folder { .. }
                | StartError::Switches { .. }
                | StartError::Operating { .. },
            )
            | Self::Store(_) => EXIT_IO,
            Self::Start(StartError::Plugin(_) | StartError::Linked { .. } | StartError::Account { .. })
            | Self::Listen { .. } => EXIT_UNAVAILABLE,
            Self::Archive(failure) => failure.exit_code(),
            Self::Broken(_) | Self::System(_) => EXIT_SOFTWARE,
            #[cfg(feature = "crash-points")]
            Self::CrashPoint(_) => EXIT_USAGE,
        }
    }
}
