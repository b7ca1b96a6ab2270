//! Fields that serde reads or writes by a function of its own.

use super::super::{LogFilter, OrderFilter, OrderStatus};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

/// A count for each status; those with none are left out.
pub(in crate::wire) fn by_status(_: &mut SchemaGenerator) -> Schema {
    let count = |status: OrderStatus| {
        let schema: Value = json_schema!({ "type": "integer", "format": "uint64", "minimum": 0 }).into();
        (status.as_str().to_owned(), schema)
    };
    let counts: Map<String, Value> = OrderStatus::ALL.into_iter().map(count).collect();
    json_schema!({ "type": "object", "properties": counts, "additionalProperties": false })
}

/// A share in percent that the daemon has read, as it writes it.
pub(in crate::wire) fn percent(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "number", "minimum": 0, "maximum": 100 })
}

/// A list, or one value in place of it.
pub(in crate::wire) fn one_or_many<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let one = generator.subschema_for::<T>();
    json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
}

/// For each name a text, or a list of them.
pub(in crate::wire) fn label(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "additionalProperties": one_or_many::<String>(generator) })
}

/// The filter of a topic that has one.
pub(in crate::wire) fn filter(generator: &mut SchemaGenerator) -> Schema {
    let (orders, logs) = (generator.subschema_for::<OrderFilter>(), generator.subschema_for::<LogFilter>());
    json_schema!({ "anyOf": [orders, logs, { "type": "null" }] })
}
