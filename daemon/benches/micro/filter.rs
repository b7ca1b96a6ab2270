//! Whether an event is one that a subscription is about.

use crate::{Criterion, life};
use orderd::stream::{Filter, Published};
use serde_json::json;
use std::{hint::black_box, sync::Arc};

pub(crate) fn bench(criterion: &mut Criterion) -> anyhow::Result<()> {
    let order = Arc::new(life::whole()?);
    let event = Published::of(&order, order.seq()).expect("the order has its last event");
    let mut group = criterion.benchmark_group("filter");
    for (name, dex, admitted) in [("match", "alpha", true), ("mismatch", "gamma", false)] {
        let filter = Filter::read(serde_json::from_value(json!({
            "status": ["confirmed", "finalized", "failed"],
            "chain": ["ethereum", "base"],
            "account": "treasury",
            "pair": ["WETH/USDC", "USDC/WETH"],
            "dex": ["beta", dex],
        }))?)?;
        anyhow::ensure!(filter.admits_event(&event) == admitted, "{name}");
        group.bench_function(name, |bencher| bencher.iter(|| black_box(&filter).admits_event(&event)));
    }
    group.finish();
    Ok(())
}
