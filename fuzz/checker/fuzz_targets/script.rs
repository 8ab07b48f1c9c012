#![no_main]

#[path = "../../../crates/checker/tests/fuzzed/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::script(data));
