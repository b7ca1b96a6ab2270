//! The example of a venue in C, beside the paper plugin, which prices the same pools.

use crate::{LONG, end, folder, libraries, load_with, token, venue};
use orderd::plugin::{LoadFailure, Loaded};
use orderd_sdk::{
    amount::Amount,
    plugin::{
        Build, BuildRequest, ChainConfig, Context, ErrorKind, PluginConfig, QuoteRequest, Token, VenueConfig,
    },
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A token whose name has to be escaped in JSON.
const ODD: &str = "a\"b\\é😀\n";

pub(crate) fn settings() -> Value {
    json!({
        "swapsOn": "paper",
        "feeBps": 5,
        "pools": [
            {"tokens": ["SOL", "USDC"], "reserves": ["40000.5", "6000000"]},
            {"tokens": [ODD, "SOL"], "reserves": ["0.000001", "99999999999999999999999999999999999999"]},
        ],
    })
}

pub(crate) fn only_venue(folder: &TempDir, settings: Value) -> PluginConfig {
    let tokens = vec![token("SOL"), token("USDC"), token(ODD)];
    let venue = VenueConfig { chain: "main".to_owned(), tokens, settings };
    PluginConfig {
        venues: [("pool".to_owned(), venue)].into(),
        data_dir: folder.path().to_owned(),
        ..PluginConfig::default()
    }
}

async fn load(folder: &TempDir) -> Loaded {
    load_with(libraries::c_venue(), only_venue(folder, settings())).await.unwrap()
}

/// The paper plugin with the same pools and one chain.
async fn paper(folder: &TempDir) -> Loaded {
    let mut settings = settings();
    settings.as_object_mut().unwrap().remove("swapsOn");
    let mut config = only_venue(folder, settings);
    let tokens = config.venues["pool"].tokens.clone();
    config.chains.insert("main".to_owned(), ChainConfig { tokens, settings: Value::Null });
    load_with(libraries::paper(), config).await.unwrap()
}

fn swap(token_in: Token, token_out: Token, amount_in: Amount) -> QuoteRequest {
    QuoteRequest { trader: "paper:desk".into(), token_in, token_out, amount_in }
}

#[tokio::test]
async fn every_quote_of_the_venue_in_c_is_that_of_the_paper_plugin() {
    let folders = [folder(), folder()];
    let (in_c, paper) = (load(&folders[0]).await, paper(&folders[1]).await);
    let ctx = Context::within(LONG);
    let pairs = [("SOL", "USDC"), ("USDC", "SOL"), (ODD, "SOL"), ("SOL", ODD), ("USDC", ODD), ("SOL", "SOL")];
    let mut amounts = vec![Amount::ZERO, Amount::from(1_u64), Amount::MAX];
    let mut digits = String::new();
    for digit in "4729103856".chars().cycle().take(77) {
        digits.push(digit);
        amounts.push(digits.parse().unwrap());
    }
    let mut priced = 0;
    for (token_in, token_out) in pairs {
        for amount in &amounts {
            let request = swap(token(token_in), token(token_out), *amount);
            let ours = venue(&in_c).quote(&ctx, request.clone()).await;
            priced += u32::from(ours.is_ok());
            assert_eq!(ours, venue(&paper).quote(&ctx, request.clone()).await, "{request:?}");
        }
    }
    assert!(priced > 200, "{priced} quotes had a price");
    end(in_c).await;
    end(paper).await;
}

#[tokio::test]
async fn the_venue_in_c_builds_what_the_paper_chain_takes() {
    let folder = folder();
    let loaded = load(&folder).await;
    let request = BuildRequest {
        trader: "paper:\"desk\"".into(),
        token_in: token(ODD),
        token_out: token("SOL"),
        amount_in: Amount::MAX,
        min_out: Amount::from(7_u64),
        deadline: u64::MAX,
        route: json!(["anything"]).into(),
    };
    let ctx = Context::within(LONG);
    let Build::Swap { payload } = venue(&loaded).build(&ctx, request.clone()).await.unwrap() else {
        panic!("it needs no approval");
    };
    let expected = json!({
        "venue": "paper",
        "trader": "paper:\"desk\"",
        "tokenIn": format!("0x{ODD}"),
        "tokenOut": "0xSOL",
        "amountIn": Amount::MAX,
        "minOut": "7",
        "deadline": u64::MAX,
    });
    assert_eq!(payload, expected);
    let missing = BuildRequest { token_in: token("DAI"), ..request };
    let error = venue(&loaded).build(&ctx, missing).await.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Permanent, "no pool for DAI and SOL"));
    assert_eq!(venue(&loaded).health(&ctx).await.unwrap().detail, "2 pools in C");
    end(loaded).await;
}

#[tokio::test]
async fn every_mistake_in_the_settings_of_the_venue_in_c_is_named() {
    let folder = folder();
    let settings = json!({
        "feeBps": 10_000,
        "colour": "red",
        "pools": [{"tokens": ["SOL", "DAI"], "reserves": ["1", "1"]}, 7],
    });
    let refused = load_with(libraries::c_venue(), only_venue(&folder, settings)).await.unwrap_err();
    let LoadFailure::Create(said) = refused.reason else { panic!("{refused:?}") };
    let pools =
        "venues.pool.config.pools: each has two tokens of the chain, and two reserves above zero as texts";
    assert_eq!(
        said,
        format!(
            "venues.pool.config.colour: unknown key; venues.pool.config.feeBps: expected a whole number up to 9999; \
             {pools}; {pools}; venues.pool.config.swapsOn: missing, expected the name of a paper venue"
        )
    );
    for (settings, expected) in [
        (json!({}), ["config.swapsOn: missing", "config.pools: one pool is needed at least"]),
        (json!({"pools": []}), ["config.swapsOn: missing", "config.pools: expected a list with one pool"]),
        (json!("red"), ["config: expected a table", ""]),
    ] {
        let refused = load_with(libraries::c_venue(), only_venue(&folder, settings)).await.unwrap_err();
        let LoadFailure::Create(said) = refused.reason else { panic!("{refused:?}") };
        assert!(expected.iter().all(|part| said.contains(part)), "{said}");
    }
    let mut config = only_venue(&folder, self::settings());
    config.chains.insert("moon".to_owned(), ChainConfig::default());
    let refused = load_with(libraries::c_venue(), config).await.unwrap_err();
    assert!(refused.reason.to_string().ends_with("chains.moon: this plugin has venues only"), "{refused:?}");
}
