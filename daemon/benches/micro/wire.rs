//! What clients are told: the order's public face, the message of an event, the frame that carries it.

use crate::{Criterion, life};
use criterion::Throughput;
use orderd::{
    order::{View, message_of},
    stream::Frame,
};
use orderd_sdk::wire::OrderReply;
use std::hint::black_box;

pub(crate) fn bench(criterion: &mut Criterion) -> anyhow::Result<()> {
    let order = life::whole()?;
    let reply = OrderReply { success: true, order: View::latest(&order) };
    let message = message_of(&order, order.seq()).expect("the order has its last event");
    let mut group = criterion.benchmark_group("wire");
    group.bench_function("view", |bencher| bencher.iter(|| View::latest(black_box(&order))));
    group.bench_function("message", |bencher| bencher.iter(|| message_of(black_box(&order), order.seq())));
    group.throughput(Throughput::Bytes(serde_json::to_vec(&reply)?.len() as u64));
    group.bench_function("reply as JSON", |bencher| {
        bencher.iter(|| serde_json::to_vec(black_box(&reply)));
    });
    group.throughput(Throughput::Bytes(Frame::encode(&message).bytes().len() as u64));
    group.bench_function("message as a frame", |bencher| {
        bencher.iter(|| Frame::encode(black_box(&message)));
    });
    group.finish();
    Ok(())
}
