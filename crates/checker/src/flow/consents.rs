//! Consents of the authorising button.

use super::trail::Place;
use crate::platform;
use std::ops::{BitAnd, BitOr};

/// A set of the authorising button's scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Consents(u8);

impl Consents {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(u8::MAX);

    /// The scope of that name; none where the platform has none.
    pub(crate) fn of(scope: &str) -> Self {
        let place = platform::button().scopes.iter().position(|known| known.name == scope);
        place.map_or(Self::NONE, |place| Self(1 << place))
    }

    pub(crate) fn is_none(self) -> bool {
        self.0 == 0
    }

    /// All others.
    pub(crate) fn missing(self) -> Self {
        Self(!self.0)
    }

    /// Whether all of the others are among these.
    pub(crate) fn hold(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

impl BitOr for Consents {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Consents {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// A call that needs a consent and was reached without one.
#[derive(Debug, Clone)]
pub(crate) struct Unallowed {
    pub(crate) place: Place,
    pub(crate) scope: &'static str,
}
