#![no_main]

#[path = "../../../crates/core/tests/fuzzed/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::answers(data));
