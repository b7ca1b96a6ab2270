//! `orderctl plugin new`: what it writes builds, passes its tests and the conformance kit, and trades.

use alloy_primitives::address;
use anyhow::{Context as _, Result, ensure};
use orderd_sdk::wire::{ExecuteRequest, OrderStatus};
use orderd_tests::{
    AnvilOptions, Life, Mining, Site, Venue, World,
    daemon::{built, program},
    world::Funds,
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;
use tokio::process::Command;

/// A project as a new author has it, but for what makes it quick: it shares the workspace's versions and built crates.
struct Project {
    _parent: TempDir,
    folder: PathBuf,
}

impl Project {
    async fn new(name: &str, more: &[&str]) -> Result<Self> {
        let parent = tempfile::tempdir()?;
        let mut command = Command::new(program("orderctl")?);
        command.args(["plugin", "new", name]).args(more).current_dir(parent.path());
        let said = run(&mut command).await?;
        // `cargo test` alone leaves no library where the check looks for it.
        let steps =
            format!("  cd {name}\n  cargo test\n  cargo build\n  orderctl plugin check target/debug/lib");
        ensure!(said.contains(&steps), "{said}");
        let folder = parent.path().join(name);
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
        std::fs::copy(lock, folder.join("Cargo.lock"))?;
        Ok(Self { _parent: parent, folder })
    }

    async fn cargo(&self, verb: &[&str]) -> Result<String> {
        let target = built()?.parent().context("profiles lie in the target folder")?.to_owned();
        let mut command = Command::new(env!("CARGO"));
        command.args(verb).current_dir(&self.folder);
        command.env("CARGO_TARGET_DIR", target);
        command.envs([("CARGO_PROFILE_DEV_DEBUG", "0"), ("CARGO_PROFILE_DEV_BUILD_OVERRIDE_DEBUG", "0")]);
        // Build scripts of dependencies read what Cargo tells a test of its package, and are outdated by it.
        let told = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        for name in told.filter(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            command.env_remove(name);
        }
        run(&mut command).await
    }

    /// Its library, once it is built.
    fn library(&self, name: &str) -> Result<PathBuf> {
        Ok(built()?.join(format!("lib{name}{}", std::env::consts::DLL_SUFFIX)))
    }

    fn read(&self, file: &str) -> Result<String> {
        Ok(std::fs::read_to_string(self.folder.join(file))?)
    }

    async fn check(&self, library: &Path, plan: &str) -> Result<String> {
        let mut command = Command::new(program("orderctl")?);
        command.args(["plugin", "check"]).arg(library).args(["--config", plan]).current_dir(&self.folder);
        run(&mut command).await
    }
}

async fn run(command: &mut Command) -> Result<String> {
    let output = command.kill_on_drop(true).output().await?;
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    ensure!(output.status.success(), "{command:?}:\n{out}\n{err}");
    Ok(out)
}

#[tokio::test]
async fn a_new_venue_trades_on_the_paper_chain() -> Result<()> {
    let project = Project::new("my-dex", &[]).await?;
    project.cargo(&["fmt", "--check"]).await?;
    let tested = project.cargo(&["test", "--offline"]).await?;
    assert!(tested.contains("the_library_keeps_its_promises ... ok"), "{tested}");
    project.cargo(&["build", "--offline"]).await?;
    let library = project.library("my_dex")?;
    let checked = project.check(&library, "local-chain.toml").await?;
    for name in ["host-answers", "quote-rises", "build-terms", "build-limits"] {
        assert!(checked.contains(&format!("ok    {name}: ")), "{checked}");
    }

    let site = Site::new(&project.read("orderd.toml")?)?;
    let daemon = site.start().await?;
    let accepted = daemon.http().submit(&ExecuteRequest::market("SOL", "USDC", "10")).await?;
    let mut life = Life::follow(daemon.url(), &accepted.order_id).await?;
    let order = life.until(OrderStatus::Finalized).await?.order.clone();
    // 750000 · 9.97 / (5000 + 9.97), rounded down to 6 decimals.
    let expected = (Some("my-dex"), Some("1492.523907"));
    assert_eq!((order.dex.as_deref(), order.amount_out.as_deref()), expected);
    daemon.stop().await
}

#[tokio::test]
async fn a_new_venue_conforms_on_a_real_evm_chain() -> Result<()> {
    let project = Project::new("evm-dex", &["--chain", "evm"]).await?;
    project.cargo(&["fmt", "--check"]).await?;
    let tested = project.cargo(&["test", "--offline"]).await?;
    assert!(tested.contains("the_library_keeps_its_promises ... ok"), "{tested}");
    project.cargo(&["build", "--offline"]).await?;

    let mining = Mining::Mixed(Duration::from_millis(100));
    let chain = World::boot_with(AnvilOptions { mining, ..AnvilOptions::default() }).await?;
    let world = &chain.world;
    world.fund(&chain.rpc, address!("7E5F4552091A69125d5DfCb7b8C2659029395Bdf"), Funds::default()).await?;
    let pair = world
        .pools_of(Venue::UniswapV2, world.usdc.address)
        .next()
        .context("Uniswap has a pool of WETH and USDC")?;
    let mut plan = project.read("local-chain.toml")?;
    for (made_up, real) in [
        ("1", world.weth.address),
        ("2", world.usdc.address),
        ("3", pair.address),
        ("4", world.router(Venue::UniswapV2)),
    ] {
        plan = plan.replace(&format!("0x{}", made_up.repeat(40)), &real.to_string());
    }
    plan = plan.replace("http://127.0.0.1:8545", &chain.anvil.url());
    std::fs::write(project.folder.join("local-chain.toml"), plan)?;
    let checked = project.check(&project.library("evm_dex")?, "local-chain.toml").await?;
    for name in ["host-answers", "quote-rises", "build-terms", "build-limits"] {
        assert!(checked.contains(&format!("ok    {name}: ")), "{checked}");
    }
    Ok(())
}
