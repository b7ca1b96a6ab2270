//! What was shown to whom, so that just this is done, once, and by nobody else.

use super::{Progress, Run};
use crate::{
    api::{
        auth::{Access, TicketError},
        problem::ApiError,
    },
    order::OrderId,
};
use orderd_sdk::wire::BulkAction;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    time::Instant,
};

/// How long a preview can be acted on.
pub(in crate::api) const LIFETIME: Duration = Duration::from_secs(60);
/// How long it is told what was done, from when somebody last asked.
const REMEMBERED: Duration = Duration::from_secs(600);
/// Previews and reports that are remembered at the most.
const MAX_PREVIEWS: usize = 64;
/// Previews made at one time.
const JUDGING: usize = 2;

/// Every preview that can be acted on, and what came of those that were.
pub(in crate::api) struct Previews {
    known: Mutex<HashMap<String, Preview>>,
    /// Turns to make previews.
    pub(in crate::api) judging: Semaphore,
    /// Whose turn it is to act: one after the other.
    pub(in crate::api) running: Arc<Semaphore>,
}

struct Preview {
    caller: Access,
    action: BulkAction,
    /// Which orders were meant, in words.
    about: String,
    eligible: u64,
    stage: Stage,
    expires: Instant,
}

enum Stage {
    /// It can be acted on.
    Shown(Vec<OrderId>),
    /// It has been, or is.
    ActedOn(watch::Receiver<Progress>),
}

/// What comes of a token.
pub(in crate::api) enum Redeemed {
    /// It is acted on from now on.
    Now {
        /// What is to go.
        run: Run,
        /// Which orders were meant, in words.
        about: String,
        /// Where it tells how far it is.
        progress: watch::Receiver<Progress>,
    },
    /// It was before.
    Before(watch::Receiver<Progress>),
}

impl Default for Previews {
    fn default() -> Self {
        Self {
            known: Mutex::default(),
            judging: Semaphore::new(JUDGING),
            running: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Previews {
    /// Remembers what was shown to a caller, and gives the token for it.
    pub(in crate::api) fn keep(
        &self,
        caller: Access,
        action: BulkAction,
        about: String,
        orders: Vec<OrderId>,
    ) -> Result<String, TicketError> {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits).map_err(|_| TicketError::NoChance)?;
        let token = hex::encode(bits);
        let mut known = self.lock();
        if known.len() >= MAX_PREVIEWS {
            forget_a_report(&mut known)?;
        }
        let (eligible, expires) = (orders.len() as u64, Instant::now() + LIFETIME);
        let preview = Preview { caller, action, about, eligible, stage: Stage::Shown(orders), expires };
        known.insert(token.clone(), preview);
        Ok(token)
    }

    /// What the bearer of a token gets for it, who has to know how many orders it is about.
    pub(in crate::api) fn redeem(
        &self,
        token: &str,
        caller: &Access,
        expected: u64,
    ) -> Result<Redeemed, ApiError> {
        let mut known = self.lock();
        let preview = known.get_mut(token).filter(|preview| preview.caller == *caller);
        let preview = preview.ok_or(ApiError::PreviewNotFound)?;
        if preview.eligible != expected {
            return Err(ApiError::CountDiffers { eligible: preview.eligible });
        }
        preview.expires = Instant::now() + REMEMBERED;
        let orders = match &mut preview.stage {
            Stage::ActedOn(progress) => return Ok(Redeemed::Before(progress.clone())),
            Stage::Shown(orders) => std::mem::take(orders),
        };
        let (run, progress) = Run::of(preview.action, orders);
        preview.stage = Stage::ActedOn(progress.clone());
        Ok(Redeemed::Now { run, about: preview.about.clone(), progress })
    }

    /// Those that are not past their time.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Preview>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        known.retain(|_, preview| preview.expires > now || preview.is_running());
        known
    }
}

impl Preview {
    fn is_running(&self) -> bool {
        matches!(&self.stage, Stage::ActedOn(progress) if !progress.borrow().is_over())
    }

    fn is_over(&self) -> bool {
        matches!(&self.stage, Stage::ActedOn(progress) if progress.borrow().is_over())
    }
}

/// Makes room: the report goes that nobody has asked for longest.
fn forget_a_report(known: &mut HashMap<String, Preview>) -> Result<(), TicketError> {
    let reports = known.iter().filter(|(_, preview)| preview.is_over());
    let oldest = reports.min_by_key(|(_, preview)| preview.expires).map(|(token, _)| token.clone());
    known.remove(&oldest.ok_or(TicketError::TooMany)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api::auth::Identity, config::Scope};
    use tokio::time::advance;

    fn bot(name: &str) -> Access {
        Access::Granted(Identity { name: name.into(), scope: Scope::Trade })
    }

    fn keep(previews: &Previews) -> Result<String, TicketError> {
        previews.keep(bot("a"), BulkAction::Retry, String::new(), Vec::new())
    }

    #[tokio::test(start_paused = true)]
    async fn a_preview_is_for_its_caller_and_for_its_time() {
        let previews = Previews::default();
        let [first, second] = [(); 2].map(|()| keep(&previews).unwrap());
        let code = |token: &str, caller: &str, expected| {
            previews.redeem(token, &bot(caller), expected).err().map(|error| error.kind().code)
        };
        assert_eq!(code(&first, "b", 0), Some("preview-not-found"));
        assert_eq!(code(&first[1..], "a", 0), Some("preview-not-found"));
        assert_eq!(code(&first, "a", 1), Some("count-differs"));
        advance(LIFETIME - Duration::from_millis(1)).await;
        assert_eq!(code(&first, "a", 0), None);
        advance(Duration::from_millis(1)).await;
        assert_eq!(code(&second, "a", 0), Some("preview-not-found"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_done_is_remembered_until_nobody_has_asked_for_long() {
        let previews = Previews::default();
        let token = keep(&previews).unwrap();
        let ask = || previews.redeem(&token, &bot("a"), 0);
        let Ok(Redeemed::Now { run, .. }) = ask() else { panic!("it is acted on once") };
        advance(REMEMBERED * 2).await;
        assert!(matches!(ask(), Ok(Redeemed::Before(_))), "it is not over");
        drop(run);
        advance(REMEMBERED - Duration::from_millis(1)).await;
        assert!(matches!(ask(), Ok(Redeemed::Before(_))));
        advance(REMEMBERED).await;
        assert!(ask().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn previews_are_bounded_and_reports_make_room_for_them() {
        let previews = Previews::default();
        let first = keep(&previews).unwrap();
        for _ in 1..MAX_PREVIEWS {
            keep(&previews).unwrap();
        }
        assert_eq!(keep(&previews), Err(TicketError::TooMany));
        let Ok(Redeemed::Now { run, .. }) = previews.redeem(&first, &bot("a"), 0) else {
            panic!("it is there")
        };
        assert_eq!(keep(&previews), Err(TicketError::TooMany), "it is under way");
        drop(run);
        assert!(keep(&previews).is_ok());
        assert!(previews.redeem(&first, &bot("a"), 0).is_err());
        assert_eq!(keep(&previews), Err(TicketError::TooMany));
        advance(LIFETIME).await;
        assert!(keep(&previews).is_ok());
    }
}
