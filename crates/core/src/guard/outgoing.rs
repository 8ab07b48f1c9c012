//! The request to search: a snapshot that is taken before anything is awaited.

use super::names;
use crate::text::joined;

/// A request that is about to leave the page.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    /// The URL, with its query.
    pub url: String,
    /// The headers.
    pub headers: Value,
    /// The data.
    pub data: Value,
}

/// The data of a request.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// A value without text: null, a boolean, a number.
    #[default]
    Other,
    /// A text, or a list of numbers separated by commas, which could be bytes or characters.
    Text(String),
    /// The bytes of an ArrayBuffer or of a view.
    Bytes(Vec<u8>),
    /// An array.
    List(Vec<Value>),
    /// An object's own fields.
    Fields(Vec<(String, Value)>),
}

/// One text of a request.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    /// The path to it, without names that contain a value.
    pub(super) place: &'a str,
    pub(super) text: &'a [u8],
    /// Whether the bytes may be anything rather than UTF-8.
    pub(super) is_bytes: bool,
    pub(super) context: Context,
}

/// What the names around a text say about it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Context {
    /// A name on the path is about display information.
    pub(super) named: bool,
    /// Which words count as the user's here.
    pub(super) words: Words,
    /// It is a person's name, beside other fields that people fill in.
    pub(super) written: bool,
    /// It is below a field for a person.
    person: bool,
    /// It is directly below a request's headers.
    headers: bool,
}

/// Which ASCII words count as the user's rather than the app's or the protocol's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Words {
    #[default]
    All,
    /// Not those in lower case, like names of fields.
    Capitalised,
    None,
}

/// Callbacks: `visit` gets every text until it returns `true`; `hides` says whether a name contains what no message may
/// show. Not type parameters, so that the traversal is compiled once.
pub(super) struct Visitor<'a> {
    pub(super) visit: &'a mut dyn FnMut(Piece<'_>) -> bool,
    pub(super) hides: &'a dyn Fn(&str) -> bool,
}

/// Replaces a hidden name in a path.
const HIDDEN: &str = "*";

impl Visitor<'_> {
    fn text(&mut self, place: &str, text: &str, context: Context) -> bool {
        (self.visit)(Piece { place, text: text.as_bytes(), is_bytes: false, context })
    }

    fn shown<'a>(&self, name: &'a str) -> &'a str {
        if (self.hides)(name) { HIDDEN } else { name }
    }
}

impl Outgoing {
    /// Visits every text. Returns whether a callback stopped it.
    pub(super) fn visit(&self, visitor: &mut Visitor<'_>) -> bool {
        let in_headers = Context { headers: true, ..Context::default() };
        visitor.text("url", &self.url, Context::default())
            || self.headers.visit(&mut "headers".to_owned(), in_headers, visitor)
            || self.data.visit(&mut "data".to_owned(), Context::default(), visitor)
    }
}

impl Value {
    /// Does the same below `place`.
    pub(super) fn visit(&self, place: &mut String, context: Context, visitor: &mut Visitor<'_>) -> bool {
        let items: Vec<(Option<&str>, &Self)> = match self {
            Self::Other => return false,
            Self::Text(text) => return visitor.text(place, text, context),
            Self::Bytes(bytes) => return (visitor.visit)(Piece { place, text: bytes, is_bytes: true, context }),
            Self::List(items) => items.iter().map(|item| (None, item)).collect(),
            Self::Fields(fields) => fields.iter().map(|(name, value)| (Some(name.as_str()), value)).collect(),
        };
        visit_all(&items, place, context, visitor)
    }
}

/// Visits the items of a list, or the fields of an object.
fn visit_all(
    items: &[(Option<&str>, &Value)],
    place: &mut String,
    mut context: Context,
    visitor: &mut Visitor<'_>,
) -> bool {
    let mut is_form = false;
    for (name, value) in items {
        // A value beside such a name, as in `{ key: 'nickName', value }`, belongs to it.
        context.named |= matches!(value, Value::Text(text) if names::is_display_name(text.as_bytes()));
        is_form |= !context.headers && name.is_some_and(names::stands_beside_person);
    }
    let mut is_enough = false;
    let length = place.len();
    for (index, (name, value)) in items.iter().enumerate() {
        let mut context = context;
        if let Some(name) = name {
            place.push('.');
            place.push_str(visitor.shown(name));
            let is_of_protocol = context.headers && names::is_of_protocol(name);
            let words = if is_of_protocol { Words::None } else { Words::Capitalised };
            is_enough = is_enough || visitor.text(place, name, Context { words, written: false, ..context });
            if is_of_protocol {
                context.words = words;
            }
            context.headers = matches!(*name, "headers" | "header");
            context.named |= names::speaks_of_display(name);
            context.person |= names::speaks_of_person(name);
            context.written = !context.named && (context.written || (is_form && context.person));
        } else {
            place.push_str(&joined(&["[", &index.to_string(), "]"]));
        }
        is_enough = is_enough || value.visit(place, context, visitor);
        if is_enough {
            break;
        }
        place.truncate(length);
    }
    is_enough
}
