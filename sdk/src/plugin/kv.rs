//! A plugin's small memory in the daemon: keys and values that survive restarts and kills.

use super::Data;
use serde::{Deserialize, Serialize};

/// No key is longer, in bytes.
pub const MAX_KV_KEY: usize = 256;
/// No value is larger, in bytes.
pub const MAX_KV_VALUE: usize = 64 << 10;
/// More keys are not listed at once.
pub const MAX_KV_LISTED: usize = 1_000;

/// Names a key, to read or to delete it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KvKey {
    /// 1 to [`MAX_KV_KEY`] bytes of UTF-8.
    pub key: String,
}

/// A key and its new value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KvPut {
    /// 1 to [`MAX_KV_KEY`] bytes of UTF-8.
    pub key: String,
    /// At most [`MAX_KV_VALUE`] bytes.
    pub value: Data,
}

/// Asks which keys there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KvList {
    /// Keys that begin so.
    #[serde(default)]
    pub prefix: String,
    /// Keys after this one only: the last one of the list before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What a key has: the reply to `kv.get`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KvValue {
    /// None when there is no such key.
    pub value: Option<Data>,
}

/// Keys in the order of their bytes: the reply to `kv.list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KvKeys {
    /// At most [`MAX_KV_LISTED`]; fewer when there are no more.
    pub keys: Vec<String>,
}
