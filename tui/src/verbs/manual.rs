//! `orderctl completions` and `orderctl man`: what shells and `man` need to know of the command line.

use crate::{args::Args, failure::Failure};
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use std::{
    fs,
    io::{self, Write},
    path::Path,
};

/// Prints what this shell needs to complete command lines.
pub(crate) fn completions(shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    // What it writes to must not fail; a text in memory does not.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "orderctl", &mut script);
    out.write_all(&script)
}

/// Prints the manual page, or writes those of all commands into a folder.
pub(crate) fn man(folder: Option<&Path>, out: &mut dyn Write) -> Result<(), Failure> {
    match folder {
        None => Ok(Man::new(Args::command()).render(out)?),
        Some(folder) => {
            let written =
                fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Args::command(), folder));
            written.map_err(|source| Failure::File { file: folder.to_owned(), source })
        }
    }
}
