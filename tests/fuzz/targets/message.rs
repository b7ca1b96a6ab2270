//! Messages of clients.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| orderd::api::fuzz::message(bytes));
