//! Every example against the schema, and against what serde reads.

use crate::{docs, examples::rows};
use jsonschema::Validator;
use orderd_sdk::abi::{
    Manifest, Method, Service,
    exchange::{Exchange, Form},
};
use orderd_sdk::plugin::{PluginConfig, PluginError};
use serde_json::{Map, Value, json};

fn published() -> Value {
    serde_json::from_str(&std::fs::read_to_string(docs("plugin-abi/schema.json")).unwrap()).unwrap()
}

/// The schema that takes no member which it does not name: an example is not to show one that nobody reads.
fn strict() -> Validator {
    let mut schema = published();
    let mut parts = Vec::new();
    close(&mut schema, &mut parts);
    for part in parts {
        let form = schema.pointer_mut(part.trim_start_matches('#')).unwrap();
        form.as_object_mut().unwrap().remove("additionalProperties");
    }
    jsonschema::validator_for(&schema).unwrap()
}

/// Closes each form. One that is joined with others is only with them all that there is: they are collected.
fn close(schema: &mut Value, joined: &mut Vec<String>) {
    match schema {
        Value::Object(form) if form.get("properties").is_some_and(Value::is_object) => {
            let others = ["$ref", "oneOf"].into_iter().filter_map(|join| form.get(join));
            let others: Vec<_> = others.cloned().collect();
            joined.extend(others.iter().filter_map(Value::as_str).map(str::to_owned));
            let keyword = if others.is_empty() { "additionalProperties" } else { "unevaluatedProperties" };
            form.insert(keyword.to_owned(), json!(false));
            form.iter_mut().filter(|(name, _)| *name != "oneOf").for_each(|(_, part)| close(part, joined));
        }
        Value::Object(parts) => parts.values_mut().for_each(|part| close(part, joined)),
        Value::Array(parts) => parts.iter_mut().for_each(|part| close(part, joined)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Where a message stands in the document.
fn placed(place: &[&str], message: &Value) -> Value {
    place.iter().rev().fold(message.clone(), |inner, name| json!({ (*name): inner }))
}

fn assert_valid(validator: &Validator, value: &Value) {
    let errors: Vec<_> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{value}: {errors:?}");
}

/// Whether what is left out has to be left out on the other side too.
#[derive(Clone, Copy, PartialEq)]
enum Writer {
    /// It always writes everything, and reads with less.
    Daemon,
    /// What it writes is read as the schema says.
    Plugin,
}

/// The message is valid as it is, serde reads it, and of everything that it could be instead both say the same.
fn agrees(place: &[&str], message: &Value, form: Form, writer: Writer) {
    let reads = |message: &Value| (form.reads)(message.to_string().as_bytes()).is_ok();
    assert_valid(&strict(), &placed(place, message));
    assert!(reads(message), "{message} is not read");
    let validator = jsonschema::validator_for(&published()).unwrap();
    let mut seen = 0;
    for other in altered(message) {
        let (valid, read) = (validator.is_valid(&placed(place, &other)), reads(&other));
        match writer {
            Writer::Plugin => {
                assert_eq!(valid, read, "{place:?}: {other} is valid: {valid}, is read: {read}")
            }
            Writer::Daemon => assert!(read || !valid, "{place:?}: {other} is valid, but not read"),
        }
        seen += 1;
    }
    assert!(seen > 0, "{message} was altered");
}

/// The message with one of its parts left out, or something else. Never a list for an object: serde would read it.
fn altered(message: &Value) -> Vec<Value> {
    let mut all = vec![json!({ "no": ["such"] }), json!(-1), json!("such"), json!(null)];
    match message {
        Value::Object(members) => {
            for (name, member) in members {
                let with = |part| {
                    let mut changed: Map<_, _> = members.clone();
                    changed.insert(name.clone(), part);
                    Value::Object(changed)
                };
                all.extend(altered(member).into_iter().map(with));
                let mut less = members.clone();
                less.remove(name);
                all.push(Value::Object(less));
            }
            all.push(placed(&["later"], &json!(1)));
        }
        Value::Array(items) => {
            if let Some(first) = items.first() {
                all.extend(altered(first).into_iter().map(|item| json!([item])));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    all
}

/// Each row of the table shows the request and the reply of its call.
fn table_agrees(heading: &str, group: &str, exchanges: Vec<(&str, Exchange)>, asks: Writer, answers: Writer) {
    let rows = rows(heading);
    for (name, Exchange { request, reply }) in exchanges {
        let row = rows.iter().find(|row| row.name == name);
        let row = row.unwrap_or_else(|| panic!("{name} has no row under {heading:?} in docs/plugin-abi.md"));
        let [requests, replies] = &row.cells[..] else { panic!("{name} has a request and a reply") };
        assert!(!requests.is_empty(), "{name} shows a request");
        requests.iter().for_each(|message| agrees(&[group, name, "request"], message, request, asks));
        replies.iter().for_each(|message| agrees(&[group, name, "reply"], message, reply, answers));
    }
}

#[test]
fn every_method_is_shown_as_the_schema_and_serde_have_it() {
    let exchanges = Method::ALL.iter().map(|method| (method.name(), method.exchange())).collect();
    table_agrees("Methods", "methods", exchanges, Writer::Daemon, Writer::Plugin);
}

#[test]
fn every_service_is_shown_as_the_schema_and_serde_have_it() {
    let exchanges = Service::ALL.iter().map(|service| (service.name(), service.exchange())).collect();
    table_agrees("What the daemon does for a plugin", "services", exchanges, Writer::Plugin, Writer::Daemon);
}

#[test]
fn the_other_documents_are_shown_as_the_schema_and_serde_have_them() {
    let rows = rows("Documents");
    let form = |name: &str| match name {
        "manifest" => (Form::taken::<Manifest>(), Writer::Plugin),
        "config" => (Form::given::<PluginConfig>(), Writer::Daemon),
        "error" => (Form::taken::<PluginError>(), Writer::Plugin),
        other => panic!("{other:?} is in no schema"),
    };
    assert_eq!(rows.len(), 3);
    for row in rows {
        let (form, writer) = form(&row.name);
        row.cells.iter().flatten().for_each(|message| agrees(&[&row.name], message, form, writer));
    }
}
