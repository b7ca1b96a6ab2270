//! `docs/openapi.json` against what the daemon does: every reply and every message that a test sees is held against it.

use crate::{
    desk::NOW,
    wire::{Reply, upgrade},
    world::World,
};
use jsonschema::Validator;
use orderd::order::OrderIds;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock, Mutex},
};

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap());

/// Fails when the document does not say that this request may be answered so.
pub(crate) fn assert_described(request: &[u8], reply: &Reply) {
    let request = String::from_utf8_lossy(request);
    let mut words = request.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let content_type = reply.headers.get("content-type");
    let Some(media_type) = content_type.and_then(|named| named.split(';').next()) else {
        assert!(matches!(reply.status, 101 | 204 | 400 | 431), "a reply without content: {reply:?}");
        return;
    };
    let method = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    let schema =
        match described(target).map(|path| path.clone() + "/" + &method).filter(|at| part(at).is_some()) {
            Some(operation) => {
                let content = format!("{operation}/responses/{}/content", reply.status);
                format!("{content}/{}/schema", escaped(media_type))
            }
            None => {
                // `OPTIONS` is how browsers ask for leave; the document is of calls that programs make.
                let is_refused_leave = method == "options" && reply.status == 403;
                let is_unserved = matches!(reply.status, 404 | 405 | 421);
                assert!(is_unserved || is_refused_leave, "nothing is served here: {reply:?}");
                "/components/schemas/Problem".to_owned()
            }
        };
    assert!(
        part(&schema).is_some(),
        "{method} {target} is not described to answer {} {media_type}",
        reply.status
    );
    if !reply.body.is_empty() {
        assert_valid(&schema, &content(media_type, reply));
    }
}

/// What was answered, as the schema is about it.
fn content(media_type: &str, reply: &Reply) -> Value {
    match media_type.contains("json") {
        true => reply.json(),
        false => String::from_utf8(reply.body.clone()).unwrap().into(),
    }
}

/// Fails when the text is none of the messages that are described.
pub(crate) fn assert_message(text: &str) {
    assert_valid("/components/schemas/ServerMessage", &serde_json::from_str(text).unwrap());
}

fn part(pointer: &str) -> Option<&'static Value> {
    DOCUMENT.pointer(pointer)
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The described path that a target is an instance of.
fn described(target: &str) -> Option<String> {
    let path = target.split('?').next().unwrap_or_default();
    let fits = |template: &&String| {
        let (mut asked, mut described) = (path.split('/'), template.split('/'));
        let fits = described
            .by_ref()
            .all(|part| asked.next().is_some_and(|own| part == own || part.starts_with('{')));
        fits && asked.next().is_none()
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    paths.keys().find(fits).map(|template| format!("/paths/{}", escaped(template)))
}

fn assert_valid(schema: &str, value: &Value) {
    static KNOWN: Mutex<BTreeMap<String, Arc<Validator>>> = Mutex::new(BTreeMap::new());
    let build = || {
        let mut root = DOCUMENT.clone();
        root["$ref"] = format!("#{schema}").replace('{', "%7B").replace('}', "%7D").into();
        Arc::new(jsonschema::validator_for(&root).unwrap())
    };
    let validator = Arc::clone(KNOWN.lock().unwrap().entry(schema.to_owned()).or_insert_with(build));
    let errors: Vec<_> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "not {schema}: {value}: {errors:#?}");
}

#[tokio::test]
async fn the_document_that_is_served_is_the_committed_one() {
    let world = World::start().await;
    let reply = world.get("/openapi.json").await;
    assert_eq!((reply.status, reply.json() == *DOCUMENT), (200, true));
}

#[tokio::test]
async fn the_parameters_of_a_query_are_those_that_are_described() {
    let world = World::start().await;
    let id = OrderIds::new().next(NOW, 0).to_string();
    for (path, operations) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let target = format!("{}?nobody-knows=1", path.replace("{id}", &id).replace("{client}", "ws-0"));
            let plain = format!(
                "{} {target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n",
                method.to_uppercase()
            );
            let mut known = known_by(&world, &plain).await;
            if operation.get("x-websocket").is_some() {
                known.extend(known_by(&world, &upgrade(&target)).await);
            }
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let described = parameters.filter(|parameter| parameter["in"] == "query");
            let described: BTreeSet<_> =
                described.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect();
            assert_eq!(known, described, "{method} {path}");
        }
    }
}

/// The parameters that the daemon says it knows when it meets another.
async fn known_by(world: &World, request: &str) -> BTreeSet<String> {
    let problem = world.ask(request).await;
    assert_eq!(problem.problem(), (400, "invalid-parameter".into()), "{request}");
    let problem = problem.json();
    let (_, known) = problem["detail"].as_str().unwrap().split_once("known: ").unwrap();
    known.split(", ").filter(|name| *name != "none").map(str::to_owned).collect()
}
