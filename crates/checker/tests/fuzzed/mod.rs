//! Replays the corpora of `fuzz/checker`.

mod properties;

#[path = "../../../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn templates() {
    replay("checker/template", properties::template);
}

#[test]
fn scripts() {
    replay("checker/script", properties::script);
}

#[test]
fn projects() {
    replay("checker/project", properties::project);
}
