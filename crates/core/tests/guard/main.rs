//! The display-only guard over corpora: what it must find, and what it should leave alone.

mod bodies;
mod calls;
mod detection;
mod encodings;
mod false_alarms;
mod more_bodies;
mod numbers;
mod properties;
mod users;
