#![no_main]

#[path = "../../../crates/openplatform/tests/corpus/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::answer(data));
