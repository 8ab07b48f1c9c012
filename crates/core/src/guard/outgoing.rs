//! A request as it is searched: one snapshot, taken before anything is awaited.

use super::names;
use crate::text::joined;

/// A request that is about to leave the page.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    /// The address, with its query.
    pub url: String,
    /// The headers.
    pub headers: Value,
    /// The data.
    pub data: Value,
}

/// What a request's data can hold.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// Nothing that could hold text: null, a boolean, a number.
    #[default]
    Other,
    /// A text, or a list of numbers with commas between them: they could be bytes or characters.
    Text(String),
    /// The bytes of an ArrayBuffer or of a view into one.
    Bytes(Vec<u8>),
    /// An array.
    List(Vec<Value>),
    /// An object's own fields.
    Fields(Vec<(String, Value)>),
}

/// One text of a request.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    /// The path that leads to it. A name that holds what is looked for is not in it.
    pub(super) place: &'a str,
    pub(super) text: &'a [u8],
    /// Whether these are bytes of any kind rather than UTF-8.
    pub(super) is_bytes: bool,
    pub(super) context: Context,
}

/// What the names around a text say of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Context {
    /// A name on the path speaks of display information.
    pub(super) named: bool,
    /// Whether words are the user's here.
    pub(super) words: Words,
    /// A person's name, beside something else that people write.
    pub(super) written: bool,
    /// Above is a field for a person.
    person: bool,
    /// It stands right below a request's headers.
    headers: bool,
}

/// Which words of ASCII letters can be the user's, where others are the app's or the protocol's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Words {
    #[default]
    All,
    /// Not those in lower case: names of fields are such words.
    Capitalised,
    None,
}

/// What is done with every text until it says that this is enough, and whether a name holds what no message may. Not type
/// parameters: the way through a request need not exist twice.
pub(super) struct Visitor<'a> {
    pub(super) visit: &'a mut dyn FnMut(Piece<'_>) -> bool,
    pub(super) hides: &'a dyn Fn(&str) -> bool,
}

/// What stands in a path for a name that is not shown.
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
    /// Visits every text. Says whether that was enough.
    pub(super) fn visit(&self, visitor: &mut Visitor<'_>) -> bool {
        let in_headers = Context { headers: true, ..Context::default() };
        visitor.text("url", &self.url, Context::default())
            || self.headers.visit(&mut "headers".to_owned(), in_headers, visitor)
            || self.data.visit(&mut "data".to_owned(), Context::default(), visitor)
    }
}

impl Value {
    /// As [`Outgoing::visit`], for what hangs below `place`.
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
        // What stands beside such a name, as in `{ key: 'nickName', value }`, stands under it.
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
