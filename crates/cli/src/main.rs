//! The command `miniauth`.
fn main() {}
