//! Replays the corpora of `fuzz/openplatform`.

mod properties;

#[path = "../../../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn answers() {
    replay("openplatform/corpus/answer", properties::answer);
}

#[test]
fn keys() {
    replay("openplatform/corpus/key", properties::key);
}

#[test]
fn certificates() {
    replay("openplatform/corpus/certificate", properties::certificate);
}
