//! Clients: each wants one order executed, asks again while it does not know, and reads its order's life.

use crate::{
    chain::fingerprint,
    chance::Chance,
    faults::Fault,
    laws::{Broken, Law},
    life::Life,
    plan::Plan,
    time::{pause, time_of_day},
    verbs,
    world::State,
};
use orderd::{
    engine::{Desk, Engine, SubmitError, Submitted},
    order::OrderId,
    store::Claim,
};
use orderd_sdk::wire::ExecuteRequest;

/// Amounts of orders begin here; by the amount one knows the order.
const FIRST_AMOUNT: u64 = 1_000;

/// One who wants an order executed.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) amount: u64,
    pub(crate) request: ExecuteRequest,
    pub(crate) claim: Option<Claim>,
    /// When it comes.
    at: u64,
    pub(crate) stage: Stage,
    reader: Reader,
    /// The last event that it was told.
    told: u64,
}

/// Whether a client wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// Every event.
    Follows,
    /// Nothing.
    Leaves,
}

/// How far a client has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It has not asked yet, or was told that nothing was kept.
    Waiting,
    /// It has asked, and does not know what came of it.
    Asked,
    /// It was told that this is its order.
    Accepted(OrderId),
    /// It was told that its order makes no sense.
    Refused,
}

impl Client {
    pub(crate) fn all_of(plan: &Plan, chance: &mut Chance) -> Vec<Self> {
        let span = chance.pick(&[1, 2_000, plan.calm_at]);
        (0..plan.orders).map(|number| Self::new(plan, chance, FIRST_AMOUNT + number, span)).collect()
    }

    fn new(plan: &Plan, chance: &mut Chance, amount: u64, span: u64) -> Self {
        let at = chance.below(span);
        let accounts: Vec<_> = plan.account_names().collect();
        let account = chance.below(plan.accounts);
        let deadline = at + chance.between(1_000..=40_000);
        let request = ExecuteRequest {
            account: accounts.get(usize::try_from(account).expect("few accounts")).cloned(),
            slippage: Some(chance.pick(&["0", "0.5", "5", "50"]).into()),
            deadline: chance.happens(200).then(|| rfc3339(deadline)),
            priority: Some(u8::try_from(chance.below(10)).expect("small")),
            ..ExecuteRequest::market("SOL", "USDC", amount.to_string())
        };
        let claim = chance.happens(700).then(|| Claim { key: format!("key-{amount}"), fingerprint: [7; 32] });
        let reader = if chance.happens(200) { Reader::Follows } else { Reader::Leaves };
        Self { amount, request, claim, at, stage: Stage::Waiting, reader, told: 0 }
    }
}

fn rfc3339(millis: u64) -> String {
    serde_json::to_value(time_of_day(millis))
        .ok()
        .and_then(|text| Some(text.as_str()?.to_owned()))
        .expect("a text")
}

/// Lives a client's life for as long as the engine lives.
pub(crate) async fn live(life: Life, engine: Engine, index: usize) {
    let Some(id) = get_accepted(&life, &engine, index).await else {
        return;
    };
    if life.with(|state| state.asks_twice(index)).await {
        ask(&life, &engine, index).await;
    }
    let reads = life.with(|state| state.clients[index].reader == Reader::Follows).await;
    let reading = async {
        if reads {
            read(&life, &engine, index, id).await;
        }
    };
    tokio::join!(reading, verbs::ask(&life, &engine, id));
}

async fn get_accepted(life: &Life, engine: &Engine, index: usize) -> Option<OrderId> {
    loop {
        let client = life.with(|state| state.clients[index].clone()).await;
        match client.stage {
            Stage::Accepted(id) => return Some(id),
            Stage::Refused => return None,
            // Without a key, to ask again would be to order again.
            Stage::Asked if client.claim.is_none() => return None,
            Stage::Waiting | Stage::Asked => {}
        }
        life.world.time.reach(client.at).await;
        if !ask(life, engine, index).await {
            pause(500).await;
        }
    }
}

/// Asks once. False when it should wait before it asks again.
async fn ask(life: &Life, engine: &Engine, index: usize) -> bool {
    let before = life.with(|state| state.clients[index].ask()).await;
    let (request, claim) = (before.request, before.claim);
    let answer = engine.submit(request, claim).await;
    life.with(|state| state.take_answer(index, before.stage, answer)).await
}

impl Client {
    /// It asks; what it was before.
    fn ask(&mut self) -> Self {
        let before = self.clone();
        if !matches!(self.stage, Stage::Accepted(_)) {
            self.stage = Stage::Asked;
        }
        before
    }
}

impl State {
    fn asks_twice(&mut self, index: usize) -> bool {
        self.clients[index].claim.is_some() && self.weather.strikes(Fault::Twice)
    }

    fn take_answer(&mut self, index: usize, before: Stage, answer: Result<Submitted, SubmitError>) -> bool {
        self.trace.note(|| {
            let told = answer.as_ref().map(|submitted| (submitted.order.id, submitted.replayed));
            format!("client {} is told {told:?}", self.clients[index].amount)
        });
        let (stage, held) = match answer {
            Ok(submitted) => (Stage::Accepted(submitted.order.id), self.check_accepted(before, &submitted)),
            Err(SubmitError::KeyReused) => {
                (before, Err(Law::OneOrderPerKey.broken("a key belongs to another request")))
            }
            Err(SubmitError::Invalid(_)) => (Stage::Refused, Ok(())),
            // Nothing was kept of this request; of an earlier one nobody knows.
            Err(SubmitError::QueueFull { .. } | SubmitError::Draining) => (before, Ok(())),
            Err(SubmitError::Store(_)) => (Stage::Asked, Ok(())),
        };
        self.hold(held);
        if !matches!(before, Stage::Accepted(_)) {
            self.clients[index].stage = stage;
        }
        matches!(stage, Stage::Accepted(_))
    }

    fn check_accepted(&self, before: Stage, submitted: &Submitted) -> Result<(), Broken> {
        let id = submitted.order.id;
        Law::AcceptedIsDurable
            .holds(self.witness.order(id).is_some(), || format!("{id} is accepted and not stored"))?;
        let is_same = !matches!(before, Stage::Accepted(known) if known != id);
        Law::OneOrderPerKey.holds(is_same, || format!("the same request gave {before:?} and {id}"))
    }
}

/// Reads an order's life on from where the client was.
async fn read(life: &Life, engine: &Engine, index: usize, id: OrderId) {
    let (hub, told) = life.with(|state| (state.disk.hub.clone(), state.clients[index].told)).await;
    let mut subscription = hub.follow(id, told + 1, std::sync::Arc::default(), 1);
    match engine.load(id).await {
        Ok(Some(order)) => subscription.offer(&order),
        Ok(None) => {
            let held = Err(Law::AcceptedIsDurable.broken(format!("{id} was accepted and is not there")));
            return life.with(|state| state.hold(held)).await;
        }
        Err(_) => return,
    }
    loop {
        while let Some(frame) = subscription.next_frame() {
            life.with(|state| {
                let expected = state.clients[index].told + 1;
                state.trace.note(|| format!("told {} {:016x}", frame.seq, fingerprint(frame.frame.json())));
                let held = state.witness.check_frame(id, expected, &frame);
                state.hold(held);
                state.clients[index].told = expected;
            })
            .await;
        }
        subscription.changed().await;
    }
}

impl State {
    /// Whether this client has nothing more to wait for.
    pub(crate) fn has_read_all(&self, client: &Client) -> bool {
        match client.stage {
            Stage::Waiting => false,
            Stage::Asked => client.claim.is_none(),
            Stage::Refused => true,
            Stage::Accepted(_) if client.reader == Reader::Leaves => true,
            Stage::Accepted(id) => self.witness.order(id).is_some_and(|order| order.seq() == client.told),
        }
    }
}
