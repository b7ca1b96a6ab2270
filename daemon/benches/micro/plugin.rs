//! A call through the C interface, to a plugin in this process.

use crate::{Criterion, cpu_time::spent, paper::PaperPlugin};
use orderd::{plugin::Isolation, telemetry::spawn};
use std::sync::Arc;
use tokio::runtime::Builder;

pub(crate) fn bench(criterion: &mut Criterion) -> anyhow::Result<()> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let plugin = Arc::new(runtime.block_on(PaperPlugin::load(Isolation::InProcess, 0))?);
    let mut group = criterion.benchmark_group("plugin");
    group.bench_function("quote", |bencher| {
        bencher.iter_custom(|calls| {
            let plugin = Arc::clone(&plugin);
            // On the runtime's own threads, as the engine calls.
            let calling = async move {
                let before = spent();
                for _ in 0..calls {
                    plugin.quote().await.expect("the paper plugin quotes");
                }
                spent() - before
            };
            runtime.block_on(async { spawn("bench", calling).await }).expect("the task ends")
        });
    });
    group.finish();
    runtime.block_on(plugin.end())
}
