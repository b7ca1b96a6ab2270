//! Schemas as they are collected for one document.

use schemars::{
    JsonSchema, Schema, SchemaGenerator,
    generate::{Contract, SchemaSettings},
};
use serde_json::{Map, Value, json};

/// Where an OpenAPI document keeps its schemas.
const COMPONENTS: &str = "/components/schemas";

/// The schemas of one document, by default an OpenAPI one. Those that have a name are referred to, and collected.
#[derive(Debug)]
pub struct Schemas {
    given: SchemaGenerator,
    taken: SchemaGenerator,
}

impl Default for Schemas {
    fn default() -> Self {
        Self::under(COMPONENTS)
    }
}

impl Schemas {
    /// For a document that keeps its schemas at this JSON pointer.
    #[must_use]
    pub fn under(home: &'static str) -> Self {
        let generator = |contract| {
            let mut settings = SchemaSettings::draft2020_12();
            (settings.contract, settings.definitions_path) = (contract, home.into());
            settings.into_generator()
        };
        Self { given: generator(Contract::Serialize), taken: generator(Contract::Deserialize) }
    }

    /// Of what the daemon writes: what it always writes is required.
    pub fn given<T: JsonSchema>(&mut self) -> Schema {
        self.given.subschema_for::<T>()
    }

    /// Of what the daemon reads: what may be left out is not required.
    pub fn taken<T: JsonSchema>(&mut self) -> Schema {
        self.taken.subschema_for::<T>()
    }

    /// Every schema with a name that was referred to so far.
    ///
    /// # Panics
    /// When something is both given and taken, and not in the same form: a document has one schema for a name.
    #[must_use]
    pub fn collected(mut self) -> Map<String, Value> {
        let mut schemas = self.given.take_definitions(true);
        schemas.values_mut().for_each(forget_nulls);
        for (name, schema) in self.taken.take_definitions(true) {
            let before = schemas.insert(name.clone(), schema.clone());
            assert!(before.is_none_or(|before| before == schema), "{name} is given and taken in two forms");
        }
        schemas.values_mut().for_each(plain_descriptions);
        schemas.values_mut().for_each(plain_enums);
        schemas
    }
}

/// A member that may be left out is left out where it would be null.
fn forget_nulls(schema: &mut Value) {
    let Value::Object(object) = schema else {
        return each_part(schema, forget_nulls);
    };
    let required = object.get("required").cloned().unwrap_or_default();
    let is_required = |name: &str| required.as_array().is_some_and(|names| names.iter().any(|n| n == name));
    if let Some(Value::Object(members)) = object.get_mut("properties") {
        members.iter_mut().filter(|(name, _)| !is_required(name)).for_each(|(_, member)| forget_null(member));
    }
    each_part(schema, forget_nulls);
}

fn forget_null(member: &mut Value) {
    let Value::Object(member) = member else { return };
    if let Some(Value::Array(types)) = member.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            member.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(choices)) = member.get_mut("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            member.remove("anyOf");
            member.extend(only);
        }
    }
}

/// Links of the Rust documentation say nothing here.
fn plain_descriptions(schema: &mut Value) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = without_targets(description).replace("[`", "`").replace("`]", "`").replace('\n', " ");
    }
    each_part(schema, plain_descriptions);
}

/// ``[`Name`](path)`` as ``[`Name`]``.
fn without_targets(text: &str) -> String {
    let mut parts = text.split("`](");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "`]" + part.split_once(')').map_or(part, |(_, after)| after))
}

/// A choice of texts as an `enum`, which every generator of code knows; what each means goes to the description.
fn plain_enums(schema: &mut Value) {
    if let Some((names, meanings)) = schema.get("oneOf").and_then(texts) {
        let about = schema["description"].as_str().unwrap_or_default();
        *schema = json!({ "type": "string", "enum": names, "description": format!("{about}\n{meanings}") });
    }
    each_part(schema, plain_enums);
}

/// The texts of a choice that has nothing else, and their meanings.
fn texts(choices: &Value) -> Option<(Vec<&str>, String)> {
    let choices = choices.as_array()?;
    let names = choices.iter().map(|choice| choice["const"].as_str()).collect::<Option<Vec<_>>>()?;
    let meaning = |choice: &Value| {
        Some(format!("\n- `{}`: {}", choice["const"].as_str()?, choice["description"].as_str()?))
    };
    let meanings = choices.iter().filter_map(meaning).collect();
    Some((names, meanings))
}

fn each_part(schema: &mut Value, act: fn(&mut Value)) {
    match schema {
        Value::Object(object) => object.values_mut().for_each(act),
        Value::Array(list) => list.iter_mut().for_each(act),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
