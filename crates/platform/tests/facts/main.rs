//! Compares the repository with `platform/`: rows name existing files and tests, documents agree with the data, and no other file lists
//! the platform's names.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, its helpers included")]

mod documents;
mod lists;
mod module;
mod places;
mod rows;
mod tables;
mod tree;
