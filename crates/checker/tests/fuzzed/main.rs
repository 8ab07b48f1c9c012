//! Replays the corpora of `fuzz/checker`.

mod properties;

#[path = "../../../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn templates() {
    replay("checker/corpus/template", properties::template);
}

#[test]
fn scripts() {
    replay("checker/corpus/script", properties::script);
}

#[test]
fn projects() {
    replay("checker/corpus/project", properties::project);
}
