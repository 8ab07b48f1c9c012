//! All that a platform would remember.

use crate::{
    calls::CallLog,
    codes::Codes,
    consents::{ConsentKind, Consents, Products},
    faults::Faults,
    fields::Field,
    profiles::Profiles,
    users::Users,
};
use miniauth_core::scope::Scope;
use std::collections::BTreeSet;

/// The state, which a reset sets back to its start.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) users: Users,
    pub(crate) codes: Codes,
    pub(crate) calls: CallLog,
    pub(crate) faults: Faults,
    pub(crate) products: Products,
    pub(crate) consents: Consents,
    /// The fields that the platform approved for the app.
    pub(crate) fields: BTreeSet<Field>,
    pub(crate) profiles: Profiles,
}

impl World {
    pub(crate) fn new(profiles: Profiles) -> Self {
        Self {
            users: Users::built_in(),
            codes: Codes::new(),
            calls: CallLog::default(),
            faults: Faults::none(),
            products: Products::ALL,
            consents: Consents::default(),
            fields: Field::usual(),
            profiles,
        }
    }

    /// Whether a code of this scope can be had without asking the user.
    pub(crate) fn is_granted(&self, user: &str, scope: Scope) -> bool {
        !scope.shows_panel() || self.consents.is_granted(user, ConsentKind::AuthUser)
    }

    /// Takes a consent back, with all that was given out on it.
    pub(crate) fn withdraw(&mut self, user: &str, kind: ConsentKind) {
        self.consents.withdraw(user, kind);
        if kind == ConsentKind::AuthUser {
            self.codes.revoke(user);
        }
    }
}
