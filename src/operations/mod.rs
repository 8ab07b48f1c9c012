//! What a client does, one operation per file.

mod authorize;
pub(crate) mod control;
mod display_info;
mod login;
mod logout;
mod post_auth;
pub(crate) mod request;

/// Operations whose concurrent callers share one outcome.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Login,
    Authorize,
    /// On a tap.
    DisplayInfo,
    /// With the authorising button: what the platform answers a tap before the user has agreed is not its answer.
    DisplayInfoByButton,
}
