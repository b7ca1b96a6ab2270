//! The order itself: its name, its request, its way from state to state.

use crate::{
    Criterion,
    life::{NOW, accepted, facts},
};
use criterion::BatchSize;
use orderd::order::{Catalog, ChainEntry, Intent, OrderIds, Ppm, read_request};
use orderd_sdk::wire::ExecuteRequest;
use std::hint::black_box;

const REQUEST: &[u8] = br#"{"orderType":"market","chain":"ethereum","account":"treasury","tokenIn":"WETH",
    "tokenOut":"USDC","amount":"0.5","slippage":"0.5","labels":{"desk":"one"}}"#;

pub(crate) fn bench(criterion: &mut Criterion) -> anyhow::Result<()> {
    let mut ids = OrderIds::new();
    let order = accepted(&mut ids);
    let catalog = catalog(&order.intent);
    let mut group = criterion.benchmark_group("order");
    group.bench_function("id", |bencher| bencher.iter(|| ids.next(NOW, black_box(7))));
    group.bench_function("id as text", |bencher| bencher.iter(|| black_box(order.id).to_string()));
    anyhow::ensure!(read(&catalog).is_some(), "the request is a good one");
    group.bench_function("request", |bencher| bencher.iter(|| read(black_box(&catalog))));
    group.bench_function("transitions of a life", |bencher| {
        let start = || (order.clone(), facts());
        bencher.iter_batched(
            start,
            |(mut order, facts)| {
                facts.into_iter().try_for_each(|fact| order.apply(fact, NOW)).map(|()| order)
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
    Ok(())
}

/// From the bytes of a body to an intent.
fn read(catalog: &Catalog) -> Option<Intent> {
    let request: ExecuteRequest = serde_json::from_slice(REQUEST).ok()?;
    read_request(&request, catalog, NOW).ok()
}

/// What the order needs of a chain.
fn catalog(intent: &Intent) -> Catalog {
    let tokens = [&intent.token_in, &intent.token_out].map(|token| (token.symbol.clone(), token.clone()));
    let entry =
        ChainEntry { tokens: tokens.into(), accounts: [intent.account.clone()].into(), ..Default::default() };
    Catalog { chains: [(intent.chain.clone(), entry)].into(), default_slippage: Ppm(5_000), max_attempts: 3 }
}
