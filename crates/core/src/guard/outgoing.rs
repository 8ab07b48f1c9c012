//! A request as it is searched: one snapshot, taken before anything is awaited.

use crate::wire::is_display_field;

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

impl Outgoing {
    /// Calls `visit` with every text, the path that leads to it, and whether a name on that path speaks of display
    /// information. Stops at the first error.
    pub(super) fn visit<E>(&self, visit: &mut impl FnMut(&str, bool, &[u8]) -> Result<(), E>) -> Result<(), E> {
        visit("url", false, self.url.as_bytes())?;
        for (name, value) in &self.headers {
            let place = format!("headers.{name}");
            let named = speaks_of_display(name);
            visit(&place, named, name.as_bytes())?;
            visit(&place, named, value.as_bytes())?;
        }
        self.data.visit(&mut "data".to_owned(), false, visit)
    }
}

impl Value {
    /// As [`Outgoing::visit`], for what hangs below `place`.
    pub(super) fn visit<E>(
        &self,
        place: &mut String,
        named: bool,
        visit: &mut impl FnMut(&str, bool, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let length = place.len();
        match self {
            Self::Other => {}
            Self::Text(text) => visit(place, named, text.as_bytes())?,
            Self::Bytes(bytes) => visit(place, named, bytes)?,
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    place.push_str(&format!("[{index}]"));
                    item.visit(place, named, visit)?;
                    place.truncate(length);
                }
            }
            Self::Fields(fields) => {
                for (name, value) in fields {
                    place.push('.');
                    place.push_str(name);
                    visit(place, named, name.as_bytes())?;
                    value.visit(place, named || speaks_of_display(name), visit)?;
                    place.truncate(length);
                }
            }
        }
        Ok(())
    }
}

/// Header names carry prefixes like `X-User-`, so a part of the name is enough there and here.
fn speaks_of_display(name: &str) -> bool {
    is_display_field(name) || super::search::mentions_display(name.as_bytes())
}
