//! Replays the corpora of `fuzz/openplatform`: what a fuzzer once found stays found.

mod properties;

use std::{fs, path::Path};

/// Every input of a corpus, and each of its beginnings, since answers and files are cut off most often.
fn replay(corpus: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/openplatform/corpus").join(corpus);
    let mut inputs = 0;
    for entry in fs::read_dir(&folder).expect("the corpus is part of the repository") {
        let input = fs::read(entry.expect("the folder can be read").path()).expect("the input can be read");
        property(&input);
        (0..input.len()).step_by(97).for_each(|end| property(&input[..end]));
        inputs += 1;
    }
    assert!(inputs > 10, "{corpus} has {inputs} inputs");
}

#[test]
fn answers() {
    replay("answer", properties::answer);
}

#[test]
fn keys() {
    replay("key", properties::key);
}

#[test]
fn certificates() {
    replay("certificate", properties::certificate);
}
