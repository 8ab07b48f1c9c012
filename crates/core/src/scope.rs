//! The scope of an auth code.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The scope of an auth code (`scopes` of the platform's `my.getAuthCode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Silent: there is no panel, and the code can be exchanged for the user id only.
    #[default]
    AuthBase,
    /// There is a consent panel, and the code can be exchanged for the member's fields.
    AuthUser,
}

impl Scope {
    /// Returns the scope's name on the platform and in requests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthBase => "auth_base",
            Self::AuthUser => "auth_user",
        }
    }

    /// Returns whether the platform may show a consent panel for this scope.
    pub const fn shows_panel(self) -> bool {
        matches!(self, Self::AuthUser)
    }
}

impl std::str::FromStr for Scope {
    type Err = ScopeError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "auth_base" => Ok(Self::AuthBase),
            "auth_user" => Ok(Self::AuthUser),
            _ => Err(ScopeError),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The scope is neither `auth_base` nor `auth_user`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a scope is auth_base or auth_user")]
pub struct ScopeError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_has_one_name_wherever_it_is_written() {
        for (scope, name) in [(Scope::AuthBase, "auth_base"), (Scope::AuthUser, "auth_user")] {
            assert_eq!((scope.as_str(), scope.to_string().as_str()), (name, name));
            assert_eq!(name.parse(), Ok(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), name);
        }
        assert_eq!("auth_all".parse::<Scope>(), Err(ScopeError));
    }

    #[test]
    fn only_auth_user_may_show_a_panel() {
        assert!(!Scope::AuthBase.shows_panel() && Scope::AuthUser.shows_panel());
    }
}
