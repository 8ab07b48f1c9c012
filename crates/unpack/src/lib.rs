//! Unpacks the npm package's WebAssembly module.
//!
//! The module travels inside JavaScript as text, where every byte counts. LZMA makes it 15 % smaller than deflate does, and
//! decoding it here, in a tiny module of its own, takes less time than an inflater takes in a JavaScript engine that has
//! just started.

#![cfg_attr(target_arch = "wasm32", no_std)]

mod lzma;
mod range;

#[cfg(target_arch = "wasm32")]
mod module;

pub use lzma::{LITERAL_CONTEXT_BITS, decode};
