//! What the server hides and derives with its one key.

mod hash;
mod key;
mod mark;
mod seal;
mod session;

pub(crate) use hash::{CodeHash, LoginIdHash, SessionHash};
pub use key::{ServerKey, ServerKeyError};
pub(crate) use mark::UserMarks;
pub(crate) use seal::{Column, Owner, Sealer, Sealers};
pub(crate) use session::{Salt, SessionDeriver};
