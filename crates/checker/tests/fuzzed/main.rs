//! Replays the corpora of `fuzz/checker`: what a fuzzer once found stays found.

mod properties;

use std::{fs, path::Path};

fn replay(corpus: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/checker/corpus").join(corpus);
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
fn templates() {
    replay("template", properties::template);
}

#[test]
fn scripts() {
    replay("script", properties::script);
}

#[test]
fn projects() {
    replay("project", properties::project);
}
