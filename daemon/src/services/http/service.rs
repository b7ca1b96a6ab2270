//! What one plugin may do with the client.

use super::{
    HttpClient, HttpFigures,
    figures::Outcome,
    request::{Allowed, prepare},
};
use crate::{
    config::{Origin, ServiceSettings},
    telemetry::observe,
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Response,
    body::{Body, Incoming},
};
use hyper_util::client::legacy::Error as ClientError;
use orderd_sdk::plugin::{Context, Data, ErrorKind, HttpError, HttpRequest, HttpResponse, PluginError};
use std::{error::Error, sync::Arc};
use tokio::{sync::Semaphore, time::timeout_at};

/// The most characters of an error's cause that are passed on.
const LONGEST_CAUSE: usize = 200;

/// HTTP for one plugin.
pub(in crate::services) struct HttpService {
    plugin: String,
    settings: ServiceSettings,
    client: HttpClient,
    places: Semaphore,
    figures: Arc<HttpFigures>,
}

impl HttpService {
    pub(in crate::services) fn new(
        plugin: &str,
        settings: &ServiceSettings,
        client: HttpClient,
        figures: Arc<HttpFigures>,
    ) -> Self {
        let places = Semaphore::new(settings.http_max_in_flight);
        Self { plugin: plugin.to_owned(), settings: settings.clone(), client, places, figures }
    }

    /// Makes a request and reads the whole answer, at most until the deadline. Dropping the future closes the
    /// connection it has.
    pub(in crate::services) async fn ask(
        &self,
        ctx: &Context,
        request: HttpRequest,
    ) -> Result<HttpResponse, HttpError> {
        let allowed = match prepare(&self.plugin, &self.settings, request) {
            Ok(allowed) => allowed,
            Err(error) => {
                self.figures.refused(&self.plugin);
                return Err(HttpError::NotSent(error));
            }
        };
        let origin = allowed.origin.clone();
        let counted = self.figures.begin(&self.plugin);
        let answer = self.exchange(ctx, allowed).await;
        counted.end(Outcome::of(&answer));
        observe::plugin_http(&self.plugin, &origin, answer.as_ref().map(|answer| answer.status));
        answer
    }

    async fn exchange(&self, ctx: &Context, allowed: Allowed) -> Result<HttpResponse, HttpError> {
        let place = timeout_at(ctx.deadline(), self.places.acquire()).await;
        let _place = place.map_err(|_| self.busy())?.expect("the semaphore is never closed");
        let Allowed { request, origin } = allowed;
        let answer = async {
            let response = self.client.send(request).await.map_err(|error| failed(&origin, &error))?;
            self.read(&origin, response).await
        };
        timeout_at(ctx.deadline(), answer).await.map_err(|_| late(&origin))?
    }

    async fn read(&self, origin: &Origin, response: Response<Incoming>) -> Result<HttpResponse, HttpError> {
        let (head, body) = response.into_parts();
        let limit = self.settings.http_max_response;
        if body.size_hint().lower() > limit as u64 {
            return Err(self.too_large(origin));
        }
        let body = match Limited::new(body, limit).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(self.too_large(origin)),
            Err(error) => return Err(broken(origin, &*error)),
        };
        Ok(HttpResponse { status: head.status.as_u16(), headers: texts(&head.headers), body: data(&body) })
    }

    fn busy(&self) -> HttpError {
        let (plugin, most) = (&self.plugin, self.settings.http_max_in_flight);
        HttpError::NotSent(PluginError::transient(format!(
            "{most} requests are under way, more wait (plugins.{plugin}.http_max_in_flight)"
        )))
    }

    fn too_large(&self, origin: &Origin) -> HttpError {
        let (plugin, limit) = (&self.plugin, self.settings.http_max_response);
        HttpError::Unknown(PluginError::permanent(format!(
            "the answer of {origin} has more than {limit} bytes (plugins.{plugin}.http_max_response_kib)"
        )))
    }
}

/// Only the client's connect errors come before the first byte of a request.
fn failed(origin: &Origin, error: &ClientError) -> HttpError {
    match error.is_connect() {
        true => {
            let message = format!("cannot connect to {origin}: {}", cause(error));
            HttpError::NotSent(PluginError::transient(message))
        }
        false => broken(origin, error),
    }
}

fn broken(origin: &Origin, error: &dyn Error) -> HttpError {
    let message = format!("the exchange with {origin} broke: {}", cause(error));
    HttpError::Unknown(PluginError::transient(message))
}

fn late(origin: &Origin) -> HttpError {
    let message = format!("{origin} did not answer in time");
    HttpError::Unknown(PluginError { kind: ErrorKind::Deadline, message })
}

/// The innermost cause, on one line. The client's errors hold nothing of a request.
fn cause(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string().to_lowercase();
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_CAUSE).collect()
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect()
}

fn data(body: &Bytes) -> Data {
    Data::from(body.to_vec())
}
