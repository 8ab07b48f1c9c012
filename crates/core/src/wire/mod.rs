//! What client and server say to each other.

mod answer;
mod code;
mod problem;
mod request;

pub use answer::{AuthAnswer, MemberView, SessionAnswer};
pub use code::{AuthCode, LoginId, MalformedTokenError, SessionToken};
pub use problem::Problem;
pub use request::{AuthRequest, ConsentReport, MAXIMUM_BODY_BYTES, RequestError, is_display_field};
