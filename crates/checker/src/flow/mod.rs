//! The analysis: an abstract machine runs every page of the project from its top level through each of its handlers, with the
//! modules that it reaches, and follows values, calls and callbacks.

mod allowed;
mod branches;
mod buttons;
mod calls;
mod classes;
mod components;
mod consents;
pub(crate) mod context;
mod events;
mod expressions;
pub(crate) mod facts;
mod heap;
mod loops;
mod machine;
mod modules;
mod named_templates;
mod natives;
mod page_data;
mod pages;
mod panels;
mod patterns;
mod promises;
mod properties;
mod reach;
mod rounds;
mod shared;
mod statements;
pub(crate) mod trail;
mod value;
mod verdict;

pub(crate) use rounds::{Analysis, analyse};
