//! What a daemon says.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    orderd_sdk::wire::fuzz::server_message(bytes);
});
