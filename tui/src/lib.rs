//! orderctl: the console and the command line of orderd. `orderctl --help` says how it is used.
//!
//! It is a library only so that benchmarks and tests reach its parts; the program is [`main`].

mod args;
mod clock;
pub mod console;
mod failure;
mod plugin;
mod table;
mod token;
mod verbs;

use args::{Args, Verb};
use clap::Parser;
use console::{
    model::{Access, Guarded, Session},
    theme::Theme,
};
use failure::Failure;
use orderd_sdk::client::Client;
use std::{
    io::{self, BufWriter, Write},
    process::ExitCode,
};

/// The program: reads the command line, does what it says, and tells how that came out.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(run(&args)),
        Err(error) => Err(Failure::Output(error)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(&mut io::stderr().lock()),
    }
}

async fn run(args: &Args) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    if let Some(Verb::Plugin(verb)) = &args.verb {
        return plugin::run(verb, args.style(), &mut out).await;
    }
    let client = token::authorized(Client::new(&args.url())?, &args.token())?;
    match &args.verb {
        None => console::run::run(client, session(args), Theme::default()).await?,
        Some(Verb::Plugin(_)) => {}
        Some(Verb::Status) => verbs::status(&client, args.style(), &mut out).await?,
        Some(Verb::Orders(filter)) => verbs::orders(&client, filter, args.style(), &mut out).await?,
        Some(Verb::Order { id }) => verbs::order(&client, id, args.style(), &mut out).await?,
    }
    out.flush()?;
    Ok(())
}

fn session(args: &Args) -> Session {
    let profile = "default".to_owned();
    Session { profile, url: args.url(), access: Access::Change, guarded: Guarded::No }
}
