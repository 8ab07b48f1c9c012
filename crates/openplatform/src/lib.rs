//! miniauth-openplatform.
