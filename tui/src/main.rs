//! Admin console and command line of orderd.
fn main() {}
