//! What the kit's host does for a plugin: it signs with a key that is no secret, asks chains, remembers keys and values
//! as long as the instance lives, and answers HTTP from the plan. It has no network.

use super::{
    key::Key,
    plan::{Plan, ServedBy},
    subject::{Core, Subject},
};
use crate::{
    abi::{Method, Outcome, Service},
    plugin::{
        ChainRead, Data, Done, HttpOutcome, HttpRequest, HttpResponse, KvKey, KvKeys, KvList, KvPut, KvValue,
        MAX_KV_LISTED, Payload, PluginError, ReadRequest, Samples, SignRequest, UnixTime,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

/// A question of the plugin.
pub(super) struct Question {
    pub(super) op: u64,
    pub(super) service: String,
    pub(super) payload: Vec<u8>,
}

/// Answers questions of one instance.
pub(super) struct Services {
    pub(super) plan: Arc<Plan>,
    pub(super) key: Arc<dyn Key>,
    /// By the library that each is an instance of.
    pub(super) companions: Arc<BTreeMap<PathBuf, Subject>>,
    pub(super) memory: Mutex<BTreeMap<String, Data>>,
}

impl Services {
    /// The answer to a question of the instance `own`.
    pub(super) fn answer(&self, question: &Question, own: &Core) -> Outcome {
        let answer = match Service::parse(&question.service) {
            Some(Service::Sign) => self.sign(&question.payload),
            Some(Service::ChainRead) => self.read_chain(&question.payload, own),
            Some(Service::Http) => self.http(&question.payload),
            Some(Service::KvGet) => self.get(&question.payload),
            Some(Service::KvPut) => self.put(&question.payload),
            Some(Service::KvDelete) => self.delete(&question.payload),
            Some(Service::KvList) => self.list(&question.payload),
            Some(Service::TimeNow) => encode(&UnixTime { unix_ms: now() }),
            Some(Service::MetricsRecord) => {
                decode::<Samples>(&question.payload).and_then(|_| encode(&Done {}))
            }
            // What was asked is answered all the same.
            Some(Service::Cancel) => encode(&Done {}),
            None => Err(PluginError::unsupported(format!("the kit's host has no {}", question.service))),
        };
        Outcome::of(answer)
    }

    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, PluginError> {
        let request: SignRequest = decode(payload)?;
        if !self.plan.chains.contains_key(&request.chain) || request.account != self.plan.account.name {
            return Err(PluginError::permanent("the account is not of this chain"));
        }
        let digest = request.digest.0.try_into();
        let digest = digest.map_err(|_| PluginError::invalid("a digest has 32 bytes"))?;
        encode(&self.key.sign(digest))
    }

    fn read_chain(&self, payload: &[u8], own: &Core) -> Result<Vec<u8>, PluginError> {
        let ChainRead { chain, query } = decode(payload)?;
        let Some(planned) = self.plan.chains.get(&chain) else {
            return Err(PluginError::permanent(format!("no chain is called {chain:?}")));
        };
        let server = match &planned.served_by {
            ServedBy::Subject => own,
            ServedBy::Companion(library) => {
                let companion = self.companions.get(library).map(Subject::core);
                companion.ok_or_else(|| PluginError::transient("the chain's plugin is not there"))?
            }
            ServedBy::Nobody => return self.canned(&chain, &query.read()?),
        };
        let answer = server.ask::<Payload>(Method::ChainRead, &chain, &ReadRequest { query });
        encode(&answer.map_err(|_| PluginError::transient("the chain's plugin does not answer"))??)
    }

    fn canned(&self, chain: &str, query: &Value) -> Result<Vec<u8>, PluginError> {
        let fits = |wanted: &Option<Value>| wanted.as_ref().is_none_or(|wanted| wanted == query);
        let read = self.plan.reads.iter().find(|read| read.chain == chain && fits(&read.query));
        let read = read.ok_or_else(|| {
            PluginError::permanent(format!("the plan has no answer of {chain:?} to {query}"))
        })?;
        encode(&read.answer)
    }
}

impl Services {
    fn http(&self, payload: &[u8]) -> Result<Vec<u8>, PluginError> {
        let request: HttpRequest = decode(payload)?;
        let canned = self.plan.http.iter().find(|canned| canned.url == request.url);
        encode(&match canned {
            Some(canned) => HttpOutcome::Response(HttpResponse {
                status: canned.status,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: Data::of_json(&canned.answer)?,
            }),
            None => HttpOutcome::NotSent(PluginError::permanent(format!(
                "the plan has no answer of {}",
                request.url
            ))),
        })
    }

    fn get(&self, payload: &[u8]) -> Result<Vec<u8>, PluginError> {
        let KvKey { key } = decode(payload)?;
        encode(&KvValue { value: self.memory().get(&key).cloned() })
    }

    fn put(&self, payload: &[u8]) -> Result<Vec<u8>, PluginError> {
        let KvPut { key, value } = decode(payload)?;
        self.memory().insert(key, value);
        encode(&Done {})
    }

    fn delete(&self, payload: &[u8]) -> Result<Vec<u8>, PluginError> {
        let KvKey { key } = decode(payload)?;
        self.memory().remove(&key);
        encode(&Done {})
    }

    fn list(&self, payload: &[u8]) -> Result<Vec<u8>, PluginError> {
        let KvList { prefix, after } = decode(payload)?;
        let memory = self.memory();
        let later = |key: &&String| after.as_ref().is_none_or(|after| *key > after);
        let keys = memory.keys().filter(|key| key.starts_with(&prefix)).filter(later);
        encode(&KvKeys { keys: keys.take(MAX_KV_LISTED).cloned().collect() })
    }

    fn memory(&self) -> MutexGuard<'_, BTreeMap<String, Data>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::disallowed_methods, reason = "the kit's host has no other clock to give")]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn decode<T: DeserializeOwned>(payload: &[u8]) -> Result<T, PluginError> {
    serde_json::from_slice(payload).map_err(|error| PluginError::invalid(error.to_string()))
}

fn encode(answer: &impl Serialize) -> Result<Vec<u8>, PluginError> {
    serde_json::to_vec(answer).map_err(|error| PluginError::permanent(error.to_string()))
}
