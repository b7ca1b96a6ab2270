//! The config of a daemon that trades on the paper chain.

/// A paper chain with two venues and these chain settings (lines of TOML). Everything is instant by default.
#[must_use]
pub fn config(chain: &str) -> String {
    format!(
        r#"
[engine]
retry_initial_ms = 50
retry_max_ms = 200
resend_ms = 200

[plugins.paper]

[chains.paper]
plugin = "paper"
poll_ms = 5

[chains.paper.tokens]
SOL = {{ address = "sol", decimals = 9 }}
USDC = {{ address = "usdc", decimals = 6 }}

[chains.paper.config]
{chain}

[venues.paper-alpha]
plugin = "paper"
chain = "paper"

[venues.paper-alpha.config]
feeBps = 30
pools = [{{ tokens = ["SOL", "USDC"], reserves = ["500000", "75000000"] }}]

[venues.paper-beta]
plugin = "paper"
chain = "paper"

[venues.paper-beta.config]
feeBps = 5
pools = [{{ tokens = ["SOL", "USDC"], reserves = ["40000", "6000000"] }}]

[accounts.main]
chain = "paper"
"#
    )
}
