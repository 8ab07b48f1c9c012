//! miniauth-core.
