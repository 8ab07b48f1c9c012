//! Replays a fuzzer's corpus: what it once found stays found. Shared by the crates' ordinary tests.

use std::{fs, path::Path};

/// How many beginnings of each input are tried.
const BEGINNINGS: usize = 4;

/// Tries every input of the corpus in this folder of `fuzz`, and some of its beginnings, since texts are cut off most
/// often.
pub(crate) fn replay(corpus: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz").join(corpus);
    let mut inputs = 0;
    for entry in fs::read_dir(&folder).expect("the corpus is part of the repository") {
        let input = fs::read(entry.expect("the folder can be read").path()).expect("the input can be read");
        property(&input);
        (1..=BEGINNINGS).for_each(|part| property(&input[..input.len() * part / (BEGINNINGS + 1)]));
        inputs += 1;
    }
    assert!(inputs > 10, "{corpus} has {inputs} inputs");
}
