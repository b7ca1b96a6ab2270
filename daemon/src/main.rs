//! orderd.
fn main() {}
