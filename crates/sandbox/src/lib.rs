//! miniauth-sandbox.
