//! Replays a fuzzer's corpus, so that no earlier finding returns. The crates' ordinary tests share it.
//!
//! A corpus is one archive instead of hundreds of small files. Unpack it for the fuzzer, and pack it again when it has grown:
//!
//! ```text
//! cd fuzz/core/corpus
//! mkdir answers && tar -xzf answers.tar.gz -C answers
//! tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=ustar -C answers -cf - . | gzip -9n > answers.tar.gz
//! ```

use flate2::read::GzDecoder;
use std::{fs::File, io::Read as _, path::Path};
use tar::Archive;

/// Tries every input of the corpus `target` (`folder/name` below `fuzz`), with its first half and its beginnings in small steps, because
/// truncated input is the most common.
pub(crate) fn replay(target: &str, property: fn(&[u8])) {
    let (folder, name) = target.split_once('/').expect("a folder and a name");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../fuzz/{folder}/corpus/{name}.tar.gz"));
    let mut archive = Archive::new(GzDecoder::new(File::open(path).expect("the corpus is part of the repository")));
    let mut inputs = 0;
    for entry in archive.entries().expect("the archive can be read") {
        let mut entry = entry.expect("the archive can be read");
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let mut input = Vec::new();
        entry.read_to_end(&mut input).expect("the input can be read");
        property(&input);
        property(&input[..input.len() / 2]);
        (0..input.len()).step_by(97).for_each(|end| property(&input[..end]));
        inputs += 1;
    }
    assert!(inputs > 10, "{target} has {inputs} inputs");
}
