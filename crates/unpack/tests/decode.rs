//! The decoder against an encoder that is not ours.

use lzma_rust2::{LzmaOptions, LzmaWriter};
use miniauth_unpack::{LITERAL_CONTEXT_BITS, decode};
use proptest::prelude::*;
use std::io::Write as _;

fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut options = LzmaOptions::with_preset(9);
    (options.lc, options.lp, options.pb) = (LITERAL_CONTEXT_BITS, 0, 0);
    options.dict_size = 1 << 20;
    let mut writer = LzmaWriter::new_no_header(Vec::new(), &options, false).expect("the options are valid");
    writer.write_all(bytes).expect("memory takes bytes");
    writer.finish().expect("memory takes bytes")
}

fn round_trip(bytes: &[u8]) {
    let mut decoded = vec![0; bytes.len()];
    assert_eq!(decode(&encode(bytes), &mut decoded), Some(()));
    assert!(decoded == bytes, "{} bytes come back as others", bytes.len());
}

/// This test's own program: code, texts and tables, much larger than the module.
#[test]
fn a_real_program_comes_back() {
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    round_trip(&program[..program.len().min(1 << 21)]);
}

#[test]
fn runs_and_nothing_come_back() {
    round_trip(b"");
    round_trip(&[7]);
    round_trip(&vec![0; 100_000]);
    round_trip("那么多字".repeat(3000).as_bytes());
}

#[test]
fn what_is_no_stream_is_refused() {
    assert_eq!(decode(&[], &mut [0; 4]), None);
    assert_eq!(decode(&[1, 0, 0, 0, 0], &mut [0; 4]), None, "the first byte is always zero");
    assert_eq!(decode(&[0, 0xff, 0xff, 0xff, 0xff], &mut [0; 4]), None, "a match before the first byte");
}

proptest! {
    #[test]
    fn anything_comes_back(parts in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..40), 1..20usize), 0..60)) {
        let bytes: Vec<u8> = parts.into_iter().flat_map(|(part, times)| part.repeat(times)).collect();
        round_trip(&bytes);
    }

    #[test]
    fn a_changed_stream_ends_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 1..400), at: usize, bit in 0..8u8) {
        let mut stream = encode(&bytes.repeat(3));
        let at = at % stream.len();
        stream[at] ^= 1 << bit;
        let mut decoded = vec![0; bytes.len() * 3];
        decode(&stream, &mut decoded);
    }
}
