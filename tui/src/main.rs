//! Command line of orderd: shows what the daemon has in hand. `orderctl --help` says how.

mod args;
mod failure;
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

fn main() -> ExitCode {
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
    let client = token::authorized(Client::new(&args.url())?, &args.token())?;
    let mut out = BufWriter::new(io::stdout().lock());
    match &args.verb {
        Verb::Status => verbs::status(&client, args.style(), &mut out).await?,
        Verb::Orders(filter) => verbs::orders(&client, filter, args.style(), &mut out).await?,
        Verb::Order { id } => verbs::order(&client, id, args.style(), &mut out).await?,
    }
    out.flush()?;
    Ok(())
}
