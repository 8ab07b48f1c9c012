//! Replays the corpora of `fuzz/core`: what a fuzzer once found stays found.

mod properties;

use std::{fs, path::Path};

fn replay(corpus: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/core/corpus").join(corpus);
    let mut inputs = 0;
    for entry in fs::read_dir(&folder).expect("the corpus is part of the repository") {
        let input = fs::read(entry.expect("the folder can be read").path()).expect("the input can be read");
        property(&input);
        property(&input[..input.len() / 2]);
        inputs += 1;
    }
    assert!(inputs > 10, "{corpus} has {inputs} inputs");
}

#[test]
fn guard_search() {
    replay("guard_search", properties::guard_search);
}

#[test]
fn answers() {
    replay("answers", properties::answers);
}
