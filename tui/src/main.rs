//! Command line of orderd: shows what the daemon has in hand, and helps authors of plugins. `orderctl --help` says how.

mod args;
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
