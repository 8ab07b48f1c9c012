//! Holds the tree to `platform/`: rows name places and tests that exist, documents say what the data says, and no list of the
//! platform's names stands anywhere else.

mod documents;
mod rows;
mod tables;
mod tree;
