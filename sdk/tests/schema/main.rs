//! The schemas against what serde really writes and reads.
#![cfg(feature = "schema")]

#[cfg(test)]
mod given;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod taken;

use jsonschema::Validator;
use orderd_sdk::wire::schema::{Schema, Schemas};
use serde_json::{Value, json};

/// A validator of this schema, with everything that it refers to.
fn validator(schema_of: fn(&mut Schemas) -> Schema) -> Validator {
    let mut schemas = Schemas::default();
    let mut root = schema_of(&mut schemas).to_value();
    root["components"] = json!({ "schemas": schemas.collected() });
    jsonschema::validator_for(&root).expect("it is a JSON Schema")
}

fn assert_valid(validator: &Validator, value: &Value) {
    let errors: Vec<_> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{value}: {errors:?}");
}
