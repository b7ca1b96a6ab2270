//! The program `orderctl`; all of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    orderctl::main()
}
