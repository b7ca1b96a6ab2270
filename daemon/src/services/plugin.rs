//! The services of one plugin.

use super::{
    http::{HttpClient, HttpFigures, HttpService},
    kv::KvStore,
};
use crate::{
    config::ServiceSettings,
    telemetry::{
        Clock,
        metrics::{PluginSeries, SeriesError, Source},
    },
};
use async_trait::async_trait;
use orderd_sdk::plugin::{
    ChainRead, Context, Done, HostServices, HttpError, HttpRequest, HttpResponse, KvKey, KvKeys, KvList,
    KvPut, KvValue, Payload, PluginError, Samples, SignRequest, Signature, UnixTime,
};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

/// What all plugins share, and what outlives each of their versions.
pub struct Shared {
    client: HttpClient,
    figures: Arc<HttpFigures>,
    series: Arc<PluginSeries>,
    clock: Arc<dyn Clock>,
    /// By plugin. While one version takes the place of another, both have the same memory.
    memories: Mutex<BTreeMap<String, Arc<KvStore>>>,
}

/// The services of one version of a plugin. Signing and reading chains are for others to add.
pub struct PluginServices {
    plugin: String,
    http: HttpService,
    kv: Arc<KvStore>,
    kv_max: usize,
    series: Arc<PluginSeries>,
    clock: Arc<dyn Clock>,
}

impl Shared {
    /// Nothing is connected yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let (figures, series, memories) = (Arc::default(), Arc::default(), Mutex::default());
        Self { client: HttpClient::new(), figures, series, clock, memories }
    }

    /// What there is to tell about plugins.
    #[must_use]
    pub fn sources(&self) -> Vec<Arc<dyn Source>> {
        vec![self.figures.clone(), self.series.clone()]
    }

    /// The services of the plugin of this name, which keeps its memory in this file. Blocks while the file is read
    /// for the first time.
    #[must_use]
    pub fn services(&self, plugin: &str, settings: &ServiceSettings, memory: &Path) -> PluginServices {
        PluginServices {
            plugin: plugin.to_owned(),
            http: HttpService::new(plugin, settings, self.client.clone(), self.figures.clone()),
            kv: self.memory(plugin, memory),
            kv_max: settings.kv_max,
            series: self.series.clone(),
            clock: self.clock.clone(),
        }
    }

    fn memory(&self, plugin: &str, file: &Path) -> Arc<KvStore> {
        let mut memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        let open = || Arc::new(KvStore::open(plugin, file.to_owned()));
        memories.entry(plugin.to_owned()).or_insert_with(open).clone()
    }
}

#[async_trait]
impl HostServices for PluginServices {
    async fn sign(&self, _ctx: &Context, _request: SignRequest) -> Result<Signature, PluginError> {
        Err(PluginError::unsupported("nothing is signed here"))
    }

    async fn read_chain(&self, _ctx: &Context, _request: ChainRead) -> Result<Payload, PluginError> {
        Err(PluginError::unsupported("no chain is known here"))
    }

    async fn http(&self, ctx: &Context, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.http.ask(ctx, request).await
    }

    async fn kv_get(&self, _ctx: &Context, request: KvKey) -> Result<KvValue, PluginError> {
        Ok(KvValue { value: self.kv.get(&request.key)? })
    }

    async fn kv_put(&self, _ctx: &Context, request: KvPut) -> Result<Done, PluginError> {
        self.kv.put(request.key, request.value.into_bytes(), self.kv_max).await?;
        Ok(Done {})
    }

    async fn kv_delete(&self, _ctx: &Context, request: KvKey) -> Result<Done, PluginError> {
        self.kv.delete(request.key).await?;
        Ok(Done {})
    }

    async fn kv_list(&self, _ctx: &Context, request: KvList) -> Result<KvKeys, PluginError> {
        Ok(KvKeys { keys: self.kv.list(&request.prefix, request.after.as_deref())? })
    }

    async fn now(&self, _ctx: &Context) -> Result<UnixTime, PluginError> {
        Ok(UnixTime { unix_ms: self.clock.now().0 })
    }

    async fn record(&self, _ctx: &Context, request: Samples) -> Result<Done, PluginError> {
        match self.series.record(&self.plugin, &request.samples) {
            Ok(()) => Ok(Done {}),
            Err(error @ SeriesError::Full) => Err(PluginError::permanent(error.to_string())),
            Err(error) => Err(PluginError::invalid(error.to_string())),
        }
    }
}
