//! The platform's state, the log of calls to the gateway, what every handler shares, and a reproducible random source.

use crate::{
    APP_ID, APPS,
    codes::Codes,
    faults::{FaultKind, Faults},
    keys::Keys,
    messages::{MessageAddress, Messages},
    profiles::{Ids, Profiles},
    revocations::{Revocation, Revocations},
    users::{ConsentKind, Consents, Field, Products, Users},
};
use fastrand::Rng;
use miniauth_core::{
    random::Random,
    scope::Scope,
    time::{Clock, Timestamp},
};
use miniauth_openplatform::protocol::WITHDRAWAL_MESSAGE;
use parking_lot::{Mutex, MutexGuard};
use serde::Serialize;
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
};
use tokio::sync::Notify;

/// The state; a reset restores the initial one.
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
    pub(crate) revocations: Revocations,
    pub(crate) messages: Messages,
    /// The ids in answers about single users, which win over the profile.
    pub(crate) ids: HashMap<String, Ids>,
}

impl World {
    fn new(profiles: Profiles, addresses: HashMap<&'static str, MessageAddress>) -> Self {
        Self {
            users: Users::built_in(),
            codes: Codes::new(),
            calls: CallLog::default(),
            faults: Faults::none(),
            products: Products::ALL,
            consents: Consents::default(),
            fields: Field::usual(),
            profiles,
            revocations: Revocations::default(),
            messages: Messages::new(addresses),
            ids: HashMap::new(),
        }
    }

    /// Returns the ids in answers about a user.
    pub(crate) fn ids_of(&self, user: &str) -> Ids {
        self.ids.get(user).copied().unwrap_or_else(|| self.profiles.ids())
    }

    /// Whether a code of this scope is issued without asking the user.
    pub(crate) fn is_granted(&self, user: &str, scope: Scope) -> bool {
        !scope.shows_panel() || self.consents.is_granted(user, ConsentKind::AuthUser)
    }

    /// Withdraws a consent, revokes its codes and tokens, and notifies the apps into which the user logged in.
    pub(crate) fn withdraw(&mut self, user: &str, kind: ConsentKind, now: Timestamp, random: &dyn Random) {
        let was_granted = self.consents.withdraw(user, kind);
        if kind != ConsentKind::AuthUser {
            return;
        }
        self.codes.revoke(user);
        let Some(user) = self.users.get(user).filter(|_| was_granted) else { return };
        let logged_in = |app_id: &&'static str| self.codes.turns(app_id, &user.id) > 0;
        let apps: Vec<_> = APPS.into_iter().filter(logged_in).collect();
        // If a user consented but has no token yet, it was the first app that asked.
        for app_id in if apps.is_empty() { vec![APP_ID] } else { apps } {
            self.revocations.record(Revocation { app_id, user: user.id.clone(), at: now });
            let fault = self.faults.strike(WITHDRAWAL_MESSAGE).map(|fault| (fault.kind, fault.delay_ms));
            self.messages.withdrawal(app_id, user, &self.profiles, fault, now, random);
        }
    }
}

/// What all handlers share: the state, keys, clock and random source.
pub(crate) struct Shared {
    world: Mutex<World>,
    /// The initial profiles, which a reset restores.
    profiles: Profiles,
    /// Wakes the sender of messages.
    pub(crate) message_news: Notify,
    pub(crate) keys: Keys,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

impl Shared {
    pub(crate) fn new(
        keys: Keys,
        profiles: Profiles,
        addresses: HashMap<&'static str, MessageAddress>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let world = Mutex::new(World::new(profiles.clone(), addresses));
        Self { world, profiles, message_news: Notify::new(), keys, clock, random }
    }

    /// Restores the initial state, except for the apps' addresses: the apps still listen there.
    pub(crate) fn reset(&self) {
        let mut world = self.world();
        let addresses = world.messages.take_addresses();
        *world = World::new(self.profiles.clone(), addresses);
    }

    /// Locks the state. Never hold it across an await.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock()
    }
}

/// The most calls that are kept.
const MAXIMUM_CALLS: usize = 1_000;

/// The outcome of a successful call.
pub(crate) const OK: &str = "ok";

/// The outcome of a call that a fault prevented.
pub(crate) const NOT_CARRIED_OUT: &str = "not_carried_out";

/// One call to the gateway.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Call {
    /// Its number since the start or the last reset, from 1.
    sequence: u64,
    at_ms: u64,
    method: String,
    outcome: String,
    user: Option<String>,
    fault: Option<FaultKind>,
}

/// The newest calls.
#[derive(Debug, Default)]
pub(crate) struct CallLog {
    calls: VecDeque<Call>,
    sequence: u64,
}

impl CallLog {
    pub(crate) fn record(
        &mut self,
        at: Timestamp,
        method: &str,
        outcome: &str,
        user: Option<String>,
        fault: Option<FaultKind>,
    ) {
        if self.calls.len() == MAXIMUM_CALLS {
            self.calls.pop_front();
        }
        self.sequence += 1;
        self.calls.push_back(Call {
            sequence: self.sequence,
            at_ms: at.as_millis(),
            method: method.to_owned(),
            outcome: outcome.to_owned(),
            user,
            fault,
        });
    }

    /// Returns the calls after that number; all of them if there is no such call, because of a reset.
    pub(crate) fn after(&self, sequence: u64) -> Vec<Call> {
        let sequence = if sequence > self.sequence { 0 } else { sequence };
        self.calls.iter().filter(|call| call.sequence > sequence).cloned().collect()
    }
}

/// A random source with a seed: the same calls in the same order get the same auth codes, tokens and faults.
///
/// For a sandbox only: the seed gives away every token.
#[derive(Debug)]
pub struct SeededRandom(Mutex<Rng>);

impl SeededRandom {
    /// Makes a source from a seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Rng::with_seed(seed)))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().fill(bytes);
    }
}

/// Returns `bytes` random bytes in lower-case hexadecimal.
pub(crate) fn hexadecimal(random: &dyn Random, bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    random.fill(&mut buffer);
    buffer.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns `count` random decimal digits.
pub(crate) fn digits(random: &dyn Random, count: usize) -> String {
    let mut buffer = vec![0; count];
    random.fill(&mut buffer);
    // Slightly uneven, which does not matter for the ids of test users.
    buffer.iter().map(|byte| char::from(b'0' + byte % 10)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let bytes = |seed| {
            let (random, mut bytes) = (SeededRandom::new(seed), [0; 21]);
            random.fill(&mut bytes);
            bytes
        };
        assert_eq!(bytes(1), bytes(1));
        assert_ne!(bytes(1), bytes(2));
    }
}
