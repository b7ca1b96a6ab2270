//! What the console needs with 100,000 orders in its cache: time, against what a frame allows, and memory. A part of `make bench`.

#![expect(clippy::print_stdout, reason = "the figures are the product")]

mod frames;
mod keys;
mod life;
mod memory;
mod report;
mod screen;
mod table;
mod told;

use report::Report;

/// Orders in the cache.
const ORDERS: u64 = 100_000;

fn main() -> anyhow::Result<()> {
    let mut report = Report::default();
    let mut scene = memory::measure(&mut report)?;
    memory::measure_whole(&mut scene, &mut report)?;
    table::measure(&mut scene, &mut report)?;
    memory::measure_again(&mut report)?;
    frames::measure(&scene, &mut report)?;
    keys::measure(&mut scene, &mut report)?;
    println!("\n{report}");
    Ok(())
}
