//! A call as OpenAPI says it.

use super::{Call, Field, Parameter, Returns, refusals};
use crate::api::problem::ApiError;
use orderd_sdk::wire::{
    ClientMessage, Problem,
    schema::{Schemas, ServerMessage},
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The operation of a call; schemas it refers to are left with `schemas`.
pub(super) fn operation(call: &Call, schemas: &mut Schemas) -> Value {
    let mut operation = json!({
        "operationId": call.name,
        "summary": call.summary,
        "responses": responses(call, schemas),
    });
    if !call.parameters.is_empty() {
        operation["parameters"] = call.parameters.iter().map(parameter).collect();
    }
    if let Some((schema, is_required)) = call.body {
        let content = content("application/json", schema(schemas).into());
        operation["requestBody"] = json!({ "required": is_required, "content": content });
    }
    if call.upgrades {
        operation["x-websocket"] = json!({
            "client": schemas.taken::<ClientMessage>(),
            "server": schemas.given::<ServerMessage>(),
        });
    }
    operation
}

fn parameter(Parameter { name, place, about, schema }: &Parameter) -> Value {
    json!({ "name": name, "in": place, "required": *place == "path", "description": about, "schema": schema })
}

fn responses(call: &Call, schemas: &mut Schemas) -> Value {
    let mut by_status: BTreeMap<u16, Vec<Value>> = BTreeMap::new();
    for returns in &call.returns {
        by_status.entry(returns.status.as_u16()).or_default().push(response(returns, schemas));
    }
    for (status, refusals) in refusals_by_status(&call.refusals) {
        by_status.entry(status).or_default().push(refusal(status, &refusals, schemas));
    }
    let merged = by_status.into_iter().map(|(status, responses)| (status.to_string(), merged(responses)));
    Value::Object(merged.collect())
}

fn response(returns: &Returns, schemas: &mut Schemas) -> Value {
    let mut response = json!({ "description": returns.about });
    if let Some(schema) = returns.schema {
        response["content"] = content(returns.media_type, schema(schemas).into());
    }
    if !returns.headers.is_empty() {
        let header = |Field { name, about }: &Field| {
            ((*name).to_owned(), json!({ "description": about, "schema": { "type": "string" } }))
        };
        response["headers"] = Value::Object(returns.headers.iter().map(header).collect());
    }
    response
}

fn refusals_by_status(refusals: &[ApiError]) -> BTreeMap<u16, Vec<&ApiError>> {
    let mut by_status: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for refusal in refusals {
        by_status.entry(refusal.kind().status.as_u16()).or_default().push(refusal);
    }
    by_status
}

/// One response for all refusals of a status: a problem with one of their codes.
fn refusal(status: u16, refused: &[&ApiError], schemas: &mut Schemas) -> Value {
    let kinds: BTreeMap<_, _> =
        refused.iter().map(|error| error.kind()).map(|kind| (kind.code, kind.title)).collect();
    let about: String = kinds.iter().map(|(code, title)| format!("- `{code}`: {title}\n")).collect();
    let mut codes: BTreeSet<_> = kinds.into_keys().collect();
    if codes.contains("invalid-order") {
        codes.extend(refusals::FIELD_CODES);
    }
    let problem = json!({
        "allOf": [schemas.given::<Problem>()],
        "type": "object",
        "properties": { "status": { "type": "integer", "const": status }, "code": { "type": "string", "enum": codes } },
        "required": ["status", "code"],
    });
    let mut response =
        json!({ "description": about.trim_end(), "content": content("application/problem+json", problem) });
    let headers = refused.iter().filter_map(|error| error.header()).map(|(name, _)| name);
    let headers: BTreeSet<_> =
        headers.map(|name| name.to_string()).filter(|name| name != "connection").collect();
    if !headers.is_empty() {
        let header = |name| (name, json!({ "schema": { "type": "string" } }));
        response["headers"] = Value::Object(headers.into_iter().map(header).collect());
    }
    response
}

fn content(media_type: &str, schema: Value) -> Value {
    Value::Object(Map::from_iter([(media_type.to_owned(), json!({ "schema": schema }))]))
}

/// A status that is an answer to some and a refusal to others has both kinds of content.
fn merged(mut responses: Vec<Value>) -> Value {
    let mut whole = responses.remove(0);
    for more in responses {
        let about = [&whole, &more].map(|part| part["description"].as_str().unwrap_or_default().to_owned());
        whole["description"] = about.join("\n").into();
        for part in ["content", "headers"] {
            let Some(Value::Object(more)) = more.get(part).cloned() else { continue };
            match whole.get_mut(part) {
                Some(Value::Object(known)) => known.extend(more),
                _ => whole[part] = more.into(),
            }
        }
    }
    whole
}
