//! Replays the corpora of `fuzz/core`.

mod properties;

#[path = "../../../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn guard_search() {
    replay("core/guard_search", properties::guard_search);
}

#[test]
fn answers() {
    replay("core/answers", properties::answers);
}
