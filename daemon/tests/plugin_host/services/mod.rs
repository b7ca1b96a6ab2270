//! The daemon's services, asked for by a real library.

mod apart;
mod http;
mod kills;
mod kv;
mod metrics;
mod server;

use crate::{
    LONG, config, folder,
    hosts::{self, At},
    libraries, token,
};
use orderd::{
    config::{Environment, ServiceSettings, parse},
    plugin::{Loaded, PluginSpec, load},
    services::Shared,
    telemetry::SystemClock,
};
use orderd_sdk::{
    amount::Amount,
    plugin::{Context, Host, PluginError, QuoteRequest, Venue},
};
use serde_json::Value;
use std::{path::Path, sync::Arc, time::Duration};

/// A loaded plugin, and what it shares with others.
struct Asking {
    loaded: Loaded,
    shared: Arc<Shared>,
}

impl Asking {
    /// With the settings that these lines of its table give, and its memory in this folder.
    async fn start(settings: &str, memory: &Path) -> Self {
        Self::version(Arc::new(Shared::new(Arc::new(SystemClock))), settings, memory).await
    }

    /// One more version of it.
    async fn version(shared: Arc<Shared>, settings: &str, memory: &Path) -> Self {
        Self::at(At::InProcess, shared, settings, memory).await
    }

    /// In this process or in one of its own.
    async fn at(at: At, shared: Arc<Shared>, settings: &str, memory: &Path) -> Self {
        let services = shared.services("rfq", &service_settings(settings), &memory.join("rfq.kv"));
        let mut config = config(&folder(), Value::Null);
        config.chains.clear();
        config.data_dir = memory.to_owned();
        let (path, copies) = (libraries::asking(), memory.join("copies"));
        let isolation = hosts::isolation(at);
        let spec = PluginSpec { isolation, ..PluginSpec::new("rfq", path, copies, config) };
        Self { loaded: load(spec, Host::new(services)).await.unwrap(), shared }
    }

    fn venue(&self) -> Arc<dyn Venue> {
        self.loaded.exports.venues["pool"].clone()
    }

    async fn ask(&self, command: Value) -> Result<Value, PluginError> {
        self.ask_within(LONG, command).await
    }

    async fn ask_within(&self, budget: Duration, command: Value) -> Result<Value, PluginError> {
        let quote = self.venue().quote(&Context::within(budget), request(&command)).await?;
        quote.route.read()
    }

    async fn end(self) {
        assert!(self.loaded.shutdown(LONG).await, "the plugin ends in time");
    }
}

fn request(command: &Value) -> QuoteRequest {
    QuoteRequest {
        trader: command.to_string(),
        token_in: token("SOL"),
        token_out: token("USDC"),
        amount_in: Amount::from(1_u64),
    }
}

fn service_settings(lines: &str) -> ServiceSettings {
    let text = format!("[plugins.rfq]\n{lines}");
    let settings = parse(&text, Path::new("."), &Environment::default()).unwrap();
    settings.plugins[0].services.clone()
}
