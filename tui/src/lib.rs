//! orderctl: the console and the command line of orderd. `orderctl --help` says how it is used.
//!
//! It is a library only so that benchmarks and tests reach its parts; the program is [`main`].

mod args;
pub mod console;
mod failure;
mod plugin;
mod table;
mod token;
mod verbs;

use args::{Args, Verb};
use clap::Parser;
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
    if let Verb::Plugin(verb) = &args.verb {
        return plugin::run(verb, args.style(), &mut out).await;
    }
    let client = token::authorized(Client::new(&args.url())?, &args.token())?;
    match &args.verb {
        Verb::Plugin(_) => {}
        Verb::Status => verbs::status(&client, args.style(), &mut out).await?,
        Verb::Orders(filter) => verbs::orders(&client, filter, args.style(), &mut out).await?,
        Verb::Order { id } => verbs::order(&client, id, args.style(), &mut out).await?,
    }
    out.flush()?;
    Ok(())
}
