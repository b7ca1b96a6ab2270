//! What the daemon reads: serde and the schema say the same of it.

use crate::{assert_valid, validator};
use orderd_sdk::wire::{
    BulkExecuteRequest, BulkPreviewRequest, CancelRequest, ClientMessage, ExecuteRequest, LogFilter,
    NoFields, OrderFilter, PauseRequest, Since,
    schema::{JsonSchema, Schemas},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

fn agrees<T: JsonSchema + DeserializeOwned>(good: &[&str], bad: &[&str]) {
    let validator = validator(Schemas::taken::<T>);
    for text in good {
        assert!(serde_json::from_str::<T>(text).is_ok(), "serde refuses {text}");
        assert_valid(&validator, &serde_json::from_str(text).unwrap());
    }
    for text in bad {
        assert!(serde_json::from_str::<T>(text).is_err(), "serde takes {text}");
        let value: Value = serde_json::from_str(text).unwrap();
        assert!(!validator.is_valid(&value), "the schema takes {text}");
    }
}

#[test]
fn requests_are_read_as_described() {
    agrees::<ExecuteRequest>(
        &[
            r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":"10"}"#,
            r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":10.5,"slippage":0.5,"orderType":"market","chain":"paper",
                "account":"main","venues":["alpha"],"deadline":"2030-01-31T12:00:00Z","priority":9,
                "maxPriceImpact":"1","labels":{"desk":"7"}}"#,
            r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":1,"slippage":null,"orderType":null,"venues":null,"priority":null}"#,
        ],
        &[
            r#"{"tokenIn":"SOL","tokenOut":"USDC"}"#,
            r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":true}"#,
            r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":null}"#,
            r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":1,"amonut":1}"#,
            r#"{"tokenIn":5,"tokenOut":"USDC","amount":1}"#,
            r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":1,"priority":300}"#,
            r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":1,"priority":1.5}"#,
            r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":1,"venues":"alpha"}"#,
            r#"{"tokenIn":"SOL","tokenOut":"USDC","amount":1,"labels":{"desk":7}}"#,
        ],
    );
    agrees::<CancelRequest>(
        &["{}", r#"{"reason":"x"}"#, r#"{"reason":null}"#],
        &[r#"{"why":"x"}"#, r#"{"reason":1}"#],
    );
    agrees::<PauseRequest>(
        &["{}", r#"{"reason":"x"}"#, r#"{"reason":null}"#],
        &[r#"{"why":"x"}"#, r#"{"reason":1}"#],
    );
    agrees::<BulkPreviewRequest>(
        &[
            r#"{"action":"retry","filter":"state:failed"}"#,
            r#"{"action":"cancel","ids":["o"],"filter":null}"#,
        ],
        &[r#"{"filter":""}"#, r#"{"action":"hurry"}"#, r#"{"action":"retry","id":"o"}"#],
    );
    agrees::<BulkExecuteRequest>(
        &[r#"{"token":"5b","expected":3}"#, r#"{"token":"5b","expected":3,"reason":"x"}"#],
        &[
            r#"{"token":"5b"}"#,
            r#"{"token":"5b","expected":-1}"#,
            r#"{"token":"5b","expected":3,"force":true}"#,
        ],
    );
    agrees::<NoFields>(&["{}"], &[r#"{"a":1}"#]);
}

#[test]
fn messages_of_clients_are_read_as_described() {
    agrees::<ClientMessage>(
        &[
            r#"{"type":"subscribe","id":"a","topic":"orders"}"#,
            r#"{"type":"subscribe","id":"a","topic":"orders","filter":{"pair":"SOL/USDC"},"delivery":"latest",
                "batchMs":250,"since":{"epoch":"e","cursor":7},"snapshot":"none"}"#,
            r#"{"type":"subscribe","id":"a","topic":"orders","filter":{"ids":["x"]},"since":{"seq":{"x":3}}}"#,
            r#"{"type":"subscribe","id":"l","topic":"logs","filter":{"level":"warn"},"lines":0}"#,
            r#"{"type":"subscribe","id":"a","topic":"queue","filter":null,"delivery":null,"since":null}"#,
            r#"{"type":"unsubscribe","id":"a"}"#,
            r#"{"type":"auth","token":"t"}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"pong"}"#,
        ],
        &[
            r#"{"type":"subscribe","id":"a","topic":"orders","filtre":{}}"#,
            r#"{"type":"subscribe","id":"a","topic":"order"}"#,
            r#"{"type":"subscribe","topic":"orders"}"#,
            r#"{"type":"subscribe","id":"a","topic":"orders","since":{"cursor":1}}"#,
            r#"{"type":"subscribe","id":"a","topic":"orders","delivery":"some"}"#,
            r#"{"type":"subscribe","id":"a","topic":"orders","batchMs":-1}"#,
            r#"{"type":"unsubscribe"}"#,
            r#"{"type":"unsubscribe","id":"a","topic":"orders"}"#,
            r#"{"type":"auth"}"#,
            r#"{"type":"shout"}"#,
            r#"{"id":"a"}"#,
            "[]",
        ],
    );
}

#[test]
fn filters_take_one_or_many() {
    agrees::<OrderFilter>(
        &[
            "{}",
            r#"{"ids":"x","status":"failed","chain":"c","account":"a","dex":"d","pair":"p","label":{"desk":"7"}}"#,
            r#"{"ids":["x"],"status":["failed","unknown"],"chain":[],"label":{"desk":["7","8"],"to":"x"}}"#,
        ],
        &[
            r#"{"state":["failed"]}"#,
            r#"{"status":"done"}"#,
            r#"{"ids":[1]}"#,
            r#"{"ids":null}"#,
            r#"{"label":"desk"}"#,
            r#"{"label":{"desk":7}}"#,
        ],
    );
    agrees::<LogFilter>(
        &["{}", r#"{"level":null,"target":"orderd"}"#],
        &[r#"{"level":1}"#, r#"{"lvl":"warn"}"#],
    );
    agrees::<Since>(
        &[r#"{"epoch":"e","cursor":7}"#, r#"{"seq":{}}"#],
        &["{}", r#"{"epoch":"e"}"#, r#"{"seq":{"x":-1}}"#, r#"{"epoch":"e","cursor":7,"more":1}"#, "7"],
    );
}
