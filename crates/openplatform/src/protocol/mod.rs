//! The gateway's own conventions, for whoever speaks to it or stands in for it.

mod beijing_time;
mod form;
mod parameters;

pub use crate::charset::{Charset, Unencodable, UnknownCharset};
pub use crate::sign_type::SignType;
pub use beijing_time::beijing_time;
pub use parameters::{FormFault, Parameters};

/// Exchanges an auth code for tokens.
pub const OAUTH_TOKEN: &str = "alipay.system.oauth.token";

/// Reads the member's information with an access token.
pub const USER_INFO_SHARE: &str = "alipay.user.info.share";

/// The node that an answer has in place of the method's own when the gateway refuses.
pub const ERROR_NODE: &str = "error_response";

/// The `code` of success. The answer of [`OAUTH_TOKEN`] has none when it succeeds.
pub const CODE_SUCCESS: &str = "10000";

/// The name of the node that holds a method's answer: the method with dots as underscores, and `_response`.
pub fn response_node(method: &str) -> String {
    format!("{}_response", method.replace('.', "_"))
}
