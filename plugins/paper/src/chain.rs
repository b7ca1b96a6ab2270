//! The chain: takes transactions in, includes them when they are due, and answers for all that happened.

use crate::{
    chance::{Dice, Percent},
    clock,
    entry::Refusal,
    journal::{FOLD_ABOVE, Journal, JournalError},
    ledger::{Ledger, Pool, Rules},
    mempool::{Mempool, Pending},
    pool::Market,
    settings::ChainSettings,
    signing::{self, Place, swap_of},
    state::{State, not_sent},
    transaction::{Action, Transaction, TxHash},
};
use orderd_sdk::{
    amount::Amount,
    plugin::{
        AddressRequest, BalanceRequest, BumpRequest, CancelRequest, Chain, Consumer, ConsumerRequest,
        Context, EstimateRequest, Estimated, Health, LaneRequest, LaneStatus, Payload, PluginError,
        PrepareRequest, Prepared, ReadRequest, SendOutcome, SendRequest, StatusRequest, TxStatus,
        async_trait,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::Notify,
    task::AbortHandle,
    time::{Instant, timeout_at},
};

/// Of the sends with an unknown outcome, so many are performed.
const PERFORMED_UNKNOWNS: Percent = Percent(50);
/// How long to wait before the journal is tried again.
const JOURNAL_RETRY: Duration = Duration::from_secs(1);

/// A paper chain. Its venues hold it too.
pub(crate) struct PaperChain {
    name: String,
    settings: ChainSettings,
    dice: Dice,
    state: Mutex<State>,
    /// An alarm was set that may be earlier than the one being waited for.
    alarm: Arc<Notify>,
    inclusion: Mutex<Option<AbortHandle>>,
}

/// Questions of [`Chain::read`], such as `{"what":"pool","venue":"v","tokens":["a","b"]}` with addresses.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", deny_unknown_fields)]
enum Query {
    /// The newest block's number.
    Height,
    /// What a pool holds of each token, and its fee.
    Pool { venue: String, tokens: [String; 2] },
}

impl PaperChain {
    /// Brings the chain back from `folder`, and lets a task of `runtime` include what is due.
    pub(crate) fn open(
        name: &str,
        settings: ChainSettings,
        pools: Vec<Pool>,
        folder: &Path,
        runtime: &Handle,
    ) -> Result<Arc<Self>, JournalError> {
        let rules = Rules {
            start_balances: settings.start_balances.clone(),
            finality_ms: settings.finality_ms,
            max_receipts: settings.max_receipts,
        };
        let mut ledger = Ledger::new(rules, pools);
        let journal = Journal::open(folder, name, &mut ledger, FOLD_ABOVE)?;
        tracing::info!(chain = name, height = ledger.height(), "paper chain opened");
        let chain = Arc::new(Self {
            name: name.to_owned(),
            dice: Dice::new(settings.seed, name),
            settings,
            state: Mutex::new(State { ledger, mempool: Mempool::default(), journal }),
            alarm: Arc::new(Notify::new()),
            inclusion: Mutex::new(None),
        });
        let task = runtime.spawn(include_forever(Arc::downgrade(&chain), chain.alarm.clone()));
        *chain.inclusion.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.abort_handle());
        Ok(chain)
    }

    /// The pool of a pair as a swap in this direction sees it now.
    pub(crate) fn market(&self, venue: &str, token_in: &str, token_out: &str) -> Option<Market> {
        self.state().ledger.market(venue, token_in, token_out)
    }

    #[cfg(test)]
    pub(crate) fn ledger(&self) -> Ledger {
        self.state().ledger.clone()
    }

    /// Takes a transaction in, and includes it if it is due.
    fn accept(&self, transaction: Transaction, hash: TxHash) -> SendOutcome {
        let mut state = self.state();
        let from = transaction.from.clone();
        if let Some(known) = state.already(&transaction, &hash) {
            return known;
        }
        let due = self.due(&transaction);
        let at_once = self.settings.inclusion.is_zero();
        if let Some(due) = due.filter(|_| !at_once) {
            if !state.mempool.set_alarm(due, &from) {
                return not_sent("too many transactions wait");
            }
            self.alarm.notify_one();
        }
        let pending = Pending { transaction, hash, due };
        if let Err(no_room) = state.mempool.insert(pending) {
            return not_sent(no_room);
        }
        if let Some(due) = due.filter(|_| at_once) {
            self.include(&mut state, &from, due);
        }
        SendOutcome::Accepted
    }

    /// When a new transaction may be included. Only the first ones of a sequence get stuck, so that whoever bids more
    /// gets through.
    fn due(&self, transaction: &Transaction) -> Option<Instant> {
        let stuck = transaction.bump == 0 && self.dice.happens(self.settings.stuck);
        (!stuck).then(|| Instant::now() + self.settings.inclusion)
    }

    /// Includes what is due by now, and says when to look again.
    fn include_due(&self, now: Instant) -> Option<Instant> {
        let mut state = self.state();
        while let Some(from) = state.mempool.take_alarm(now) {
            self.include(&mut state, &from, now);
        }
        state.mempool.next_alarm()
    }

    /// Includes an account's transactions from its next sequence on, as far as they are due.
    fn include(&self, state: &mut State, from: &str, now: Instant) {
        if let Err(error) = state.include(from, now) {
            tracing::error!(chain = self.name, %error, "journal: nothing is included until it can be written");
            if state.mempool.set_alarm(now + JOURNAL_RETRY, from) {
                self.alarm.notify_one();
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for PaperChain {
    fn drop(&mut self) {
        let inclusion = self.inclusion.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(inclusion) = inclusion.take() {
            inclusion.abort();
        }
    }
}

/// Includes what is due, as long as there is a chain.
async fn include_forever(chain: Weak<PaperChain>, alarm: Arc<Notify>) {
    while let Some(next) = chain.upgrade().map(|chain| chain.include_due(Instant::now())) {
        match next {
            Some(at) => drop(timeout_at(at, alarm.notified()).await),
            None => alarm.notified().await,
        }
    }
}

#[async_trait]
impl Chain for PaperChain {
    async fn address(&self, _: &Context, request: AddressRequest) -> Result<String, PluginError> {
        Ok(format!("paper:{}", request.account))
    }

    async fn lane(&self, _: &Context, request: LaneRequest) -> Result<LaneStatus, PluginError> {
        let state = self.state();
        let latest = state.ledger.next_sequence(&request.address);
        Ok(LaneStatus::at(latest, state.ledger.final_sequence(&request.address, clock::now())))
    }

    async fn estimate(&self, _: &Context, request: EstimateRequest) -> Result<Estimated, PluginError> {
        let payload = request.payload;
        let swap = swap_of(&payload, &request.address)?;
        let checked = self.state().ledger.check(&swap, clock::now());
        match checked {
            Ok(()) => Ok(Estimated { payload }),
            Err(moved @ Refusal::BelowMinimum { .. }) => Err(PluginError::transient(moved.to_string())),
            Err(poor @ Refusal::NoFunds { .. }) => Err(PluginError::insufficient_funds(poor.to_string())),
            Err(refusal) => Err(PluginError::permanent(refusal.to_string())),
        }
    }

    async fn prepare(&self, _: &Context, request: PrepareRequest) -> Result<Prepared, PluginError> {
        let swap = swap_of(&request.payload, &request.signer.address)?;
        Place::new(&self.name, request.signer, request.sequence, &[])?.sign(Action::Swap(swap))
    }

    async fn cancel(&self, _: &Context, request: CancelRequest) -> Result<Prepared, PluginError> {
        Place::new(&self.name, request.signer, request.sequence, &request.replaces)?.sign(Action::Cancel)
    }

    async fn bump(&self, _: &Context, request: BumpRequest) -> Result<Prepared, PluginError> {
        Place::new(&self.name, request.signer, request.sequence, &request.replaces)?.sign_again()
    }

    async fn consumer(&self, _: &Context, request: ConsumerRequest) -> Result<Consumer, PluginError> {
        self.state().ledger.consumer(&request.address, request.sequence, clock::now())
    }

    async fn send(&self, _: &Context, request: SendRequest) -> SendOutcome {
        let transaction = match signing::read(&self.name, &request.raw) {
            Ok(transaction) => transaction,
            Err(error) => return not_sent(error),
        };
        let hash = TxHash::of(&request.raw.0);
        if TxHash::parse(&request.hash) != Some(hash) {
            return not_sent("the hash is not that of the bytes");
        }
        if self.dice.happens(self.settings.send_failure) {
            return not_sent("the node refused the connection (as configured)");
        }
        if !self.dice.happens(self.settings.unknown) {
            return self.accept(transaction, hash);
        }
        if self.dice.happens(PERFORMED_UNKNOWNS) {
            self.accept(transaction, hash);
        }
        SendOutcome::Unknown { reason: "the connection broke (as configured)".to_owned() }
    }

    async fn status(&self, _: &Context, request: StatusRequest) -> Result<Vec<TxStatus>, PluginError> {
        let (state, now) = (self.state(), clock::now());
        Ok(request.queries.iter().map(|query| state.status(query, now)).collect())
    }

    /// A paper chain has no coin of its own: everybody holds none of it.
    async fn balance(&self, _: &Context, request: BalanceRequest) -> Result<Amount, PluginError> {
        let Some(token) = request.token else {
            return Ok(Amount::ZERO);
        };
        Ok(Amount(self.state().ledger.balance(&request.address, &token)))
    }

    async fn read(&self, _: &Context, request: ReadRequest) -> Result<Payload, PluginError> {
        let query = request.query.read();
        match query.map_err(|error| PluginError::invalid(format!("no such query: {error}")))? {
            Query::Height => Ok(json!({ "height": self.state().ledger.height() }).into()),
            Query::Pool { venue, tokens: [first, second] } => {
                let market = self.market(&venue, &first, &second);
                let market =
                    market.ok_or_else(|| PluginError::permanent(format!("no such pool at {venue}")))?;
                let reserves = [market.reserve_in, market.reserve_out].map(Amount);
                Ok(json!({ "reserves": reserves, "feeBps": market.fee_bps }).into())
            }
        }
    }

    async fn health(&self, _: &Context) -> Result<Health, PluginError> {
        let state = self.state();
        let (height, waiting) = (state.ledger.height(), state.mempool.len());
        Ok(Health { detail: format!("block {height}, {waiting} transactions wait") })
    }
}
