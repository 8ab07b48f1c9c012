//! All that a platform would remember.

use crate::{calls::CallLog, codes::Codes, faults::Faults, users::Users};
use miniauth_core::scope::Scope;
use std::collections::HashSet;

/// The state, which a reset sets back to its start.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) users: Users,
    pub(crate) codes: Codes,
    pub(crate) calls: CallLog,
    pub(crate) faults: Faults,
    /// Whether the product "获取会员信息" is in force for the app.
    pub(crate) product_in_force: bool,
    /// The users who have consented to `auth_user`.
    consents: HashSet<String>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            users: Users::built_in(),
            codes: Codes::new(),
            calls: CallLog::default(),
            faults: Faults::none(),
            product_in_force: true,
            consents: HashSet::new(),
        }
    }

    /// Whether a code of this scope can be had without asking the user.
    pub(crate) fn is_granted(&self, user: &str, scope: Scope) -> bool {
        !scope.shows_panel() || self.consents.contains(user)
    }

    pub(crate) fn grant(&mut self, user: &str) {
        self.consents.insert(user.to_owned());
    }

    /// Takes a consent back, with all that was given out on it.
    pub(crate) fn revoke(&mut self, user: &str) {
        self.consents.remove(user);
        self.codes.revoke(user);
    }
}
