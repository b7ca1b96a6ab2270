//! Configurations that make no sense.

use crate::{
    plugin::PluginConfig,
    testkit::{
        Bench,
        report::{Checked, Stop, ensure},
        subject::Age,
    },
};
use serde_json::{Value, json};

/// No plugin has a setting of this name.
const UNKNOWN_KEY: &str = "noPluginHasThisKey";

pub(super) fn mistakes(bench: &Bench) -> Checked {
    for text in ["", "{", "null", "[]", "\"config\"", "{\"chains\":7,\"venues\":{},\"dataDir\":\"\"}"] {
        refused(bench, text.as_bytes(), &format!("the configuration {text:?}"))?;
    }
    refused(bench, b"\xff\xfe", "a configuration that is not UTF-8")?;
    for (path, nonsense) in nonsense(&bench.plan.config(bench.folder()?)) {
        let config = serde_json::to_vec(&nonsense).expect("a configuration is always JSON");
        let message = refused(bench, &config, &path)?;
        let name = path.split('.').nth(1).unwrap_or_default();
        ensure(
            message.contains(name),
            || format!("{path} was refused with {message:?}"),
            "a message with the key path, such as venues.pool.config.feeBps: the operator has nothing else",
            "the settings' reader; SettingsTable names every mistake by its path",
        )?;
    }
    Ok(())
}

/// Creating fails with a message; the message.
fn refused(bench: &Bench, config: &[u8], what: &str) -> Checked<String> {
    match bench.create_from(config, Age::Present)? {
        Err(message) if message.contains("failed with status") || message.contains("panicked") => {
            Err(Stop::failed(
                format!("{what} made create end like this: {message}"),
                "a message for the operator, through the error sink",
                "create: it reads settings without unwrap, and writes why to `error`",
            ))
        }
        Err(message) => Ok(message),
        Ok(_) => Err(Stop::failed(
            format!("{what} was accepted"),
            "no instance and a message: a mistake that is not told shows up as a loss later",
            "create, and the reader of the settings: keys that nobody takes are mistakes too",
        )),
    }
}

/// The plan's configuration with one mistake each, and where it is.
fn nonsense(config: &PluginConfig) -> Vec<(String, PluginConfig)> {
    let mut all = Vec::new();
    for name in config.chains.keys() {
        for settings in wrong(&config.chains[name].settings) {
            let mut config = config.clone();
            if let Some(chain) = config.chains.get_mut(name) {
                chain.settings = settings;
            }
            all.push((format!("chains.{name}.config"), config));
        }
    }
    for name in config.venues.keys() {
        for settings in wrong(&config.venues[name].settings) {
            let mut config = config.clone();
            if let Some(venue) = config.venues.get_mut(name) {
                venue.settings = settings;
            }
            all.push((format!("venues.{name}.config"), config));
        }
    }
    all
}

/// No table at all, and a table with a key too many.
fn wrong(settings: &Value) -> [Value; 2] {
    let mut more = match settings {
        Value::Object(_) => settings.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => json!({}),
    };
    more[UNKNOWN_KEY] = json!(true);
    [json!("no table"), more]
}
