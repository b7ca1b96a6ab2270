//! One attempt, from the quotes to the first send.

use super::{
    Floor,
    approvals::{ApprovalKey, Look},
    call::{bounded, send},
    following::TrackerHandle,
    job::{Halt, Job},
    room::Ticket,
    router::{NoRoute, Route},
    signing::{LaneHandle, Signing, Unsigned},
};
use crate::{
    order::{Fact, Failure, State, Step},
    store::Receipt,
};
use orderd_sdk::{
    plugin::{
        Approval, Build, BuildRequest, Chain, Context, ErrorKind, EstimateRequest, Payload, PluginError,
        SendOutcome,
    },
    wire::ErrorCode,
};
use std::time::Duration;

/// What a worker hands back.
pub(super) enum Outcome {
    /// The order, in a state that says what comes next.
    Moved(Job),
    /// The order was signed, and its tracker has it.
    Followed,
    /// The order needs an approval that another order is carrying out.
    Blocked(Job, ApprovalKey),
}

/// Why an attempt ends before anything that moves funds was signed.
enum Ending {
    /// It failed, and trying again makes no sense for so long.
    Failed(PluginError, Duration),
    /// It has to wait for another order's approval.
    Blocked(ApprovalKey),
    /// The client wants the order back.
    Withdrawn,
    /// Work cannot go on at all.
    Halted(Halt),
}

impl From<PluginError> for Ending {
    fn from(error: PluginError) -> Self {
        Self::Failed(error, Duration::ZERO)
    }
}

impl From<NoRoute> for Ending {
    fn from(NoRoute { error, pause }: NoRoute) -> Self {
        Self::Failed(error, pause.unwrap_or_default())
    }
}

impl From<Halt> for Ending {
    fn from(halt: Halt) -> Self {
        Self::Halted(halt)
    }
}

/// Carries out one attempt of an order. Nothing leaves the daemon before it is durable.
pub(super) async fn attempt(floor: &Floor, mut job: Job, ticket: Ticket) -> Result<Outcome, Halt> {
    let intent = job.order.intent.clone();
    if intent.deadline.is_some_and(|deadline| floor.journal.clock().now() > deadline) {
        expire(floor, &mut job).await?;
        return Ok(Outcome::Moved(job));
    }
    let post = floor.post(&intent.chain);
    let lane = floor.lane(&job.order.lane());
    let signing = match plan(floor, post.chain.as_ref(), lane, &mut job).await {
        Ok(signing) => signing,
        Err(ending) => return end(floor, job, ending).await,
    };
    let key = ApprovalKey::of_signing(&job.order, &signing);
    match lane.sign(job, signing, ticket).await {
        Ok((job, receipt)) => {
            let job = dispatch(floor, post.chain.as_ref(), job, receipt).await?;
            Ok(hand_on(&post.tracker, job).await)
        }
        Err(unsigned) => {
            if let Some(key) = key {
                floor.end_approval(&key).await;
            }
            match unsigned {
                Unsigned::Refused(job, error) => end(floor, job, error.into()).await,
                Unsigned::Returned(job) => Ok(Outcome::Moved(job)),
                Unsigned::Halted(halt) => Err(halt),
            }
        }
    }
}

/// Ends an order that has waited past its deadline.
pub(super) async fn expire(floor: &Floor, job: &mut Job) -> Result<(), Halt> {
    let reason = "the deadline passed before an attempt could begin".to_owned();
    floor.journal.record(job, Fact::Expired { reason }).await
}

/// Quotes, chooses, builds and tries out; what comes back only lacks its sequence.
async fn plan(floor: &Floor, chain: &dyn Chain, lane: &LaneHandle, job: &mut Job) -> Result<Signing, Ending> {
    let route = choose(floor, lane, job).await?;
    let look = floor.approvals.look();
    match build(floor, lane, job, &route).await? {
        Build::Swap { payload } => {
            let estimate = estimate(floor, chain, lane, payload);
            Ok(Signing::Swap(unless_withdrawn(floor, job, estimate).await?))
        }
        Build::Approve(approval) => approve(floor, chain, lane, job, (approval, look)).await,
    }
}

async fn choose(floor: &Floor, lane: &LaneHandle, job: &mut Job) -> Result<Route, Ending> {
    let intent = job.order.intent.clone();
    let venues = floor.router.count(&intent);
    floor.journal.record_soon(job, Fact::QuotesRequested { venues }).await?;
    let quotes = async { Ok(floor.router.quotes(&intent, &lane.signer().address).await) };
    let round = unless_withdrawn(floor, job, quotes).await?;
    floor.journal.note(job, Fact::QuotesReceived { quotes: round.quotes })?;
    let route = round.best?;
    floor.journal.record_soon(job, floor.choice(&intent, &route)).await?;
    Ok(route)
}

async fn build(floor: &Floor, lane: &LaneHandle, job: &Job, route: &Route) -> Result<Build, Ending> {
    let (intent, attempt) =
        (&job.order.intent, job.order.current().expect("the attempt was opened with its venue"));
    let venue = floor.router.venue(&intent.chain, &route.quote.dex).expect("the venue that won is known");
    let ctx = Context::within(floor.settings.build_timeout);
    let request = BuildRequest {
        trader: lane.signer().address.clone(),
        token_in: intent.token_in.clone(),
        token_out: intent.token_out.clone(),
        amount_in: intent.amount_in,
        min_out: attempt.min_out,
        deadline: attempt.deadline,
        route: route.path.clone(),
    };
    unless_withdrawn(floor, job, bounded(&ctx, venue.build(&ctx, request))).await
}

/// Waits for a venue or chain, but no longer than the client wants the order. Whoever answers at once is not waited for: a
/// wish that comes up in that moment is heeded at the next step.
async fn unless_withdrawn<T>(
    floor: &Floor,
    job: &Job,
    call: impl Future<Output = Result<T, PluginError>>,
) -> Result<T, Ending> {
    if floor.wishes.is_wanted(job.order.id) {
        return Err(Ending::Withdrawn);
    }
    tokio::select! {
        biased;
        answer = call => Ok(answer?),
        () = floor.wishes.raised(job.order.id) => Err(Ending::Withdrawn),
    }
}

/// Signs the approval, unless another order is about to, or has since the venue looked whether it is needed: then this one
/// waits for that, and the venue looks again.
async fn approve(
    floor: &Floor,
    chain: &dyn Chain,
    lane: &LaneHandle,
    job: &Job,
    (approval, look): (Approval, Look),
) -> Result<Signing, Ending> {
    let Approval { token, spender, payload } = approval;
    let key = ApprovalKey { lane: job.order.lane(), token: token.clone(), spender: spender.clone() };
    if key.is_in_vain(&job.order) {
        let error = format!("{token} was approved for {spender}, and the venue asks for it again");
        return Err(PluginError::transient(error).into());
    }
    if !floor.approvals.begin_after(look, key.clone()) {
        return Err(Ending::Blocked(key));
    }
    match unless_withdrawn(floor, job, estimate(floor, chain, lane, payload)).await {
        Ok(payload) => Ok(Signing::Approval { payload, token, spender }),
        Err(ending) => {
            floor.end_approval(&key).await;
            Err(ending)
        }
    }
}

async fn estimate(
    floor: &Floor,
    chain: &dyn Chain,
    lane: &LaneHandle,
    payload: Payload,
) -> Result<Payload, PluginError> {
    let ctx = Context::within(floor.settings.build_timeout);
    let request = EstimateRequest { address: lane.signer().address.clone(), payload };
    Ok(bounded(&ctx, chain.estimate(&ctx, request)).await?.payload)
}

/// Sends what was signed, once it is durable.
async fn dispatch(floor: &Floor, chain: &dyn Chain, mut job: Job, receipt: Receipt) -> Result<Job, Halt> {
    receipt.durable().await?;
    let slot = job.order.open_slot().expect("the lane has signed one");
    let outcome = send(chain, floor.settings.send_timeout, slot.newest()).await;
    match told(floor, &job, outcome) {
        // The tracker looks at once, and some chains have included it by then.
        Some(Fact::SendAccepted) => floor.journal.record_soon(&mut job, Fact::SendAccepted).await?,
        Some(fact) => floor.journal.record(&mut job, fact).await?,
        None => {}
    }
    Ok(job)
}

/// Gives what was sent to its tracker, which looks at once. What a client wants of it, the tracker heeds.
async fn hand_on(tracker: &TrackerHandle, job: Job) -> Outcome {
    match job.order.next_step() {
        Step::Watch => {
            tracker.follow(job).await;
            Outcome::Followed
        }
        Step::Execute | Step::Wait(_) | Step::Rest => Outcome::Moved(job),
    }
}

/// What the first answer to a send means for the order. An approval is followed by the tracker alone.
fn told(floor: &Floor, job: &Job, outcome: SendOutcome) -> Option<Fact> {
    if matches!(job.order.state, State::Approving) {
        return None;
    }
    Some(match outcome {
        SendOutcome::Accepted => Fact::SendAccepted,
        SendOutcome::Unknown { reason } => Fact::Doubted { reason },
        SendOutcome::NotSent { reason } => {
            Fact::SendRefused { reason, delay_ms: floor.retry_delay_ms(&job.order) }
        }
    })
}

async fn end(floor: &Floor, mut job: Job, ending: Ending) -> Result<Outcome, Halt> {
    match ending {
        Ending::Blocked(key) => Ok(Outcome::Blocked(job, key)),
        Ending::Halted(halt) => Err(halt),
        Ending::Withdrawn => {
            floor.wishes.heed(&floor.journal, &mut job).await?;
            Ok(Outcome::Moved(job))
        }
        Ending::Failed(error, pause) => {
            let delay_ms = floor.retry_delay_ms_after(&job.order, pause);
            let (code, transient) = (code(&error), error.is_transient());
            let failure = Failure { code, transient, error: error.message, delay_ms };
            floor.journal.record(&mut job, Fact::AttemptFailed(failure)).await?;
            Ok(Outcome::Moved(job))
        }
    }
}

/// A plugin's failure, for programs.
fn code(error: &PluginError) -> ErrorCode {
    match error.kind {
        ErrorKind::InsufficientFunds => ErrorCode::InsufficientFunds,
        ErrorKind::InsufficientAllowance => ErrorCode::InsufficientAllowance,
        ErrorKind::PolicyRefused => ErrorCode::PolicyRefused,
        ErrorKind::Permanent | ErrorKind::Invalid | ErrorKind::Unsupported => ErrorCode::Refused,
        ErrorKind::Transient
        | ErrorKind::Market
        | ErrorKind::Panic
        | ErrorKind::Deadline
        | ErrorKind::Cancelled => ErrorCode::Unavailable,
    }
}
