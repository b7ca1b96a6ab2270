//! Where the daemon's time goes while it executes orders: `make bench-profile`. Clients hand orders in as the scenarios
//! have them do, on venues that answer at once, and every event is durable.

mod callgrind;
mod perf;
mod program;
mod report;

use crate::{
    load::{Asking, Crowd, Until},
    report::{Machine, folder},
    scenarios::{accepted, hand_in, until_over},
    server::{Orderd, Site, World},
};
use callgrind::Counting;
use clap::{Args, ValueEnum};
use report::{Found, Unit};
use std::{collections::BTreeMap, fs, path::Path};

/// Orders for each tool, when nobody says how many: it then takes some seconds.
const SAMPLED: usize = 20_000;
const COUNTED: usize = 500;
/// One in so many is executed before those that count: the code is in memory then.
const EARLIER: usize = 10;

#[derive(Args)]
pub(crate) struct Options {
    /// What looks at the daemon; without it perf, or callgrind where there is no perf.
    #[arg(long)]
    tool: Option<Tool>,
    /// Orders to execute.
    #[arg(long)]
    orders: Option<usize>,
    /// Clients that hand them in, each the next when the last one is accepted.
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// What cargo says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Tool {
    /// Samples what runs: where the time goes, in the kernel too.
    Perf,
    /// Counts instructions: slow, but it makes no difference what else the machine does.
    Callgrind,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<Found> {
    let tool = options.tool.map_or_else(Tool::available, Ok)?;
    let folder = folder().join("profile");
    fs::create_dir_all(&folder)?;
    let machine = Machine::look()?;
    let load = |orders| Load { clients: options.clients, orders };
    match tool {
        Tool::Perf => sample(&folder, machine, load(options.orders.unwrap_or(SAMPLED))),
        Tool::Callgrind => count(&folder, machine, load(options.orders.unwrap_or(COUNTED))),
    }
}

impl Tool {
    fn available() -> anyhow::Result<Self> {
        let tools = [(Self::Perf, "perf"), (Self::Callgrind, "valgrind")];
        let found = tools.into_iter().find(|(_, program)| program::is_there(program)).map(|(tool, _)| tool);
        found.ok_or_else(|| anyhow::anyhow!("needs perf or valgrind: apt-get install linux-perf valgrind"))
    }
}

/// Orders, and who hands them in.
#[derive(Clone, Copy)]
struct Load {
    clients: usize,
    orders: usize,
}

impl Load {
    /// A few of them.
    fn earlier(self) -> Self {
        Self { orders: self.orders.div_ceil(EARLIER), ..self }
    }

    /// From the first that is handed in until the last is over.
    fn run(self, daemon: &Orderd) -> anyhow::Result<()> {
        let mut crowd = Crowd::connect(daemon.address, self.clients)?;
        let asking = [hand_in()];
        crowd
            .run(Asking::new(&asking, Until::Asked(self.orders)), |response| accepted(response).map(drop))?;
        until_over(daemon.address)
    }
}

/// Once for the processor's time, and once more for perf, which takes some itself.
fn sample(folder: &Path, machine: Machine, load: Load) -> anyhow::Result<Found> {
    let site = Site::new(World::Instant)?;
    let daemon = site.start()?;
    load.earlier().run(&daemon)?;
    eprintln!("executing {} orders, and again under perf …", load.orders);
    let before = daemon.cpu_by_thread()?;
    load.run(&daemon)?;
    let mut threads = daemon.cpu_by_thread()?;
    for (name, had) in &mut threads {
        *had = had.saturating_sub(before.get(name).copied().unwrap_or_default());
    }
    let recording = perf::Recording::start(daemon.pid(), &folder.join("perf.data"))?;
    load.run(&daemon)?;
    let stacks = recording.end()?.stacks()?;
    fs::write(folder.join("stacks.folded"), &stacks)?;
    let picture = folder.join("flame.svg");
    perf::draw(&stacks, &picture)?;
    let functions = perf::by_self(&stacks);
    Ok(Found { machine, orders: load.orders, threads, functions, unit: Unit::Percent, file: picture })
}

fn count(folder: &Path, machine: Machine, load: Load) -> anyhow::Result<Found> {
    let (out, file) = (folder.join("callgrind.out"), folder.join("callgrind.txt"));
    let site = Site::new(World::Instant)?;
    let daemon = site.start_as(|program| callgrind::command(program, &out))?;
    load.earlier().run(&daemon)?;
    eprintln!("executing {} orders under callgrind …", load.orders);
    callgrind::count(daemon.pid(), Counting::On)?;
    load.run(&daemon)?;
    callgrind::count(daemon.pid(), Counting::Off)?;
    daemon.end()?;
    let text = callgrind::annotate(&out)?;
    fs::write(&file, &text)?;
    let functions = callgrind::by_self(&text, load.orders);
    Ok(Found {
        machine,
        orders: load.orders,
        threads: BTreeMap::new(),
        functions,
        unit: Unit::Instructions,
        file,
    })
}
