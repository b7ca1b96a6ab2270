//! A settlement service for signed orders, as `docs/plugins/intents.md` describes it, that can be told to misbehave.
//!
//! It has [`Books`]: what accounts hold, every order that ever came in, and what became of it. Orders take effect there
//! and nowhere else, so a test counts them there. It checks every signature with code of its own ([`digest`]).

pub mod books;
pub mod digest;
mod fault;
mod message;
mod server;

pub use books::{Books, Cancelling, Fill, Settling};
pub use fault::{Call, Fault};
pub use server::Settlement;

use alloy_primitives::{Address, address};

/// The chain whose contract settles.
pub const CHAIN_ID: u64 = 31_337;
/// That contract.
pub const SETTLEMENT: Address = address!("9008d19f58aabd9ed0d60971565aa8510560ab41");
/// A token of 9 decimals.
pub const SOL: Address = address!("00000000000000000000000000000000000000a1");
/// A token of 6 decimals.
pub const USDC: Address = address!("00000000000000000000000000000000000000b2");
/// The key that trades in tests.
pub const KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
/// Its address.
pub const TRADER: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");

/// The config of a daemon that trades at the service of this address, with these engine settings (lines of TOML). Its key
/// is in the variable `TRADER_KEY`.
#[must_use]
pub fn config(url: &str, engine: &str) -> String {
    format!(
        r#"
[engine]
retry_initial_ms = 50
retry_max_ms = 200
resend_ms = 200
{engine}

[plugins.intents]
egress = ["{url}"]

[chains.batch]
plugin = "intents"
poll_ms = 20

[chains.batch.tokens]
SOL = {{ address = "{SOL}", decimals = 9 }}
USDC = {{ address = "{USDC}", decimals = 6 }}

[chains.batch.config]
url = "{url}"
chainId = {CHAIN_ID}
settlement = "{SETTLEMENT}"

[venues.batch]
plugin = "intents"
chain = "batch"

[accounts.main]
chain = "batch"
key = {{ env = "TRADER_KEY" }}
"#
    )
}
