//! The user that a server runs as.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

/// A user of this system other than root, by number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ServiceUser {
    user: u32,
    group: u32,
}

impl ServiceUser {
    /// PostgreSQL refuses to run as root: then its own user is taken, else `nobody`. Nothing when this process is not root.
    pub(crate) fn for_postgres() -> Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").context("cannot read the list of users")?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| find(&users, name))
            .map(Some)
            .context("PostgreSQL cannot run as root, and this system has neither a user `postgres` nor a user `nobody`")
    }

    /// Gives a file or folder to the user.
    pub(crate) fn take(self, path: &Path) -> Result<()> {
        chown(path, Some(self.user), Some(self.group)).with_context(|| format!("cannot give {} away", path.display()))
    }

    /// Lets a program run as the user.
    pub(crate) fn run(self, command: &mut Command) {
        command.uid(self.user).gid(self.group);
    }
}

fn find(users: &str, name: &str) -> Option<ServiceUser> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let found = fields.next() == Some(name);
        let user = fields.nth(1)?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        found.then_some(ServiceUser { user, group })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let users =
            "root:x:0:0:root:/root:/bin/sh\npostgres2:x:7:8::/:/bin/sh\nbroken\npostgres:x:101:104::/:/bin/sh\n";
        assert_eq!(find(users, "postgres"), Some(ServiceUser { user: 101, group: 104 }));
        assert_eq!(find(users, "nobody"), None);
    }
}
