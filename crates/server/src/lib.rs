//! miniauth-server.
