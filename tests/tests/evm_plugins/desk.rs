//! A trader's desk: both plugins on one node, loaded and wired together as the daemon does it.

use alloy_primitives::{Address, U256};
use k256::ecdsa::SigningKey;
use orderd::plugin::{PluginSpec, load};
use orderd_sdk::amount::Amount;
use orderd_sdk::plugin::{
    self, Build, BuildRequest, ChainConfig, ChainRead, Context, EstimateRequest, Exports, HexBytes, Host,
    HostServices, Payload, PluginConfig, PluginError, PrepareRequest, Prepared, Quote, QuoteRequest,
    ReadRequest, Receive, SendOutcome, SendRequest, SignRequest, Signature, Signer, StatusRequest, TxQuery,
    TxStatus, VenueConfig, async_trait,
};
use orderd_tests::{AnvilOptions, Chain, Token, World, daemon::built, world::TRADER};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The names of the venues: those that the test market's own [`orderd_tests::Venue`] has, and Uniswap V4.
pub(crate) const VENUES: [&str; 4] = ["uniswap-v2", "sushiswap", "uniswap-v3", "uniswap-v4"];
/// The most that has to be granted before a swap: on Uniswap V4 to Permit2, and there to the router.
const MOST_APPROVALS: usize = 2;
/// The end of time, for deadlines that do not matter.
pub(crate) const NEVER: u64 = 4_000_000_000;

type ChainHandle = Arc<dyn plugin::Chain>;

/// Both plugins on one node, and the trader who uses them.
pub(crate) struct Desk {
    pub(crate) node: Chain,
    pub(crate) chain: ChainHandle,
    pub(crate) venues: BTreeMap<String, Arc<dyn plugin::Venue>>,
    pub(crate) signer: Signer,
}

/// The daemon's part: signs with the trader's key, and passes venues' questions to the chain.
#[derive(Clone)]
struct Daemon {
    key: SigningKey,
    chain: Arc<OnceLock<ChainHandle>>,
}

#[async_trait]
impl HostServices for Daemon {
    async fn sign(&self, _: &Context, request: SignRequest) -> Result<Signature, PluginError> {
        assert_eq!((request.chain.as_str(), request.account.as_str()), ("anvil", "main"));
        let (signature, id) = self.key.sign_prehash_recoverable(&request.digest.0).unwrap();
        Ok(Signature {
            r: HexBytes(signature.r().to_bytes().to_vec()),
            s: HexBytes(signature.s().to_bytes().to_vec()),
            y_odd: id.is_y_odd(),
        })
    }

    async fn read_chain(&self, ctx: &Context, request: ChainRead) -> Result<Payload, PluginError> {
        assert_eq!(request.chain, "anvil");
        let query = request.query;
        self.chain.get().unwrap().read(ctx, ReadRequest { query }).await
    }
}

/// The frame of one call.
pub(crate) fn ctx() -> Context {
    Context::within(Duration::from_secs(10))
}

/// A chain of the plugin with these settings.
pub(crate) async fn open_chain(settings: Value) -> ChainHandle {
    open_chain_with(settings, daemon()).await
}

/// Loads a plugin's library, as the daemon does. What it exports keeps it alive.
async fn open_plugin(name: &str, config: PluginConfig, daemon: Daemon) -> Exports {
    let path = built().unwrap().join(format!("liborderd_plugin_{name}.so"));
    // What was loaded stays, also without its file.
    let copies = tempfile::tempdir().unwrap();
    let config = PluginConfig { data_dir: copies.path().to_owned(), ..config };
    let spec = PluginSpec::new(name, path, copies.path().to_owned(), config);
    load(spec, Host::new(daemon)).await.unwrap().exports
}

fn daemon() -> Daemon {
    Daemon {
        key: SigningKey::from_slice(&hex::decode(TRADER.private_key).unwrap()).unwrap(),
        chain: Arc::default(),
    }
}

async fn open_chain_with(settings: Value, daemon: Daemon) -> ChainHandle {
    let chain = ChainConfig { tokens: Vec::new(), settings };
    let config =
        PluginConfig { chains: BTreeMap::from([("anvil".to_owned(), chain)]), ..PluginConfig::default() };
    open_plugin("evm", config, daemon).await.chains.remove("anvil").unwrap()
}

impl Desk {
    /// A desk on a fresh world whose blocks are final when two others are on top.
    pub(crate) async fn open() -> Self {
        Self::open_on(AnvilOptions::default(), json!({"finality": "finalized"})).await
    }

    /// A desk on a fresh world, with more settings for the chain.
    pub(crate) async fn open_on(options: AnvilOptions, more: Value) -> Self {
        let node = World::boot_with(options).await.unwrap_or_else(|error| panic!("{error:#}"));
        let mut settings = json!({"rpc": node.anvil.url(), "chainId": node.world.chain_id});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let daemon = daemon();
        let chain = open_chain_with(settings, daemon.clone()).await;
        assert!(daemon.chain.set(Arc::clone(&chain)).is_ok());
        let signer = Signer { account: "main".to_owned(), address: TRADER.address.to_string() };
        Self { venues: open_venues(&node.world, daemon).await, node, chain, signer }
    }

    pub(crate) fn token(&self, symbol: &str) -> plugin::Token {
        let world = &self.node.world;
        sdk_token(world.tokens().into_iter().find(|token| token.symbol == symbol).unwrap())
    }

    /// What a venue offers.
    pub(crate) async fn quote(
        &self,
        venue: &str,
        sell: &str,
        buy: &str,
        amount_in: U256,
    ) -> Result<Quote, PluginError> {
        let request = QuoteRequest {
            trader: self.signer.address.clone(),
            token_in: self.token(sell),
            token_out: self.token(buy),
            amount_in: Amount(amount_in),
        };
        self.venues[venue].quote(&ctx(), request).await
    }

    /// The transaction that a venue would have for a quote.
    pub(crate) async fn build(&self, venue: &str, request: BuildRequest) -> Build {
        self.venues[venue].build(&ctx(), request).await.unwrap()
    }

    /// A request to build a quote, for exactly what it promises.
    pub(crate) fn to_build(&self, sell: &str, buy: &str, amount_in: U256, quote: &Quote) -> BuildRequest {
        BuildRequest {
            trader: self.signer.address.clone(),
            token_in: self.token(sell),
            token_out: self.token(buy),
            amount_in: Amount(amount_in),
            min_out: quote.amount_out,
            deadline: NEVER,
            route: quote.route.clone(),
        }
    }

    /// The swap that performs a quote; grants whatever has to be granted before.
    pub(crate) async fn swap(&self, venue: &str, request: BuildRequest) -> Payload {
        for _ in 0..=MOST_APPROVALS {
            match self.build(venue, request.clone()).await {
                Build::Swap { payload } => return payload,
                Build::Approve(approval) => {
                    let prepared = self.perform(approval.payload).await;
                    assert!(matches!(self.status(&prepared).await, TxStatus::Succeeded { .. }));
                }
            }
        }
        panic!("{venue}: approved, and asked again")
    }

    pub(crate) async fn estimate(&self, payload: impl Into<Payload>) -> Result<Payload, PluginError> {
        let payload = payload.into();
        let address = self.signer.address.clone();
        let estimated = self.chain.estimate(&ctx(), EstimateRequest { address, payload }).await?;
        Ok(estimated.payload)
    }

    /// The trader's next sequence.
    pub(crate) async fn sequence(&self) -> u64 {
        let address = self.signer.address.clone();
        self.chain.lane(&ctx(), plugin::LaneRequest { address }).await.unwrap().latest
    }

    /// Signs an estimated payload.
    pub(crate) async fn prepare(&self, payload: Payload, sequence: u64) -> Result<Prepared, PluginError> {
        let request = PrepareRequest { signer: self.signer.clone(), sequence, payload };
        self.chain.prepare(&ctx(), request).await
    }

    pub(crate) async fn send(&self, prepared: &Prepared) -> SendOutcome {
        self.chain.send(&ctx(), to_send(prepared)).await
    }

    /// Estimates, signs and sends.
    pub(crate) async fn submit(&self, payload: impl Into<Payload>) -> Prepared {
        let payload = self.estimate(payload).await.unwrap();
        let prepared = self.prepare(payload, self.sequence().await).await.unwrap();
        assert_eq!(self.send(&prepared).await, SendOutcome::Accepted);
        prepared
    }

    /// Estimates, signs, sends, and waits until it is in a block.
    pub(crate) async fn perform(&self, payload: impl Into<Payload>) -> Prepared {
        let prepared = self.submit(payload).await;
        self.settle(&prepared).await;
        prepared
    }

    /// Waits until a transaction is in a block.
    pub(crate) async fn settle(&self, prepared: &Prepared) {
        let hash = prepared.hash.parse().unwrap();
        self.node.rpc.wait_for_receipt(hash).await.unwrap();
    }

    pub(crate) async fn status(&self, prepared: &Prepared) -> TxStatus {
        self.status_of(&prepared.hash, None).await
    }

    pub(crate) async fn received(&self, prepared: &Prepared, symbol: &str) -> TxStatus {
        let receive = Receive { token: self.token(symbol).address, address: self.signer.address.clone() };
        self.status_of(&prepared.hash, Some(receive)).await
    }

    async fn status_of(&self, hash: &str, receive: Option<Receive>) -> TxStatus {
        let queries = vec![TxQuery { hash: hash.to_owned(), receive }];
        let mut statuses = self.chain.status(&ctx(), StatusRequest { queries }).await.unwrap();
        statuses.remove(0)
    }
}

/// Nothing, to oneself.
pub(crate) fn nothing(desk: &Desk) -> Payload {
    json!({"to": desk.signer.address, "data": "0x", "value": "0"}).into()
}

pub(crate) fn to_send(prepared: &Prepared) -> SendRequest {
    SendRequest { raw: prepared.raw.clone(), hash: prepared.hash.clone() }
}

fn sdk_token(token: &Token) -> plugin::Token {
    plugin::Token {
        symbol: token.symbol.clone(),
        address: token.address.to_string(),
        decimals: token.decimals,
    }
}

async fn open_venues(world: &World, daemon: Daemon) -> BTreeMap<String, Arc<dyn plugin::Venue>> {
    let (v2, sushi, v3) = (&world.uniswap_v2, &world.sushiswap, &world.uniswap_v3);
    let weth = world.weth.address;
    let of_v2 = |factory: Address, router: Address| json!({"version": "v2", "factory": factory, "router": router, "wrappedNative": weth, "via": ["WETH"]});
    let of_v3 = json!({
        "version": "v3", "factory": v3.factory, "router": v3.router, "quoter": v3.quoter, "wrappedNative": weth,
        "via": ["WETH"],
    });
    let v4 = &world.uniswap_v4;
    let of_v4 = json!({
        "version": "v4", "poolManager": v4.pool_manager, "quoter": v4.quoter, "stateView": v4.state_view,
        "router": v4.router, "wrappedNative": weth, "via": ["WETH"],
    });
    let settings = [of_v2(v2.factory, v2.router), of_v2(sushi.factory, sushi.router), of_v3, of_v4];
    let config = |settings| VenueConfig {
        chain: "anvil".to_owned(),
        tokens: world.tokens().into_iter().map(sdk_token).collect(),
        settings,
    };
    let venues = VENUES.into_iter().zip(settings);
    let config = PluginConfig {
        venues: venues.map(|(name, settings)| (name.to_owned(), config(settings))).collect(),
        ..PluginConfig::default()
    };
    open_plugin("uniswap", config, daemon).await.venues
}
