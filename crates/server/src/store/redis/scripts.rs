//! The scripts: what touches several keys happens in one step.

use redis::Script;

/// Each is sent once, and named by its hash from then on.
pub(super) struct Scripts {
    pub(super) begin: Script,
    pub(super) end: Script,
    pub(super) end_all: Script,
    pub(super) list: Script,
    pub(super) prolong: Script,
}

impl Default for Scripts {
    fn default() -> Self {
        Self {
            begin: Script::new(include_str!("scripts/begin.lua")),
            end: Script::new(include_str!("scripts/end.lua")),
            end_all: Script::new(include_str!("scripts/end_all.lua")),
            list: Script::new(include_str!("scripts/list.lua")),
            prolong: Script::new(include_str!("scripts/prolong.lua")),
        }
    }
}
