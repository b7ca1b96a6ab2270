//! Queries of requests.

use crate::api::parameters::{self, Parameters};

const KNOWN: &[&str] = &["status", "limit", "cursor", "since", "filter"];

/// Any query is read or refused; one that is read is the same when it is written out and read again.
pub fn query(bytes: &[u8]) {
    let Ok(query) = str::from_utf8(bytes) else {
        return;
    };
    let Ok(read) = Parameters::read(Some(query), KNOWN) else {
        return;
    };
    let written = write(&read);
    let again = Parameters::read(Some(&written), KNOWN).expect("what was written can be read");
    for name in KNOWN {
        assert_eq!(again.text(name), read.text(name), "{written}");
    }
    let _ = read.text("filter").map(parameters::filter);
    let _ = (read.value::<u64>("limit", "a number"), read.list::<String>("status", "a list"));
}

/// Every byte of every value as a `%` sequence.
fn write(parameters: &Parameters) -> String {
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let pair = |name: &&str| parameters.text(name).map(|value| format!("{name}={}", escaped(value)));
    KNOWN.iter().filter_map(pair).collect::<Vec<_>>().join("&")
}
