//! What happens to orders before the daemon dies. Every scene could go on to its end, and the daemon dies somewhere
//! within it.

use crate::stage::Stage;
use orderd::telemetry::{Clock as _, SystemClock};
use orderd_sdk::wire::ExecuteRequest;
use orderd_tests::{Venue, crashes::Clients, market};

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    /// Two orders at the same time; the first needs an approval.
    Swaps,
    /// Somebody else uses the account's next sequence: nobody can say what became of the swap, until it is proven dead
    /// and tried again.
    Outsider,
    /// The price moves while the swap is under way; it has no effect and is tried again.
    RevertThenRetry,
    /// The same, and it was the only attempt.
    RevertThenFail,
    /// The same, and the next attempt would come too late.
    RevertThenExpire,
    /// The swap has no effect, it was the only attempt, and somebody orders one more.
    RevertThenRetryByHand,
    /// The swap's block is undone, and the same bytes come into another.
    Reorg,
    /// An order is taken back while it waits for the approval that another one needs too.
    CancelWaiting,
    /// An order is taken back while its swap waits in the pool.
    CancelSent,
    /// The same, and the chain's bid may not be raised.
    CancelRefused,
    /// The swap waits in the pool for so long that it is signed again for more.
    FeeBump,
}

impl Scene {
    /// The daemon's config: the market's, with what this scene needs to be quick and to come out as it should.
    pub(crate) fn config(self, stage: &Stage) -> String {
        let config = market::config(&stage.chain)
            .replace("poll_ms = 50", "poll_ms = 20")
            .replace("resend_ms = 500", "resend_ms = 100");
        match self {
            Self::Swaps
            | Self::Outsider
            | Self::RevertThenRetry
            | Self::Reorg
            | Self::CancelWaiting
            | Self::CancelSent => config,
            Self::RevertThenFail | Self::RevertThenRetryByHand => {
                config.replace("[engine]", "[engine]\nmax_attempts = 1")
            }
            Self::RevertThenExpire => config
                .replace("retry_initial_ms = 100", "retry_initial_ms = 600000")
                .replace("retry_max_ms = 1000", "retry_max_ms = 600000"),
            // Less than the market asks, so that the first bid is already the highest.
            Self::CancelRefused => config.replace("maxFeeGwei = \"500\"", "maxFeeGwei = \"1.05\""),
            Self::FeeBump => config.replace("poll_ms = 20", "poll_ms = 20\nbump_after_ms = 300"),
        }
    }

    /// Whether an order of it may end without effect.
    pub(crate) fn may_end_without_effect(self) -> bool {
        match self {
            Self::RevertThenFail
            | Self::RevertThenExpire
            | Self::RevertThenRetryByHand
            | Self::CancelWaiting
            | Self::CancelSent => true,
            Self::Swaps
            | Self::Outsider
            | Self::RevertThenRetry
            | Self::Reorg
            | Self::CancelRefused
            | Self::FeeBump => false,
        }
    }

    /// How many orders it has.
    pub(crate) fn orders(self) -> u64 {
        2
    }

    /// Its orders and later ones, all on one exchange. Those that are to revert bear no change of the price.
    pub(crate) fn clients(self) -> Clients {
        let slippage = if self.reverts() { "0" } else { "5" };
        let deadline = (self == Self::RevertThenExpire).then(in_a_minute);
        Clients::new(move |key| ExecuteRequest {
            slippage: Some(if key < self.orders() { slippage } else { "5" }.into()),
            venues: Some(vec![market::name(Venue::Sushiswap).to_owned()]),
            deadline: deadline.clone(),
            ..ExecuteRequest::market("WETH", "USDC", "0.1")
        })
    }

    /// Whether the price moves against its second order.
    fn reverts(self) -> bool {
        matches!(
            self,
            Self::RevertThenRetry
                | Self::RevertThenFail
                | Self::RevertThenExpire
                | Self::RevertThenRetryByHand
        )
    }
}

fn in_a_minute() -> String {
    SystemClock.now().plus_millis(60_000).to_string()
}
