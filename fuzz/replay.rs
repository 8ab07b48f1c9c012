//! Replays a fuzzer's corpus: what it once found stays found. Shared by the crates' ordinary tests.

use std::{fs, path::Path};

/// Tries every input of the corpus in this folder of `fuzz`, its first half, and its beginnings in small steps, since texts
/// are cut off most often.
pub(crate) fn replay(corpus: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz").join(corpus);
    let mut inputs = 0;
    for entry in fs::read_dir(&folder).expect("the corpus is part of the repository") {
        let input = fs::read(entry.expect("the folder can be read").path()).expect("the input can be read");
        property(&input);
        property(&input[..input.len() / 2]);
        (0..input.len()).step_by(97).for_each(|end| property(&input[..end]));
        inputs += 1;
    }
    assert!(inputs > 10, "{corpus} has {inputs} inputs");
}
