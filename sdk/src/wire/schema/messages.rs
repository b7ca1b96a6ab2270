//! What the daemon says over WebSocket, all of it told apart by `type`.

use super::super::{
    Actions, Clients, Connection, LogMessage, OrderMessage, Queue, Signal, Snapshot, Status, Subscribed,
    Topic, TopicMessage, Venues,
};
use crate::timestamp::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use std::borrow::Cow;

/// Any message of the daemon.
#[derive(Debug)]
pub struct ServerMessage;

impl JsonSchema for ServerMessage {
    fn schema_name() -> Cow<'static, str> {
        "ServerMessage".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut messages = vec![
            generator.subschema_for::<OrderMessage>(),
            generator.subschema_for::<TopicMessage<Queue>>(),
            generator.subschema_for::<TopicMessage<Venues>>(),
            generator.subschema_for::<TopicMessage<Clients>>(),
            generator.subschema_for::<TopicMessage<Status>>(),
            generator.subschema_for::<TopicMessage<Actions>>(),
        ];
        let tagged = [
            tagged::<Connection>(generator),
            tagged::<Subscribed>(generator),
            tagged::<Snapshot>(generator),
            tagged::<LogMessage>(generator),
        ];
        messages.extend(tagged.map(|message| named(message, generator)));
        let signals = variants(Signal::json_schema(generator));
        messages.extend(signals.into_iter().map(|message| named(message, generator)));
        json_schema!({
            "description": "A message of the daemon, told apart by its `type`; that of an event is where the order \
                            stands. New members and new types may be added: ignore those that you do not know.",
            "oneOf": messages,
        })
    }
}

/// The schema of a struct with a tag, which the derive leaves out.
fn tagged<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    let mut message = T::json_schema(generator).to_value();
    message["properties"]["type"] = json!({ "type": "string", "const": T::schema_name() });
    message["required"].as_array_mut().expect("it has members").insert(0, "type".into());
    message
}

fn variants(mut tagged: Schema) -> Vec<Value> {
    match tagged.remove("oneOf") {
        Some(Value::Array(variants)) => variants,
        _ => unreachable!("an enum with a tag is one of its variants"),
    }
}

/// Keeps a message under the name of its tag, such as `GapMessage`, and refers to it.
fn named(message: Value, generator: &mut SchemaGenerator) -> Schema {
    let tag = message["properties"]["type"]["const"].as_str().expect("each message has its tag");
    let name = format!("{}{}Message", tag[..1].to_uppercase(), &tag[1..]);
    let reference = format!("#{}/{name}", generator.settings().definitions_path);
    generator.definitions_mut().insert(name, message);
    Schema::new_ref(reference)
}

/// An object that is a topic of its own.
pub trait Told: JsonSchema {
    /// The topic.
    const TOPIC: Topic;
}

impl Told for Queue {
    const TOPIC: Topic = Topic::Queue;
}

impl Told for Venues {
    const TOPIC: Topic = Topic::Venues;
}

impl Told for Clients {
    const TOPIC: Topic = Topic::Clients;
}

impl Told for Status {
    const TOPIC: Topic = Topic::Status;
}

impl Told for Actions {
    const TOPIC: Topic = Topic::Actions;
}

impl<T: Told> JsonSchema for TopicMessage<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Message", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The object of a topic as it is streamed.",
            "type": "object",
            "properties": {
                "type": { "type": "string", "const": T::TOPIC },
                "timestamp": generator.subschema_for::<Timestamp>(),
            },
            "required": ["type", "timestamp"],
            "allOf": [generator.subschema_for::<T>()],
        })
    }
}
