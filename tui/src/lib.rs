//! orderctl: the console and the command line of orderd. `orderctl --help` says how it is used.
//!
//! It is a library only so that benchmarks and tests reach its parts; the program is [`main`].

mod args;
mod clock;
pub mod console;
mod environment;
mod failure;
mod plugin;
pub mod profile;
mod report;
mod session;
mod table;
mod token;
mod verbs;
mod watch;

use args::{Args, Verb};
use clap::Parser;
use environment::Environment;
use failure::Failure;
use orderd_sdk::client::Client;
use profile::{Profile, ProfileError, Profiles, choose};
use session::Session;
use std::{
    io::{self, BufWriter, Write},
    process::ExitCode,
};

/// The program: reads the command line, does what it says, and tells how that came out.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse().checked().unwrap_or_else(|error| error.exit());
    let done = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let done = runtime.block_on(until_interrupted(&args));
            // A question that nobody answers any more is not waited for.
            runtime.shutdown_background();
            done
        }
        Err(error) => Err(Failure::Output(error)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(&mut io::stderr().lock()),
    }
}

/// What is under way is dropped when somebody interrupts it, and cleans up after itself.
async fn until_interrupted(args: &Args) -> Result<(), Failure> {
    tokio::select! {
        done = run(args) => done,
        Ok(()) = tokio::signal::ctrl_c() => Err(Failure::Interrupted),
    }
}

async fn run(args: &Args) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match &args.verb {
        Some(Verb::Plugin(verb)) => plugin::run(verb, args.style(), &mut out).await?,
        Some(Verb::Completions { shell }) => verbs::completions(*shell, &mut out)?,
        Some(Verb::Man { output }) => verbs::man(output.as_deref(), &mut out)?,
        verb => ask(args, verb.as_ref(), &mut out).await?,
    }
    out.flush()?;
    Ok(())
}

/// Whatever a daemon is asked for.
async fn ask(args: &Args, verb: Option<&Verb>, out: &mut dyn Write) -> Result<(), Failure> {
    let environment = Environment::read();
    let profile = profile(args, &environment)?;
    let mut notes = io::stderr();
    let client = token::authorized(Client::new(&profile.url)?, &profile.token, &mut notes)?;
    let mut session = Session { client, profile, style: args.style(), out, notes: &mut notes };
    match verb {
        Some(verb) => verbs::run(&mut session, verb).await,
        None => verbs::console(&mut session, environment.terminal()).await,
    }
}

fn profile(args: &Args, environment: &Environment) -> Result<Profile, ProfileError> {
    let profiles = match environment.config_file() {
        Some(file) => Profiles::load(&file, environment.home.as_deref())?,
        None => Profiles::default(),
    };
    choose(&args.overrides(), environment, &profiles)
}
