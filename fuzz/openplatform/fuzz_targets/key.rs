#![no_main]

#[path = "../../../crates/openplatform/tests/fuzzed/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::key(data));
