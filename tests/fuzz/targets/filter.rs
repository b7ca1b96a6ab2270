//! What clients want to follow.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| orderd::api::fuzz::filter(bytes));
