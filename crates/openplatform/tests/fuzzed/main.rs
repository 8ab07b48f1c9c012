//! Replays the corpora of `fuzz/openplatform`.

mod properties;

#[path = "../../../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn answers() {
    replay("openplatform/answer", properties::answer);
}

#[test]
fn keys() {
    replay("openplatform/key", properties::key);
}

#[test]
fn certificates() {
    replay("openplatform/certificate", properties::certificate);
}
