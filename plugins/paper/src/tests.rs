//! Trades on paper, through the traits that the daemon uses.

use crate::{
    Paper,
    chain::PaperChain,
    journal::{Journal, JournalError},
    ledger::Ledger,
    settings::Settings,
    transaction::{Transaction, TxHash},
    venue::PaperVenue,
};
use orderd_sdk::{
    amount::Amount,
    plugin::{
        BalanceRequest, Build, BuildRequest, BumpRequest, CancelRequest, Chain, ChainConfig, ChainRead,
        Consumer, ConsumerRequest, Context, ErrorKind, EstimateRequest, Host, HostServices, LaneRequest,
        Payload, Plugin, PluginConfig, PluginError, PrepareRequest, Prepared, QuoteRequest, ReadRequest,
        Receive, SendOutcome, SendRequest, SignRequest, Signature, Signer, StatusRequest, Token, TxQuery,
        TxStatus, Venue, VenueConfig, async_trait,
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{runtime::Handle, time::Instant};

const DESK: &str = "paper:desk";

fn token(symbol: &str, decimals: u8) -> Token {
    Token { symbol: symbol.to_owned(), address: format!("0x{symbol}"), decimals }
}

fn sol() -> Token {
    token("SOL", 9)
}

fn usdc() -> Token {
    token("USDC", 6)
}

fn units(text: &str, token: &Token) -> Amount {
    Amount::parse_units(text, token.decimals).unwrap()
}

fn config(folder: &Path, chain: Value, venue: Value) -> PluginConfig {
    let chain = ChainConfig { tokens: vec![sol(), usdc()], settings: chain };
    let mut settings = json!({"pools": [{"tokens": ["SOL", "USDC"], "reserves": ["500000", "75000000"]}]});
    for (key, value) in venue.as_object().unwrap() {
        settings[key] = value.clone();
    }
    let venue = VenueConfig { chain: "main".into(), tokens: vec![sol(), usdc()], settings };
    PluginConfig {
        chains: [("main".to_owned(), chain)].into(),
        venues: [("pool".to_owned(), venue)].into(),
        data_dir: folder.to_owned(),
    }
}

/// A chain with one venue.
struct World {
    chain: Arc<PaperChain>,
    venue: PaperVenue,
}

impl World {
    fn open(folder: &TempDir, chain: Value, venue: Value) -> Self {
        let mut settings = Settings::read(&config(folder.path(), chain, venue)).unwrap();
        let venue = settings.venues.remove("pool").unwrap();
        let chain = settings.chains.remove("main").unwrap();
        let pools = venue.pools.clone();
        let chain = PaperChain::open("main", chain, pools, folder.path(), &Handle::current()).unwrap();
        Self { venue: PaperVenue::new("pool", venue, chain.clone()), chain }
    }

    async fn payload(&self, amount_in: &str, min_out: Amount, deadline: u64) -> Payload {
        let request = BuildRequest {
            trader: DESK.into(),
            token_in: sol(),
            token_out: usdc(),
            amount_in: units(amount_in, &sol()),
            min_out,
            deadline,
            route: Payload::null(),
        };
        match self.venue.build(&ctx(), request).await.unwrap() {
            Build::Swap { payload } => payload,
            Build::Approve(_) => panic!("paper needs no approval"),
        }
    }

    async fn quote(&self, amount_in: &str) -> Result<Amount, PluginError> {
        let request = QuoteRequest {
            trader: DESK.into(),
            token_in: sol(),
            token_out: usdc(),
            amount_in: units(amount_in, &sol()),
        };
        self.venue.quote(&ctx(), request).await.map(|quote| quote.amount_out)
    }

    /// A swap of one SOL, whatever it gives.
    async fn swap(&self, sequence: u64) -> Prepared {
        let payload = self.payload("1", Amount::ZERO, u64::MAX).await;
        self.prepare(sequence, payload).await
    }

    async fn prepare(&self, sequence: u64, payload: Payload) -> Prepared {
        let request = PrepareRequest { signer: signer(), sequence, payload };
        self.chain.prepare(&ctx(), request).await.unwrap()
    }

    async fn cancel(&self, sequence: u64, replaces: &[&Prepared]) -> Prepared {
        let request = CancelRequest {
            signer: signer(),
            sequence,
            replaces: replaces.iter().map(|prepared| prepared.raw.clone()).collect(),
        };
        self.chain.cancel(&ctx(), request).await.unwrap()
    }

    async fn bump(&self, sequence: u64, replaces: &[&Prepared]) -> Result<Prepared, PluginError> {
        let request = BumpRequest {
            signer: signer(),
            sequence,
            replaces: replaces.iter().map(|prepared| prepared.raw.clone()).collect(),
        };
        self.chain.bump(&ctx(), request).await
    }

    async fn consumer(&self, sequence: u64) -> Result<Consumer, PluginError> {
        let address = DESK.to_owned();
        self.chain.consumer(&ctx(), ConsumerRequest { address, sequence }).await
    }

    async fn send(&self, prepared: &Prepared) -> SendOutcome {
        let Prepared { raw, hash } = prepared.clone();
        self.chain.send(&ctx(), SendRequest { raw, hash }).await
    }

    async fn status(&self, prepared: &Prepared) -> TxStatus {
        let query = TxQuery {
            hash: prepared.hash.clone(),
            receive: Some(Receive { token: usdc().address, address: DESK.into() }),
        };
        let queries = StatusRequest { queries: vec![query] };
        self.chain.status(&ctx(), queries).await.unwrap().remove(0)
    }

    async fn lane(&self) -> (u64, u64) {
        let address = DESK.to_owned();
        let lane = self.chain.lane(&ctx(), LaneRequest { address }).await.unwrap();
        (lane.latest, lane.finalized)
    }

    async fn balance(&self, token: &Token) -> Amount {
        let request = BalanceRequest { address: DESK.into(), token: Some(token.address.clone()) };
        self.chain.balance(&ctx(), request).await.unwrap()
    }

    fn ledger(&self) -> Ledger {
        self.chain.ledger()
    }
}

fn ctx() -> Context {
    Context::within(Duration::from_secs(60))
}

fn signer() -> Signer {
    Signer { account: "desk".into(), address: DESK.into() }
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn received(status: TxStatus) -> Amount {
    let TxStatus::Succeeded { received: Some(received), .. } = status else {
        panic!("expected success, got {status:?}");
    };
    received
}

fn revert_reason(status: TxStatus) -> String {
    let TxStatus::Reverted { reason, .. } = status else {
        panic!("expected a revert, got {status:?}");
    };
    reason
}

fn is_not_sent(outcome: &SendOutcome) -> bool {
    matches!(outcome, SendOutcome::NotSent { .. })
}

struct NoServices;

#[async_trait]
impl HostServices for NoServices {
    async fn sign(&self, _: &Context, _: SignRequest) -> Result<Signature, PluginError> {
        Err(PluginError::permanent("paper needs no keys"))
    }

    async fn read_chain(&self, _: &Context, _: ChainRead) -> Result<Payload, PluginError> {
        Err(PluginError::permanent("paper has its own chain"))
    }
}

#[tokio::test]
async fn the_plugin_makes_what_is_configured() {
    let folder = folder();
    let exports = Paper::create(config(folder.path(), json!({}), json!({})), Host::new(NoServices)).unwrap();
    assert_eq!(exports.chains.keys().collect::<Vec<_>>(), ["main"]);
    assert_eq!(exports.venues.keys().collect::<Vec<_>>(), ["pool"]);
}

#[test]
fn every_mistake_is_named_at_once_with_its_key_path() {
    let chain = json!({"balance": "1e9", "inclusionMs": -1, "sendFailurePercent": 101, "speed": 1});
    let venue = json!({
        "arbitrage": "yes",
        "pools": [
            {"tokens": ["SOL", "EUR"], "reserves": ["1", "1"]},
            {"tokens": ["SOL", "SOL"], "reserves": ["1", "1"]},
            {"tokens": ["SOL", "USDC"], "reserves": ["0", "0.0000001"], "fee": 1},
            {"tokens": ["SOL", "USDC"], "reserves": [1.5, "1"]},
            {"tokens": ["SOL", "USDC"], "reserves": ["1", "1"]},
            {"tokens": ["USDC", "SOL"], "reserves": [1, 1]},
        ],
    });
    let mut config = config(Path::new(""), chain, venue);
    config.venues.get_mut("pool").unwrap().chain = "other".into();
    let message = Settings::read(&config).unwrap_err().message;
    let mistakes: Vec<&str> = message.split("; ").collect();
    assert_eq!(
        mistakes,
        [
            "chains.main.config.inclusionMs: expected a whole number up to 86400000",
            "chains.main.config.sendFailurePercent: expected a whole number up to 100",
            "chains.main.config.speed: unknown key",
            "chains.main.config.balance: \"1e9\" is no amount of SOL: exponent form is not accepted, write the digits out",
            "chains.main.config.balance: \"1e9\" is no amount of USDC: exponent form is not accepted, write the digits out",
            "venues.pool.chain: \"other\" is not a chain of this plugin",
            "venues.pool.config.arbitrage: expected true or false",
            "venues.pool.config.pools[0].tokens[1]: \"EUR\" is not a token of the chain",
            "venues.pool.config.pools[1].tokens: they are the same token",
            "venues.pool.config.pools[2].fee: unknown key",
            "venues.pool.config.pools[2].reserves[0]: must be more than zero",
            "venues.pool.config.pools[2].reserves[1]: \"0.0000001\" is no amount of USDC: more than 6 decimal places",
            "venues.pool.config.pools[3].reserves: expected a list of two texts",
            "venues.pool.config.pools[5].tokens: they have a pool here already",
        ]
    );
}

#[tokio::test]
async fn a_pool_on_the_chain_is_there_for_a_venue_of_another_plugin() {
    let folder = folder();
    let pool = json!({"venue": "guest", "tokens": ["SOL", "USDC"], "reserves": ["5", "10"], "feeBps": 0});
    let config = |pools| config(folder.path(), json!({"pools": pools}), json!({}));
    let exports = Paper::create(config(json!([pool])), Host::new(NoServices)).unwrap();
    let query = json!({"what": "pool", "venue": "guest", "tokens": ["0xUSDC", "0xSOL"]}).into();
    let answer = exports.chains["main"].read(&ctx(), ReadRequest { query }).await.unwrap();
    assert_eq!(answer, json!({"reserves": ["10000000", "5000000000"], "feeBps": 0}));
    let wrong = [
        json!({"venue": "pool", "tokens": ["SOL", "USDC"], "reserves": ["5", "10"]}),
        json!({"tokens": ["SOL", "EUR"], "reserves": ["5", "10"], "depth": 1}),
    ];
    let message = Settings::read(&config(json!(wrong))).unwrap_err().message;
    let path = "chains.main.config.pools";
    for mistake in [
        format!("{path}: \"pool\" is a venue of this plugin, which names its pools itself"),
        format!("{path}[1].venue: missing, expected the name of a venue of another plugin"),
        format!("{path}[1].depth: unknown key"),
    ] {
        assert!(message.contains(&mistake), "{message}");
    }
}

#[tokio::test]
async fn a_swap_brings_what_was_quoted() {
    let folder = folder();
    let world = World::open(&folder, json!({}), json!({}));
    let quoted = world.quote("10").await.unwrap();
    let payload = world.payload("10", quoted, u64::MAX).await;
    let request = EstimateRequest { address: DESK.into(), payload };
    let payload = world.chain.estimate(&ctx(), request).await.unwrap().payload;
    let prepared = world.prepare(0, payload).await;
    assert_eq!(world.status(&prepared).await, TxStatus::NotFound);
    assert_eq!(world.send(&prepared).await, SendOutcome::Accepted);
    assert_eq!(received(world.status(&prepared).await), quoted);
    assert_eq!(world.lane().await, (1, 1));
    assert_eq!(world.balance(&sol()).await, units("999999990", &sol()));
    let start = units("1000000000", &usdc());
    assert_eq!(world.balance(&usdc()).await, start.checked_add(quoted).unwrap());
    assert_eq!(world.send(&prepared).await, SendOutcome::Accepted, "the same bytes are welcome");
    assert_eq!(world.lane().await, (1, 1));
}

#[tokio::test]
async fn what_cannot_succeed_fails_in_estimate_and_reverts_on_the_chain() {
    let folder = folder();
    let world = World::open(&folder, json!({}), json!({}));
    let cases = [
        ("1", Amount::MAX, u64::MAX, "would give", ErrorKind::Transient),
        ("1", Amount::ZERO, 1, "the deadline has passed", ErrorKind::Permanent),
        ("1000000001", Amount::ZERO, u64::MAX, "funds are missing", ErrorKind::InsufficientFunds),
    ];
    for (sequence, (amount_in, min_out, deadline, reason, kind)) in (0..).zip(cases) {
        let payload = world.payload(amount_in, min_out, deadline).await;
        let request = EstimateRequest { address: DESK.into(), payload: payload.clone() };
        let error = world.chain.estimate(&ctx(), request).await.unwrap_err();
        assert!(error.message.contains(reason), "{error}");
        assert_eq!(error.kind, kind, "{error}");

        let prepared = world.prepare(sequence, payload).await;
        assert_eq!(world.send(&prepared).await, SendOutcome::Accepted);
        assert!(revert_reason(world.status(&prepared).await).contains(reason));
        assert_eq!(world.lane().await.0, sequence + 1, "a revert consumes its sequence");
    }
    assert_eq!(world.balance(&sol()).await, units("1000000000", &sol()));
}

#[tokio::test]
async fn a_later_sequence_waits_and_an_earlier_one_is_refused() {
    let folder = folder();
    let world = World::open(&folder, json!({}), json!({}));
    let (first, second) = (world.swap(0).await, world.swap(1).await);
    assert_eq!(world.send(&second).await, SendOutcome::Accepted);
    assert_eq!(world.status(&second).await, TxStatus::Pending);
    assert_eq!(world.send(&first).await, SendOutcome::Accepted);
    assert_eq!(world.lane().await, (2, 2));
    let rival = world.cancel(0, &[&first]).await;
    assert!(is_not_sent(&world.send(&rival).await));
    assert_eq!(world.status(&rival).await, TxStatus::NotFound);
}

#[tokio::test]
async fn a_waiting_transaction_gives_way_to_one_that_outbids_it() {
    let folder = folder();
    let world = World::open(&folder, json!({}), json!({}));
    let (first, second) = (world.swap(0).await, world.swap(1).await);
    assert_eq!(world.send(&second).await, SendOutcome::Accepted);
    let equal = world.cancel(1, &[]).await;
    assert!(is_not_sent(&world.send(&equal).await));
    let cancel = world.cancel(1, &[&second, &equal]).await;
    assert_eq!(world.send(&cancel).await, SendOutcome::Accepted);
    assert_eq!(world.status(&second).await, TxStatus::NotFound);
    assert!(is_not_sent(&world.send(&second).await));
    assert_eq!(world.send(&first).await, SendOutcome::Accepted);
    assert_eq!(received(world.status(&cancel).await), Amount::ZERO);
    assert_eq!(world.lane().await.0, 2);
}

#[tokio::test]
async fn a_bumped_swap_takes_effect_and_the_first_one_disappears() {
    let folder = folder();
    let world = World::open(&folder, json!({"stuckPercent": 100}), json!({}));
    let first = world.swap(0).await;
    assert_eq!(world.send(&first).await, SendOutcome::Accepted);
    assert_eq!(world.send(&first).await, SendOutcome::Accepted, "the same bytes are welcome");
    assert_eq!(world.status(&first).await, TxStatus::Pending, "it is stuck");
    let second = world.bump(0, &[&first]).await.unwrap();
    assert_eq!(world.send(&second).await, SendOutcome::Accepted);
    received(world.status(&second).await);
    assert_eq!(world.status(&first).await, TxStatus::NotFound);
    assert!(is_not_sent(&world.send(&first).await));
    assert_eq!(world.balance(&sol()).await, units("999999999", &sol()), "one of them had effect");
}

#[tokio::test(start_paused = true)]
async fn what_waits_behind_a_stuck_transaction_follows_its_replacement() {
    let folder = folder();
    let world = World::open(&folder, json!({"stuckPercent": 100, "inclusionMs": 400}), json!({}));
    let (stuck, behind) = (world.swap(0).await, world.swap(1).await);
    let moving = world.bump(1, &[&behind]).await.unwrap();
    for swap in [&stuck, &moving] {
        assert_eq!(world.send(swap).await, SendOutcome::Accepted);
    }
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(world.lane().await.0, 0);
    let cancel = world.cancel(0, &[&stuck]).await;
    assert_eq!(world.send(&cancel).await, SendOutcome::Accepted);
    while world.lane().await.0 < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(received(world.status(&cancel).await), Amount::ZERO);
    received(world.status(&moving).await);
}

#[tokio::test]
async fn chance_decides_the_same_way_who_gets_stuck() {
    let mut worlds = Vec::new();
    for _ in 0..2 {
        let folder = folder();
        let world = World::open(&folder, json!({"stuckPercent": 50, "seed": 3}), json!({}));
        let mut stuck = Vec::new();
        for sequence in 0..40 {
            let swap = world.swap(sequence).await;
            world.send(&swap).await;
            stuck.push(world.status(&swap).await == TxStatus::Pending);
            world.send(&world.bump(sequence, &[&swap]).await.unwrap()).await;
        }
        assert_eq!(world.lane().await.0, 40);
        worlds.push(stuck);
    }
    let count = worlds[0].iter().filter(|stuck| **stuck).count();
    assert!((8..32).contains(&count), "{count} of 40");
    assert_eq!(worlds[0], worlds[1]);
}

#[tokio::test]
async fn a_sequence_is_open_until_what_consumed_it_is_final() {
    let folder = folder();
    let world = World::open(&folder, json!({"finalityMs": 3_600_000}), json!({}));
    let swap = world.swap(0).await;
    assert_eq!(world.consumer(0).await, Ok(Consumer::Open));
    world.send(&swap).await;
    assert_eq!(world.consumer(0).await, Ok(Consumer::Open), "in a block, but not final");
}

#[tokio::test]
async fn the_consumer_of_a_final_sequence_is_named_as_long_as_it_is_remembered() {
    let folder = folder();
    let world = World::open(&folder, json!({"maxReceipts": 2}), json!({}));
    let (swap, cancel) = (world.swap(1).await, world.cancel(2, &[]).await);
    for prepared in [&world.swap(0).await, &swap, &cancel] {
        assert_eq!(world.send(prepared).await, SendOutcome::Accepted);
    }
    for (sequence, by) in [(1, &swap), (2, &cancel)] {
        let TxStatus::Succeeded { block, .. } = world.status(by).await else {
            panic!("it is in a block");
        };
        let hash = by.hash.clone();
        assert_eq!(world.consumer(sequence).await, Ok(Consumer::Consumed { hash, block }));
    }
    assert!(world.consumer(0).await.is_err(), "what is forgotten is not called open");
    assert_eq!(world.consumer(3).await, Ok(Consumer::Open));
}

#[tokio::test]
async fn bytes_of_another_chain_or_with_another_hash_are_not_taken() {
    let folder = folder();
    let world = World::open(&folder, json!({}), json!({}));
    let good = world.swap(0).await;
    let own = Transaction::decode(&good.raw.0).unwrap();
    let other = Transaction { chain: "side".to_owned(), ..own }.encode();
    for (raw, hash) in [
        (good.raw.0.clone(), TxHash::of(b"other").to_string()),
        (other.clone(), TxHash::of(&other).to_string()),
        (b"{}".to_vec(), TxHash::of(b"{}").to_string()),
    ] {
        let prepared = Prepared { raw: orderd_sdk::plugin::HexBytes(raw), hash };
        assert!(is_not_sent(&world.send(&prepared).await));
    }
    assert_eq!(world.lane().await, (0, 0));
}

#[tokio::test(start_paused = true)]
async fn inclusion_takes_as_long_as_configured() {
    let folder = folder();
    let world = World::open(&folder, json!({"inclusionMs": 400}), json!({}));
    let started = Instant::now();
    let swaps = [world.swap(0).await, world.swap(1).await];
    for swap in &swaps {
        assert_eq!(world.send(swap).await, SendOutcome::Accepted);
        assert_eq!(world.status(swap).await, TxStatus::Pending);
    }
    let cancel = world.cancel(1, &[&swaps[1]]).await;
    assert_eq!(world.send(&cancel).await, SendOutcome::Accepted);
    while world.lane().await.0 < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!((400..=410).contains(&started.elapsed().as_millis()));
    received(world.status(&swaps[0]).await);
    assert_eq!(world.status(&swaps[1]).await, TxStatus::NotFound);
}

#[tokio::test]
async fn finality_comes_later_than_inclusion() {
    let folder = folder();
    let world = World::open(&folder, json!({"finalityMs": 3_600_000}), json!({}));
    let swap = world.swap(0).await;
    world.send(&swap).await;
    assert_eq!(world.lane().await, (1, 0));
    assert!(matches!(world.status(&swap).await, TxStatus::Succeeded { finalized: false, .. }));
    drop(world);
    let world = World::open(&folder, json!({"finalityMs": 3_600_000}), json!({}));
    assert_eq!(world.lane().await, (1, 0), "after a restart too");
}

#[tokio::test]
async fn arbitrage_restores_the_price_unless_switched_off() {
    for (arbitrage, restored) in [(true, true), (false, false)] {
        let folder = folder();
        let world = World::open(&folder, json!({}), json!({"arbitrage": arbitrage}));
        let before = world.quote("1000").await.unwrap();
        world.send(&world.swap(0).await).await;
        assert_eq!(world.quote("1000").await.unwrap() == before, restored);
        let query = json!({"what": "pool", "venue": "pool", "tokens": ["0xSOL", "0xUSDC"]}).into();
        let pool = world.chain.read(&ctx(), ReadRequest { query }).await.unwrap();
        let pool: Value = pool.read().unwrap();
        assert_eq!(pool["feeBps"], 30);
        assert_eq!(pool["reserves"][0] == "500000000000000", restored);
    }
}

#[tokio::test]
async fn failures_happen_as_configured() {
    let folder = folder();
    let world = World::open(&folder, json!({"sendFailurePercent": 100}), json!({"failurePercent": 100}));
    assert!(world.quote("1").await.unwrap_err().is_transient());
    assert!(is_not_sent(&world.send(&world.swap(0).await).await));
    assert_eq!(world.lane().await, (0, 0));
}

#[tokio::test]
async fn an_unknown_send_may_or_may_not_have_been_performed() {
    let folder = folder();
    let world = World::open(&folder, json!({"unknownPercent": 100, "seed": 5}), json!({}));
    let mut sends = 0;
    for sequence in 0..50 {
        let swap = world.swap(sequence).await;
        while world.lane().await.0 == sequence {
            assert!(matches!(world.send(&swap).await, SendOutcome::Unknown { .. }));
            sends += 1;
        }
    }
    assert!((60..200).contains(&sends), "{sends} sends for 50 swaps");
}

#[tokio::test]
async fn where_receipts_are_gone_a_consumed_sequence_is_unknown() {
    let folder = folder();
    let world = World::open(&folder, json!({"maxReceipts": 2}), json!({}));
    let mut swaps = Vec::new();
    for sequence in 0..4 {
        swaps.push(world.swap(sequence).await);
        world.send(&swaps[swaps.len() - 1]).await;
    }
    assert!(matches!(world.send(&swaps[1]).await, SendOutcome::Unknown { .. }));
    assert_eq!(world.send(&swaps[2]).await, SendOutcome::Accepted);
    let rival = world.cancel(2, &[]).await;
    assert!(is_not_sent(&world.send(&rival).await));
}

#[tokio::test]
async fn the_ledger_is_the_same_after_a_restart_even_with_a_torn_line() {
    let folder = folder();
    let open = || World::open(&folder, json!({}), json!({"arbitrage": false}));
    let world = open();
    for sequence in 0..5 {
        world.send(&world.swap(sequence).await).await;
    }
    let before = world.ledger();
    drop(world);
    let journal = folder.path().join("main.journal");
    let mut file = OpenOptions::new().append(true).open(&journal).unwrap();
    file.write_all(b"{\"number\":6,\"at\":17").unwrap();
    let world = open();
    assert_eq!(world.ledger(), before);
    world.send(&world.swap(5).await).await;
    let before = world.ledger();
    drop(world);
    assert_eq!(open().ledger(), before);
}

#[tokio::test]
async fn damage_and_a_second_user_are_refused() {
    let folder = folder();
    let world = World::open(&folder, json!({}), json!({}));
    world.send(&world.swap(0).await).await;
    let mut ledger = world.ledger();
    let again = Journal::open(folder.path(), "main", &mut ledger, u64::MAX);
    assert!(matches!(again, Err(JournalError::InUse { .. })));
    let mut empty = World::open(&self::folder(), json!({}), json!({})).ledger();
    drop(world);
    let journal = folder.path().join("main.journal");
    let text = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, text.replace("\"number\":1", "\"number\":2")).unwrap();
    let damaged = Journal::open(folder.path(), "main", &mut empty, u64::MAX);
    assert!(matches!(damaged, Err(JournalError::Damaged { line: 1, .. })), "{damaged:?}");
}

#[tokio::test]
async fn a_large_journal_is_folded_into_a_snapshot() {
    let folder = folder();
    let open = || World::open(&folder, json!({"maxReceipts": 3}), json!({"arbitrage": false}));
    let empty =
        || World::open(&self::folder(), json!({"maxReceipts": 3}), json!({"arbitrage": false})).ledger();
    let world = open();
    for sequence in 0..5 {
        world.send(&world.swap(sequence).await).await;
    }
    let before = world.ledger();
    drop(world);
    let journal = folder.path().join("main.journal");
    let lines = fs::read(&journal).unwrap();
    let mut folded = empty();
    drop(Journal::open(folder.path(), "main", &mut folded, 0).unwrap());
    assert_eq!(folded, before);
    assert_eq!(fs::metadata(&journal).unwrap().len(), 0);
    // A crash between the snapshot and the cut leaves both: what the snapshot has is passed over.
    fs::write(&journal, lines).unwrap();
    let world = open();
    assert_eq!(world.ledger(), before);
    world.send(&world.swap(5).await).await;
    let after = world.ledger();
    drop(world);
    assert_eq!(open().ledger(), after);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A swap, bumps of it and cancellations, each of which outbids those before it, are sent in any order and any
    /// number of times while an earlier sequence keeps them waiting.
    #[test]
    fn of_all_that_is_signed_for_a_sequence_one_takes_effect(
        cancels in prop::collection::vec(any::<bool>(), 0..5),
        sends in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = folder();
            let world = World::open(&folder, json!({}), json!({}));
            let mut signed = vec![world.swap(1).await];
            for cancels in cancels {
                let replaces: Vec<&Prepared> = signed.iter().collect();
                let next = match cancels {
                    true => world.cancel(1, &replaces).await,
                    false => world.bump(1, &replaces).await.unwrap(),
                };
                signed.push(next);
            }
            let sent: Vec<usize> = sends.iter().map(|send| send.index(signed.len())).collect();
            for index in &sent {
                world.send(&signed[*index]).await;
            }
            world.send(&world.swap(0).await).await;
            let highest = *sent.iter().max().unwrap();
            let Consumer::Consumed { hash, .. } = world.consumer(1).await.unwrap() else {
                panic!("one of them is in the chain");
            };
            assert_eq!(&hash, &signed[highest].hash);
            for (index, prepared) in signed.iter().enumerate() {
                assert_eq!(world.status(prepared).await == TxStatus::NotFound, index != highest);
                world.send(prepared).await;
            }
            assert_eq!(world.lane().await.0, 2);
        });
    }

    /// Sends in any order, repeated, and with rivals for the same sequence.
    #[test]
    fn each_sequence_is_consumed_once_and_the_journal_tells_the_same(
        sends in prop::collection::vec((0_u64..8, 0_u8..3), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = folder();
            let open = || World::open(&folder, json!({}), json!({"arbitrage": false}));
            let world = open();
            for (sequence, rival) in sends {
                let payload = world.payload(&(rival + 1).to_string(), Amount::ZERO, u64::MAX).await;
                world.send(&world.prepare(sequence, payload).await).await;
            }
            let ledger = world.ledger();
            let included: Vec<u64> = ledger.receipts.iter().map(|receipt| receipt.sequence).collect();
            let dense: Vec<u64> = (0..world.lane().await.0).collect();
            assert_eq!(included, dense);
            let [reserve_in, reserve_out] = ledger.pools()[0].reserves;
            let [start_in, start_out] = ledger.pools()[0].configured;
            assert!(reserve_in * reserve_out >= start_in * start_out);
            let sold = units("1000000000", &sol()).saturating_sub(world.balance(&sol()).await);
            assert_eq!(sold.0, reserve_in - start_in, "nothing is lost or made");
            drop(world);
            assert_eq!(open().ledger(), ledger);
        });
    }
}
