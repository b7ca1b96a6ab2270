//! A chain has signatures for what the daemon asks it to sign, one for each, and for nothing else.

use crate::{
    ledger::Mining,
    script::{Script, later, never},
    world::{Life, SMOOTH, World, load, sell, submit},
};
use orderd::app::Daemon;
use orderd_sdk::{
    amount::Amount,
    plugin::{Effect, PluginError, PrepareRequest, Prepared},
    wire::ErrorCode,
};
use std::sync::{Arc, Mutex};

/// The account has a key, and deals with one contract.
const KEPT: &str = "policy.contracts = [\"0xR\"]";

/// What became of each signature that the chain asked for, in few words.
#[derive(Clone, Default)]
struct Tried(Arc<Mutex<Vec<String>>>);

impl Tried {
    fn note<T>(&self, asked: Result<T, PluginError>) {
        self.0.lock().unwrap().push(asked.map_or_else(|error| error.message, |_| "signed".to_owned()));
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

fn prepared(script: &Script, request: PrepareRequest) -> Prepared {
    script.ledger().sign(request.signer.address, request.sequence, request.payload)
}

fn call(contract: &str) -> Option<Effect> {
    Some(Effect::Call { contract: contract.to_owned(), value: Amount::ZERO })
}

/// Lets the chain ask for a signature with this effect before it prepares anything, and hide why it got none.
fn asks_for(script: &Arc<Script>, effect: fn(usize) -> Option<Effect>) {
    let chain = script.clone();
    script.prepare.answers(move |before, request| {
        let (script, request) = (chain.clone(), request.clone());
        later(async move {
            let signed = script.ask_to_sign(Some(request.sequence), effect(before)).await;
            signed.map_err(|_| PluginError::transient("something went wrong"))?;
            Ok(prepared(&script, request))
        })
    });
}

async fn refused(daemon: &Daemon, amount: u64) -> Life {
    let mut life = submit(daemon, sell(amount)).await;
    assert!(life.end().await.ends_with("started execution-failed failed"), "{}", life.story());
    assert_eq!(load(daemon, life.id).await.last_error_code, Some(ErrorCode::PolicyRefused));
    life
}

#[tokio::test]
async fn while_it_prepares_a_chain_has_one_signature_at_that_sequence() {
    let world = World::new().policy(KEPT);
    let (daemon, script, tried) = (world.start().await, world.script(), Tried::default());
    let (chain, during) = (script.clone(), tried.clone());
    script.prepare.answers(move |_, request| {
        let (script, request, tried) = (chain.clone(), request.clone(), during.clone());
        later(async move {
            tried.note(script.ask_to_sign(Some(request.sequence + 1), call("0xR")).await);
            tried.note(script.ask_to_sign(Some(request.sequence), call("0xR")).await);
            tried.note(script.ask_to_sign(Some(request.sequence), call("0xR")).await);
            tried.note(script.ask_to_sign(None, call("0xR")).await);
            Ok(prepared(&script, request))
        })
    });
    assert_eq!(submit(&daemon, sell(7)).await.end().await, SMOOTH);
    let once = "account main has given the one signature that the daemon asks for";
    let other = "the daemon asks for no signature of account main at sequence 1 now";
    assert_eq!(tried.all(), [other, "signed", once, once]);
}

#[tokio::test]
async fn a_chain_has_nothing_signed_before_and_after_and_in_other_calls() {
    let world = World::new().policy(KEPT);
    let (daemon, script, tried) = (world.start().await, world.script(), Tried::default());
    tried.note(script.ask_to_sign(None, call("0xR")).await);
    let (chain, during) = (script.clone(), tried.clone());
    script.send.answers(move |_, request| {
        let (script, request, tried) = (chain.clone(), request.clone(), during.clone());
        later(async move {
            tried.note(script.ask_to_sign(Some(0), call("0xR")).await);
            script.ledger().accept(&request)
        })
    });
    assert_eq!(submit(&daemon, sell(7)).await.end().await, SMOOTH);
    tried.note(script.ask_to_sign(Some(0), None).await);
    let (any, first) = (
        "the daemon asks for no signature of account main now",
        "the daemon asks for no signature of account main at sequence 0 now",
    );
    assert_eq!(tried.all(), [any, first, first]);
}

#[tokio::test]
async fn what_comes_too_late_is_not_signed_any_more() {
    let world = World::new().policy(KEPT).engine("build_timeout_ms", 10).engine("max_attempts", 1);
    let (daemon, script) = (world.start().await, world.script());
    script.prepare.answers(|_, _| never());
    assert!(submit(&daemon, sell(7)).await.end().await.ends_with("failed"));
    let late = script.ask_to_sign(Some(0), call("0xR")).await.unwrap_err();
    assert!(late.message.contains("asks for no signature"), "{late}");
}

#[tokio::test]
async fn what_the_policy_refuses_fails_at_once_and_takes_no_sequence() {
    let world = World::new().policy(KEPT);
    let (daemon, script) = (world.start().await, world.script());
    asks_for(&script, |before| match before {
        0 => call("0xbad"),
        1 => Some(Effect::Approve { token: "sol".to_owned(), spender: "0xbad".to_owned(), through: None }),
        2 => None,
        _ => call("0xr"),
    });
    let life = refused(&daemon, 1).await;
    let error = load(&daemon, life.id).await.last_error.unwrap();
    assert_eq!(error, "the account's policy does not list contract 0xbad", "whatever the plugin says of it");
    refused(&daemon, 2).await;
    refused(&daemon, 3).await;
    assert_eq!(submit(&daemon, sell(4)).await.end().await, SMOOTH);
    assert_eq!((script.swaps(), script.sequences()), (vec![4], vec![0, 0, 0, 0]));
}

#[tokio::test]
async fn an_order_is_cancelled_although_the_policy_allows_no_contract() {
    let world = World::new().policy("policy.contracts = []").chain("bump_after_ms", 0);
    let (daemon, script, tried) = (world.start().await, world.script(), Tried::default());
    script.ledger().mining = Mining::Pool;
    let (chain, during) = (script.clone(), tried.clone());
    script.cancel.answers(move |_, request| {
        let (script, request, tried) = (chain.clone(), request.clone(), during.clone());
        later(async move {
            tried.note(script.ask_to_sign(Some(request.sequence), Some(Effect::Nothing)).await);
            let void = crate::ledger::void();
            Ok(script.ledger().sign(request.signer.address, request.sequence, void))
        })
    });
    let mut life = submit(&daemon, sell(7)).await;
    life.until("submitted").await;
    daemon.cancel(life.id, "enough").await.unwrap();
    life.until("voiding").await;
    assert_eq!(tried.all(), ["signed"]);
}
