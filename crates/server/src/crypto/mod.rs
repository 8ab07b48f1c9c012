//! What the server hides and derives with its one key.

mod hash;
mod key;
mod seal;

pub(crate) use hash::{CodeHash, LoginIdHash, SessionHash};
pub(crate) use key::{Salt, Sealers, SessionDeriver, UserMarks};
pub use key::{ServerKey, ServerKeyError};
pub(crate) use seal::{Column, Sealer, TokenOwner};
