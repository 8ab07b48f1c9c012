//! What every handler works with.

use crate::{keys::Keys, profiles::Profiles, world::World};
use miniauth_core::{random::Random, time::Clock};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The platform's state and means.
pub(crate) struct Shared {
    world: Mutex<World>,
    /// The profiles at the start, to which a reset goes back.
    profiles: Profiles,
    pub(crate) keys: Keys,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

impl Shared {
    pub(crate) fn new(keys: Keys, profiles: Profiles, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { world: Mutex::new(World::new(profiles.clone())), profiles, keys, clock, random }
    }

    /// Everything as it was at the start.
    pub(crate) fn reset(&self) {
        *self.world() = World::new(self.profiles.clone());
    }

    /// The state. Held for moments only, never across an await.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // A handler that panicked leaves test data behind, at worst half changed: still better than a dead sandbox.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
