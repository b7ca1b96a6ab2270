//! What clients say on `GET /api/stream`.

use super::OrderStatus;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A message of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum ClientMessage {
    /// Begin a subscription.
    Subscribe(Subscribe),
    /// End one.
    Unsubscribe {
        /// Names the subscription.
        id: String,
    },
    /// Say who it is.
    Auth {
        /// A token from the daemon's configuration.
        token: String,
    },
    /// Have the daemon show a sign of life.
    Ping,
    /// Show one.
    Pong,
}

/// A wish to follow something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Subscribe {
    /// The client's name for it: 1 to 64 visible ASCII characters, once per connection.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[!-~]{1,64}$")))]
    pub id: String,
    /// What to follow.
    pub topic: Topic,
    /// Which of it: an [`OrderFilter`] or a [`LogFilter`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "super::schema::filter"))]
    pub filter: Option<Value>,
    /// `orders`: what becomes of events that the client is late to take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// Milliseconds, 0 to 250, that events may wait in order to go out together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(max = 250)))]
    pub batch_ms: Option<u64>,
    /// `orders`: where the client left off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// `orders`: what to begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotOf>,
    /// `logs`: how many of the last lines to begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(max = 1000)))]
    pub lines: Option<u64>,
}

impl Subscribe {
    /// A wish to follow a topic, with everything else as when it is left out.
    pub fn to(topic: Topic, id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            topic,
            filter: None,
            delivery: None,
            batch_ms: None,
            since: None,
            snapshot: None,
            lines: None,
        }
    }
}

/// What can be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// The lives of orders.
    Orders,
    /// Depth, rates and latencies of the queue.
    Queue,
    /// How the venues do.
    Venues,
    /// Who is connected.
    Clients,
    /// Lines of the log.
    Logs,
    /// How the daemon is.
    Status,
    /// What operators and clients had done.
    Actions,
}

/// What becomes of events that a client is late to take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// Every one of them is sent.
    #[default]
    All,
    /// Older events of an order give way to its newest.
    Latest,
}

/// What a subscription begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotOf {
    /// The matching orders that are not over; with ids, those orders.
    #[default]
    Live,
    /// Nothing.
    None,
}

/// Where a client left off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, deny_unknown_fields)]
pub enum Since {
    /// After this event of all.
    Cursor {
        /// The epoch that the cursor is of.
        epoch: String,
        /// The event.
        cursor: u64,
    },
    /// After these events, each order by itself.
    Seq {
        /// The last `seq` that was seen, by order id.
        seq: BTreeMap<String, u64>,
    },
}

/// Which orders to follow: those that match every member that is there, with any of its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OrderFilter {
    /// These orders.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "super::schema::one_or_many::<String>"))]
    pub ids: Vec<String>,
    /// Where the order stands.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "super::schema::one_or_many::<OrderStatus>"))]
    pub status: Vec<OrderStatus>,
    /// The chain it is settled on.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "super::schema::one_or_many::<String>"))]
    pub chain: Vec<String>,
    /// The account that trades.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "super::schema::one_or_many::<String>"))]
    pub account: Vec<String>,
    /// The venue that executes it.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "super::schema::one_or_many::<String>"))]
    pub dex: Vec<String>,
    /// What is sold and what is bought, such as `SOL/USDC`.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "super::schema::one_or_many::<String>"))]
    pub pair: Vec<String>,
    /// Labels by name.
    #[serde(deserialize_with = "each_one_or_many", skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "super::schema::label"))]
    pub label: BTreeMap<String, Vec<String>>,
}

/// Which lines of the log to follow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogFilter {
    /// Lines of this level or worse: `error`, `warn`, `info`, `debug`, `trace`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["error", "warn", "info", "debug", "trace", null])))]
    pub level: Option<String>,
    /// Lines whose target begins so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> From<OneOrMany<T>> for Vec<T> {
    fn from(values: OneOrMany<T>) -> Self {
        match values {
            OneOrMany::One(value) => vec![value],
            OneOrMany::Many(values) => values,
        }
    }
}

fn one_or_many<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    OneOrMany::deserialize(deserializer).map(Vec::from)
}

fn each_one_or_many<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    let values = BTreeMap::<String, OneOrMany<String>>::deserialize(deserializer)?;
    Ok(values.into_iter().map(|(name, values)| (name, values.into())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ClientMessage, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn a_subscription_is_read_with_what_is_left_out() {
        let text = r#"{"type":"subscribe","id":"a","topic":"orders","filter":{"pair":"SOL/USDC"}}"#;
        let Ok(ClientMessage::Subscribe(subscribe)) = read(text) else {
            panic!("{:?}", read(text));
        };
        let expected = Subscribe {
            filter: Some(serde_json::json!({ "pair": "SOL/USDC" })),
            ..Subscribe::to(Topic::Orders, "a")
        };
        assert_eq!(subscribe, expected);
        let filter: OrderFilter = serde_json::from_value(subscribe.filter.unwrap()).unwrap();
        assert_eq!(filter, OrderFilter { pair: vec!["SOL/USDC".into()], ..OrderFilter::default() });
    }

    #[test]
    fn what_nobody_knows_is_refused() {
        for text in [
            r#"{"type":"subscribe","id":"a","topic":"orders","filtre":{}}"#,
            r#"{"type":"subscribe","id":"a","topic":"order"}"#,
            r#"{"type":"unsubscribe"}"#,
            r#"{"type":"subscribe","id":"a","topic":"orders","since":{"cursor":1}}"#,
            r#"{"type":"shout"}"#,
            "[]",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<OrderFilter>(r#"{"state":["failed"]}"#).is_err());
    }

    #[test]
    fn a_position_is_a_cursor_or_the_seq_of_each_order() {
        let of = |text: &str| serde_json::from_str::<Since>(text).unwrap();
        let epoch = "e".to_owned();
        assert_eq!(of(r#"{"epoch":"e","cursor":7}"#), Since::Cursor { epoch, cursor: 7 });
        assert_eq!(of(r#"{"seq":{"x":3}}"#), Since::Seq { seq: [("x".to_owned(), 3)].into() });
    }
}
