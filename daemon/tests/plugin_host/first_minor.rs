//! Plugins of other minor versions: one of 1.0, against the header of then, and one that is newer than this daemon.

use crate::{LONG, chain, config, end, folder, libraries, load_with, quote_request, token, venue};
use orderd_sdk::{
    amount::Amount,
    plugin::{
        Build, BuildRequest, BumpRequest, CancelRequest, ConsumerRequest, Context, ErrorKind,
        EstimateRequest, LaneRequest, PrepareRequest, Prepared, Receive, SendOutcome, SendRequest, Signer,
        StatusRequest, TxQuery, TxStatus,
    },
};
use serde_json::Value;

fn signer() -> Signer {
    Signer { account: "desk".into(), address: "old".into() }
}

/// A swap at the first sequence, up to its end, and a cancel at the second.
async fn trades(flavour: &str, minor: u32) {
    let folder = folder();
    let loaded = load_with(libraries::first_minor(flavour), config(&folder, Value::Null)).await.unwrap();
    let manifest = loaded.about().manifest.clone();
    assert_eq!((manifest.name.as_str(), manifest.abi_minor), ("first", minor));
    let (venue, chain, ctx) = (venue(&loaded), chain(&loaded), Context::within(LONG));
    let quote = venue.quote(&ctx, quote_request("SOL")).await.unwrap();
    assert_eq!((quote.amount_out, quote.network_cost), (Amount::from(1_000_000_u64), None));
    let build = BuildRequest {
        trader: "old".into(),
        token_in: token("SOL"),
        token_out: token("USDC"),
        amount_in: Amount::from(1_000_000_u64),
        min_out: quote.amount_out,
        deadline: u64::MAX,
        route: quote.route,
    };
    let Build::Swap { payload } = venue.build(&ctx, build).await.unwrap() else {
        panic!("it needs no approval");
    };
    let estimate = EstimateRequest { address: "old".into(), payload };
    let payload = chain.estimate(&ctx, estimate).await.unwrap().payload;
    let prepare = PrepareRequest { signer: signer(), sequence: 0, payload };
    let Prepared { raw, hash } = chain.prepare(&ctx, prepare).await.unwrap();
    let swap = SendRequest { raw: raw.clone(), hash: hash.clone() };
    assert_eq!(chain.send(&ctx, swap.clone()).await, SendOutcome::Accepted);
    assert_eq!(chain.send(&ctx, swap).await, SendOutcome::Accepted, "once more, without effect");
    let cancel = CancelRequest { signer: signer(), sequence: 1, replaces: Vec::new() };
    let cancel = chain.cancel(&ctx, cancel).await.unwrap();
    let send = SendRequest { raw: cancel.raw, hash: cancel.hash.clone() };
    assert_eq!(chain.send(&ctx, send).await, SendOutcome::Accepted);

    let receive = Some(Receive { token: "0xUSDC".into(), address: "old".into() });
    let queries = vec![
        TxQuery { hash, receive },
        TxQuery { hash: cancel.hash, receive: None },
        TxQuery { hash: "s9".into(), receive: None },
    ];
    let statuses = chain.status(&ctx, StatusRequest { queries }).await.unwrap();
    let [TxStatus::Succeeded { received, finalized: true, .. }, cancelled, TxStatus::NotFound] =
        &statuses[..]
    else {
        panic!("{statuses:?}");
    };
    assert_eq!(*received, Some(Amount::from(1_000_000_u64)));
    assert!(matches!(cancelled, TxStatus::Succeeded { received: None, .. }));
    let lane = chain.lane(&ctx, LaneRequest { address: "old".into() }).await.unwrap();
    assert_eq!((lane.latest, lane.finalized), (2, 2));

    let bump = BumpRequest { signer: signer(), sequence: 1, replaces: vec![raw] };
    assert_eq!(chain.bump(&ctx, bump).await.unwrap_err().kind, ErrorKind::Unsupported);
    let consumer = ConsumerRequest { address: "old".into(), sequence: 0 };
    assert_eq!(chain.consumer(&ctx, consumer).await.unwrap_err().kind, ErrorKind::Unsupported);
    end(loaded).await;
}

#[tokio::test]
async fn a_plugin_of_the_first_minor_version_loads_and_trades() {
    trades("", 0).await;
}

#[tokio::test]
async fn a_plugin_of_a_later_minor_version_loads_and_trades() {
    trades("NEWER", 9).await;
}
