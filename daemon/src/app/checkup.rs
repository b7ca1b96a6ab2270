//! Looks at chains and venues. At the start all of them are asked how they are: the daemon works without the ones that
//! are not well, and the log says so before the first order finds out. After that venues are asked from time to time, when
//! nobody asks them for anything else, so that it is known how an idle one is.

use super::{plugins::Plugins, venue_desk::Venues};
use crate::{
    config::GuardSettings,
    plugin::guard::Ward,
    telemetry::{Entropy, Shutdown, SystemEntropy, observe, spawn},
};
use orderd_sdk::plugin::{Context, ErrorKind, Health, PluginError, Venue};
use std::{future::Future, time::Duration};
use tokio::time::{sleep, timeout_at};

/// How long a chain or venue may take to answer at the start.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks all of them, without waiting for the answers, and goes on to look after the venues.
pub(super) fn begin(plugins: &Plugins, venues: &Venues, settings: &GuardSettings, shutdown: &Shutdown) {
    for (name, chain) in plugins.chains.clone() {
        let ctx = Context::within(PATIENCE);
        spawn("checkup", async move { report("chain", &name, &ctx, chain.health(&ctx)).await });
    }
    for (name, (_, venue)) in plugins.venues.clone() {
        let (ward, settings) = (venues.ward(&name).clone(), settings.clone());
        let checking = async move {
            if ward.wants_check(Duration::ZERO) {
                let ctx = Context::within(PATIENCE);
                report("venue", &name, &ctx, venue.health(&ctx)).await;
            }
            look_after(&*venue, &ward, &settings).await;
        };
        let shutdown = shutdown.clone();
        spawn("checkup", async move {
            tokio::select! {
                () = checking => {}
                () = shutdown.requested() => {}
            }
        });
    }
}

async fn report(
    kind: &'static str,
    name: &str,
    ctx: &Context,
    health: impl Future<Output = Result<Health, PluginError>>,
) {
    let late = PluginError { kind: ErrorKind::Deadline, message: "no answer in time".to_owned() };
    observe::checked_up(kind, name, timeout_at(ctx.deadline(), health).await.unwrap_or(Err(late)));
}

/// One check at a time, and not all venues at once. What comes of it is for the guard, through which it is asked.
async fn look_after(venue: &dyn Venue, ward: &Ward, settings: &GuardSettings) {
    let Some(every) = settings.check_every else { return };
    loop {
        sleep(jittered(every, SystemEntropy.bits())).await;
        if ward.wants_check(every / 2) {
            let _ = venue.health(&Context::within(settings.check_timeout)).await;
        }
    }
}

/// Three to five quarters of it.
fn jittered(every: Duration, chance: u64) -> Duration {
    let quarter = u64::try_from((every / 4).as_millis()).unwrap_or(u64::MAX / 4);
    every - Duration::from_millis(quarter) + Duration::from_millis(chance % (2 * quarter + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_come_within_a_quarter_of_their_time() {
        for (chance, expected) in [(0, 750), (500, 1_250), (501, 750), (250, 1_000)] {
            assert_eq!(jittered(Duration::from_secs(1), chance), Duration::from_millis(expected));
        }
        assert!(jittered(Duration::from_millis(1), u64::MAX) <= Duration::from_millis(2));
    }
}
