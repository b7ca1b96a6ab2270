//! What a plugin says of itself.

use serde::{Deserialize, Serialize};

/// Who a plugin is, before anything of it runs. Fields of later minor versions are skipped by older readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Its name as it appears in logs.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// The minor version of the interface that it speaks.
    pub abi_minor: u32,
    /// The version of the SDK it was made with; none when made without.
    #[serde(default)]
    pub sdk: Option<String>,
    /// Whether two instances with the same folder cannot exist side by side: then a new one is made only after the old
    /// one has ended.
    #[serde(default)]
    pub exclusive: bool,
}

/// What `create` made: the answer to [`Method::Describe`](super::Method::Describe).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Description {
    /// Names of chains, sorted.
    pub chains: Vec<String>,
    /// Names of venues, sorted.
    pub venues: Vec<String>,
}
