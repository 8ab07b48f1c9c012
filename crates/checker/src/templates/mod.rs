//! Templates (`.axml`): elements, the expressions in them and the events that they bind.

mod parse;

pub use parse::parse_template;

use crate::scripts::ir::{Range, Script};

/// A template.
#[derive(Debug, Default)]
pub struct Template {
    /// The elements at the top.
    pub elements: Vec<Element>,
    /// The first place where it is not well formed.
    pub fault: Option<(String, Range)>,
}

/// An element.
#[derive(Debug)]
pub struct Element {
    /// The tag as written.
    pub tag: String,
    /// The attributes in order.
    pub attributes: Vec<Attribute>,
    /// The elements within.
    pub children: Vec<Element>,
}

impl Element {
    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The text of an attribute that holds no expression.
    pub fn fixed(&self, name: &str) -> Option<&str> {
        match self.attribute(name)?.parts.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }
}

/// An attribute.
#[derive(Debug)]
pub struct Attribute {
    /// The name as written.
    pub name: String,
    /// Text and expressions in turn.
    pub parts: Vec<Part>,
    /// The value's place.
    pub range: Range,
}

/// A piece of an attribute's value.
#[derive(Debug)]
pub enum Part {
    /// Plain text.
    Text(String),
    /// `{{ expression }}`
    Expression(Box<Script>),
}
