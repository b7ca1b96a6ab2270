//! `orderctl plugin check` on the plugins that come with the daemon: the chain is a real node, the exchanges real contracts.

use alloy_primitives::{Address, address};
use anyhow::{Context as _, Result, ensure};
use orderd_tests::{
    AnvilOptions, Chain, Mining, Venue, World,
    c_library::compile,
    daemon::{built, program},
    world::Funds,
};
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write as _, path::Path, time::Duration};
use tokio::process::Command;

/// The account of the kit's own key, which is no secret.
const KEY_ONE: Address = address!("7E5F4552091A69125d5DfCb7b8C2659029395Bdf");

async fn boot() -> Result<Chain> {
    let mining = Mining::Mixed(Duration::from_millis(100));
    let chain = World::boot_with(AnvilOptions { mining, ..AnvilOptions::default() }).await?;
    chain.world.fund(&chain.rpc, KEY_ONE, Funds::default()).await?;
    Ok(chain)
}

/// The names of the checks of a plugin of the workspace by their verdicts.
async fn verdicts(plugin: &str, plan: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let library = built()?.join(format!("liborderd_plugin_{plugin}{}", std::env::consts::DLL_SUFFIX));
    verdicts_of(&library, plan).await
}

async fn verdicts_of(library: &Path, plan: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("orderd-plugin.toml");
    std::fs::write(&file, plan)?;
    let mut command = Command::new(program("orderctl")?);
    command.args(["plugin", "check", "--json", "--config"]).arg(&file).arg(library);
    let output = command.output().await?;
    let mut verdicts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let report: Value = serde_json::from_str(line)?;
        let text = |key: &str| report[key].as_str().map(str::to_owned).context("a report is complete");
        ensure!(report["verdict"] != "failed", "{report:#}");
        verdicts.entry(text("verdict")?).or_default().push(text("name")?);
    }
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(verdicts)
}

fn chain_table(chain: &Chain, plugin: &str) -> String {
    let mut table = format!(
        "[chains.local]\n{plugin}\nconfig = {{ rpc = \"{}\", chainId = {}, maxFeeGwei = \"500\" }}\n[chains.local.tokens]\n",
        chain.anvil.url(),
        chain.world.chain_id
    );
    for token in chain.world.tokens() {
        let (symbol, address, decimals) = (&token.symbol, token.address, token.decimals);
        writeln!(table, "{symbol} = {{ address = \"{address}\", decimals = {decimals} }}")
            .expect("a string takes it");
    }
    table
}

#[tokio::test]
async fn the_paper_plugin_conforms() -> Result<()> {
    let plan = r#"
        [chains.local]
        tokens = { SOL = { address = "sol", decimals = 9 }, USDC = { address = "usdc", decimals = 6 } }
        config = { inclusionMs = 50, finalityMs = 100 }
        [venues.pool]
        chain = "local"
        config = { pools = [{ tokens = ["SOL", "USDC"], reserves = ["5000", "750000"] }] }
        [[markets]]
        venue = "pool"
        sell = "SOL"
        buy = "USDC"
        amount = "10"
    "#;
    let skipped = verdicts("paper", plan).await?.remove("skipped").unwrap_or_default();
    assert_eq!(skipped, ["panic", "host-answers", "host-silence"], "it asks its host for nothing");
    Ok(())
}

#[tokio::test]
async fn the_evm_plugin_conforms() -> Result<()> {
    let chain = boot().await?;
    let transfer = format!(
        "[[transactions]]\nchain = \"local\"\npayload = {{ to = \"{KEY_ONE}\", data = \"0x\", value = \"1\" }}\n"
    );
    let verdicts = verdicts("evm", &(chain_table(&chain, "") + &transfer)).await?;
    let passed = &verdicts["passed"];
    for name in
        ["address", "lane", "balance", "unknown-hash", "prepare", "send-again", "status-forward", "replace"]
    {
        assert!(passed.iter().any(|passed| passed == name), "{name}: {verdicts:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_uniswap_plugin_conforms() -> Result<()> {
    let chain = boot().await?;
    let world = &chain.world;
    let evm = built()?.join(format!("liborderd_plugin_evm{}", std::env::consts::DLL_SUFFIX));
    let mut plan = chain_table(&chain, &format!("plugin = \"{}\"", evm.display()));
    let (v2, v3) = (&world.uniswap_v2, &world.uniswap_v3);
    for (name, contracts, venue) in [
        ("v2", format!("version = \"v2\"\nfactory = \"{}\"", v2.factory), Venue::UniswapV2),
        (
            "v3",
            format!("version = \"v3\"\nfactory = \"{}\"\nquoter = \"{}\"", v3.factory, v3.quoter),
            Venue::UniswapV3,
        ),
    ] {
        let (router, weth) = (world.router(venue), world.weth.address);
        write!(
            plan,
            "[venues.{name}]\nchain = \"local\"\n[venues.{name}.config]\n{contracts}\nrouter = \"{router}\"\n\
             wrappedNative = \"{weth}\"\n[[markets]]\nvenue = \"{name}\"\nsell = \"WETH\"\nbuy = \"USDC\"\namount = \"0.5\"\n"
        )?;
    }
    let verdicts = verdicts("uniswap", &plan).await?;
    for name in ["host-answers", "host-silence", "quote-rises", "build-terms", "build-routes", "build-limits"]
    {
        assert!(verdicts["passed"].iter().any(|passed| passed == name), "{name}: {verdicts:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_venue_in_c_conforms() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let library = compile("sdk/examples/c", "sdk/include", folder.path())?;
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/examples/c/orderd-plugin.toml");
    let verdicts = verdicts_of(&library, &std::fs::read_to_string(plan)?).await?;
    for name in ["config-mistakes", "leaves-no-memory", "quote-rises", "build-terms", "build-routes"] {
        assert!(verdicts["passed"].iter().any(|passed| passed == name), "{name}: {verdicts:#?}");
    }
    Ok(())
}
