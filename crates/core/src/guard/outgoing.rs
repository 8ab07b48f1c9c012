//! A request as it is searched: one snapshot, taken before anything is awaited.

use super::{GuardError, names::speaks_of_display};
use crate::text::joined;

/// A request that is about to leave the page.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    /// The address, with its query.
    pub url: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The data.
    pub data: Value,
}

/// What a request's data can hold.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// Nothing that could hold text: null, a number, a boolean.
    #[default]
    Other,
    /// A text.
    Text(String),
    /// The bytes of an ArrayBuffer or of a view into one.
    Bytes(Vec<u8>),
    /// An array.
    List(Vec<Value>),
    /// An object's own fields.
    Fields(Vec<(String, Value)>),
}

/// One text of a request.
pub(super) struct Piece<'a> {
    /// The path that leads to it.
    pub(super) place: &'a str,
    /// Whether a name on that path speaks of display information.
    pub(super) named: bool,
    pub(super) text: &'a [u8],
    /// Whether these are bytes of any kind rather than UTF-8.
    pub(super) is_bytes: bool,
}

/// What is done with every text. Not a type parameter: the way through a request need not exist twice.
type Visit<'a> = dyn FnMut(Piece<'_>) -> Result<(), GuardError> + 'a;

impl Outgoing {
    /// Calls `visit` with every text. Stops at the first error.
    pub(super) fn visit(&self, visit: &mut Visit<'_>) -> Result<(), GuardError> {
        visit(Piece { place: "url", named: false, text: self.url.as_bytes(), is_bytes: false })?;
        for (name, value) in &self.headers {
            let place = joined(&["headers.", name]);
            for (named, text) in [(false, name), (speaks_of_display(name), value)] {
                visit(Piece { place: &place, named, text: text.as_bytes(), is_bytes: false })?;
            }
        }
        self.data.visit(&mut "data".to_owned(), false, visit)
    }
}

impl Value {
    /// As [`Outgoing::visit`], for what hangs below `place`.
    pub(super) fn visit(&self, place: &mut String, named: bool, visit: &mut Visit<'_>) -> Result<(), GuardError> {
        let length = place.len();
        match self {
            Self::Other => {}
            Self::Text(text) => visit(Piece { place, named, text: text.as_bytes(), is_bytes: false })?,
            Self::Bytes(bytes) => visit(Piece { place, named, text: bytes, is_bytes: true })?,
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    place.push('[');
                    place.push_str(&index.to_string());
                    place.push(']');
                    item.visit(place, named, visit)?;
                    place.truncate(length);
                }
            }
            Self::Fields(fields) => {
                for (name, value) in fields {
                    place.push('.');
                    place.push_str(name);
                    visit(Piece { place, named, text: name.as_bytes(), is_bytes: false })?;
                    value.visit(place, named || speaks_of_display(name), visit)?;
                    place.truncate(length);
                }
            }
        }
        Ok(())
    }
}
