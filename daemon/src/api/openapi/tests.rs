//! The document is whole, and so is the table.

use super::{calls, document, document::build};
use crate::api::router::Endpoint;
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn each_path_leads_to_the_endpoint_that_it_describes() {
    for endpoint in Endpoint::ALL {
        let call = calls::describe(*endpoint);
        assert_eq!(Endpoint::find(call.path), Some(*endpoint), "{}", call.path);
        let methods = endpoint.allow().to_lowercase();
        assert_eq!(methods.split(", ").next(), Some(call.method), "{}", call.path);
        let is_placed = |name: &str| call.path.contains(&format!("{{{name}}}"));
        for parameter in &call.parameters {
            assert_eq!(parameter.place == "path", is_placed(parameter.name), "{}", call.path);
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = build();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 50, "{}", references.len());
    for reference in &references {
        let place = reference.strip_prefix('#').expect("nothing outside of the document");
        assert!(document.pointer(place).is_some(), "{reference}");
    }
}

fn collect<'a>(value: &'a Value, references: &mut Vec<&'a str>) {
    match value {
        Value::Object(object) => {
            references.extend(object.get("$ref").and_then(Value::as_str));
            object.values().for_each(|part| collect(part, references));
        }
        Value::Array(list) => list.iter().for_each(|part| collect(part, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let served: Value = serde_json::from_slice(&document()).unwrap();
    let text = format!("{}\n", serde_json::to_string_pretty(&served).unwrap());
    #[expect(clippy::disallowed_methods, reason = "the environment asks to rewrite the file")]
    let is_update = std::env::var("UPDATE").is_ok_and(|value| value == "1");
    if is_update {
        fs::write(&file, &text).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == text, "docs/openapi.json is out of date: run `make openapi`");
}

/// What the document says of refusals, as status and code.
fn described_codes() -> BTreeSet<(String, String)> {
    let document = build();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let mut codes = BTreeSet::new();
    for (status, response) in operations.flat_map(|operation| operation["responses"].as_object().unwrap()) {
        let problem =
            &response["content"]["application/problem+json"]["schema"]["properties"]["code"]["enum"];
        let described = problem.as_array().into_iter().flatten().filter_map(Value::as_str);
        codes.extend(described.map(|code| (status.clone(), code.to_owned())));
    }
    codes
}

/// The codes in a cell of a table.
fn quoted(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned)
}

#[test]
fn the_codes_are_those_of_the_page_for_people() {
    let page = include_str!("../../../../docs/http-api.md");
    let (_, tables) = page.split_once("\n## Errors").unwrap();
    let (codes, fields) = tables.split_once("\nCodes of fields").unwrap();
    let rows =
        |table: &'static str| table.lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let mut told = BTreeSet::new();
    for row in rows(codes).filter(|row| row.len() > 3 && row[1].parse::<u16>().is_ok()) {
        told.extend(quoted(row[2]).map(|code| (row[1].to_owned(), code)));
    }
    for row in rows(fields).filter(|row| row.len() > 3) {
        told.extend(quoted(row[2]).map(|code| ("422".to_owned(), code)));
    }
    let nowhere = [("404", "not-found"), ("405", "method-not-allowed")];
    for (status, code) in nowhere.map(|(status, code)| (status.to_owned(), code.to_owned())) {
        assert!(told.remove(&(status, code)), "what no call answers");
    }
    assert_eq!(told, described_codes());
}
