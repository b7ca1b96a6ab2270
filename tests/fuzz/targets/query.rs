//! Queries of requests.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| orderd::api::fuzz::query(bytes));
