//! Holds the tree to `platform/`: rows name places and tests that exist, documents say what the data says, and no list of the
//! platform's names stands anywhere else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, its helpers included")]

mod documents;
mod lists;
mod module;
mod places;
mod rows;
mod tables;
mod tree;
