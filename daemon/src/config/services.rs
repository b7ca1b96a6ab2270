//! What `[plugins.NAME]` says of the daemon's services to that plugin.

use super::{
    egress::{Egress, MAX_RULES, read_rule},
    source::Section,
};

const KIB: usize = 1024;

/// What the daemon does for a plugin, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSettings {
    /// The servers it may talk to.
    pub egress: Egress,
    /// Bytes of a request's body.
    pub http_max_request: usize,
    /// Bytes of an answer's body.
    pub http_max_response: usize,
    /// Requests under way at once; further ones wait.
    pub http_max_in_flight: usize,
    /// Bytes of all its keys and values.
    pub kv_max: usize,
}

impl Default for ServiceSettings {
    fn default() -> Self {
        Self {
            egress: Egress::default(),
            http_max_request: 256 * KIB,
            http_max_response: 1_024 * KIB,
            http_max_in_flight: 32,
            kv_max: 1_024 * KIB,
        }
    }
}

/// Bodies stay below what the interface to plugins carries, in hexadecimal digits too.
pub(super) fn read_services(section: &mut Section<'_>) -> ServiceSettings {
    let default = ServiceSettings::default();
    let mut kib = |key, most, default| section.integer(key, 1..=most, default / KIB) * KIB;
    ServiceSettings {
        http_max_request: kib("http_max_request_kib", 2_000, default.http_max_request),
        http_max_response: kib("http_max_response_kib", 2_000, default.http_max_response),
        kv_max: kib("kv_max_kib", 4_096, default.kv_max),
        http_max_in_flight: section.integer("http_max_in_flight", 1..=1_024, default.http_max_in_flight),
        egress: Egress(section.list("egress", MAX_RULES, read_rule).unwrap_or_default()),
    }
}
