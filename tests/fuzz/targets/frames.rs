//! Bytes on the socket of a WebSocket.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| orderd::api::fuzz::frames(bytes));
