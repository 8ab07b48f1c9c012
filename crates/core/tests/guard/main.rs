//! The display-only guard on corpora: what it must find, and what it should let pass.

mod bodies;
mod calls;
mod detection;
mod encodings;
mod false_alarms;
mod more_bodies;
mod numbers;
mod properties;
mod users;
