//! What the client's guard must know of `platform/calls.json`, without the rest of it.

use std::collections::BTreeMap;

use anyhow::Result;
use miniauth_platform::calls::{GuardCoverage, calls};

/// The types of [`script`]'s exports.
pub(super) const DECLARATIONS: &str = "\
/** The platform's calls by which data leaves a page, and that can be guarded; `tb.*` stands for all functions of `my.tb`. */
export const OUTGOING: string[];

/** Methods of what a call returns: `{ connectSocket: ['SocketTask.send'] }`. */
export const MADE: Record<string, string[]>;

/** Those that cannot be guarded, and why. */
export const UNGUARDED: Record<string, string>;
";

/// A JavaScript module with the lists.
pub(super) fn script() -> Result<String> {
    let mut outgoing = Vec::new();
    let mut made: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut unguarded = BTreeMap::new();
    for (name, call) in calls().all() {
        match call.outgoing.as_ref().map(|outgoing| &outgoing.guard) {
            None => {}
            Some(GuardCoverage::CannotBecause(reason)) => drop(unguarded.insert(name, reason)),
            Some(GuardCoverage::Covers(_)) => match calls().maker_of(name) {
                Some(maker) => made.entry(maker).or_default().push(name),
                None => outgoing.push(name),
            },
        }
    }
    Ok(format!(
        "export const OUTGOING = {};\nexport const MADE = {};\nexport const UNGUARDED = {};\n",
        serde_json::to_string(&outgoing)?,
        serde_json::to_string(&made)?,
        serde_json::to_string(&unguarded)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_stands_where_the_guard_looks_for_it() {
        let script = script().unwrap();
        let (outgoing, rest) = script.split_once("export const MADE").unwrap();
        let (made, unguarded) = rest.split_once("export const UNGUARDED").unwrap();
        assert!(outgoing.contains("\"setStorageSync\"") && outgoing.contains("\"cloud.callFunction\""), "{outgoing}");
        assert!(made.contains("\"connectSocket\":[\"SocketTask.send\"]"), "{made}");
        assert!(unguarded.contains("\"downloadFile\":\"the avatar"), "{unguarded}");
    }
}
