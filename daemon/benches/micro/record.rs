//! An order as it is stored.

use crate::{Criterion, life};
use criterion::Throughput;
use orderd::{
    order::OrderIds,
    store::bench::{Records, decode},
};
use std::hint::black_box;

pub(crate) fn bench(criterion: &mut Criterion) -> anyhow::Result<()> {
    let (first, whole) = (life::accepted(&mut OrderIds::new()), life::whole()?);
    let mut records = Records::default();
    let mut group = criterion.benchmark_group("record");
    for (name, order) in [("a new order", &first), ("a whole order", &whole)] {
        let record = records.encode(order)?.as_ref().to_vec();
        anyhow::ensure!(decode(order.id, &record)? == *order, "it is read as it was written");
        group.throughput(Throughput::Bytes(record.len() as u64));
        group.bench_function(format!("encode {name}"), |bencher| {
            bencher.iter(|| records.encode(black_box(order)));
        });
        group.bench_function(format!("decode {name}"), |bencher| {
            bencher.iter(|| decode(order.id, black_box(&record)));
        });
    }
    group.finish();
    Ok(())
}
