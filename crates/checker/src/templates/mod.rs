//! Templates (`.axml`): elements, the expressions in them and the events that they bind.

pub(crate) mod button;
mod events;
mod parse;

pub use events::{Bound, bound};
pub use parse::parse_template;

use crate::scripts::ir::{ExprKind, Range, Script, Stmt};

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

impl Attribute {
    /// The value, where no data of the page is part of it; empty where none is written.
    pub fn text(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text.trim()),
            [Part::Expression(script)] => match script.functions.first()?.body.first() {
                Some(Stmt::Return(Some(expr), _)) => match &expr.kind {
                    ExprKind::Text(text) => Some(text),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }
}

/// A piece of an attribute's value.
#[derive(Debug)]
pub enum Part {
    /// Plain text.
    Text(String),
    /// `{{ expression }}`
    Expression(Box<Script>),
}
