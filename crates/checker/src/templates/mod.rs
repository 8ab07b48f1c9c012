//! Templates (`.axml`): elements, their expressions and the events that they bind.

pub(crate) mod button;

use crate::{
    platform,
    scripts::{
        ir::{ExprKind, Range, Script, Stmt},
        parse_expression,
    },
};
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// A template.
#[derive(Debug, Default)]
pub struct Template {
    /// The top-level elements.
    pub elements: Vec<Element>,
    /// The first place where it is not well-formed.
    pub fault: Option<(String, Range)>,
}

/// An element.
#[derive(Debug)]
pub struct Element {
    /// The tag as written.
    pub tag: String,
    /// The attributes in order.
    pub attributes: Vec<Attribute>,
    /// The child elements.
    pub children: Vec<Element>,
}

impl Element {
    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The text of an attribute without expressions.
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
    /// Texts and expressions, in order.
    pub parts: Vec<Part>,
    /// The value's place.
    pub range: Range,
}

impl Attribute {
    /// The value, unless it uses the page's data; empty if none is written.
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

/// An attribute's event binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The event in lower case, for comparison.
    pub event: String,
    /// Whether the platform accepts this spelling: `on`, `catch`, `capture-on` or `capture-catch`, then a capital.
    pub is_native: bool,
}

/// Prefixes of other platforms and frameworks, longer ones first.
const FOREIGN_PREFIXES: &[&str] = &["v-on:", "catch:", "bind:", "on:", "bind", "@"];

/// The event that an attribute binds, if any. A small letter after `on` or `catch` makes it an ordinary attribute, unless it can
/// only mean an event of the authorising button.
pub fn bound(attribute: &str) -> Option<Bound> {
    let name = attribute.strip_prefix("capture-").unwrap_or(attribute);
    if let Some(event) = FOREIGN_PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)) {
        // Another platform's button sends this event; no element of this platform does.
        let is_foreign = event.is_empty() || event.eq_ignore_ascii_case("getuserinfo");
        return Some(Bound { event: event.to_ascii_lowercase(), is_native: false }).filter(|_| !is_foreign);
    }
    let event = ["catch", "on"].iter().find_map(|prefix| name.strip_prefix(prefix))?;
    let is_native = event.starts_with(|first: char| first.is_ascii_uppercase());
    let event = event.to_ascii_lowercase();
    let is_button_s = platform::button().events.contains(&event);
    (is_native || is_button_s).then_some(Bound { event, is_native })
}

/// How deeply elements may nest.
const MAX_DEPTH: usize = 200;

/// Parses a template. Leaves out what cannot be read and reports it in [`Template::fault`].
pub fn parse_template(text: &str) -> Template {
    let masked = mask_expressions(text);
    let mut reader = Reader::from_str(&masked);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    config.check_comments = false;
    let mut template = Template::default();
    let mut open: Vec<Element> = Vec::new();
    loop {
        let start = reader.buffer_position();
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                let element = element(text, &masked, &tag);
                if open.len() < MAX_DEPTH {
                    open.push(element);
                } else {
                    add(&mut template, &mut open, element);
                }
            }
            Ok(Event::Empty(tag)) => {
                let element = element(text, &masked, &tag);
                add(&mut template, &mut open, element);
            }
            Ok(Event::End(tag)) => close(&mut template, &mut open, tag.name().0),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => {
                let place = (start as usize).min(text.len());
                let range = Range { start: place as u32, end: (place + 1).min(text.len()) as u32 };
                template.fault = Some((error.to_string(), range));
                break;
            }
        }
    }
    while let Some(element) = open.pop() {
        add(&mut template, &mut open, element);
    }
    template
}

/// Closes the innermost element with that name, and everything left open inside it.
fn close(template: &mut Template, open: &mut Vec<Element>, name: &[u8]) {
    if !open.iter().any(|element| element.tag.as_bytes() == name) {
        return;
    }
    while let Some(element) = open.pop() {
        let found = element.tag.as_bytes() == name;
        add(template, open, element);
        if found {
            return;
        }
    }
}

fn add(template: &mut Template, open: &mut [Element], element: Element) {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None => template.elements.push(element),
    }
}

/// The text with the same length, but without the characters inside `{{ }}` that would confuse an XML parser.
fn mask_expressions(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut place = 0;
    while let Some(start) = find(&bytes, place, b"{{") {
        let Some(end) = find(&bytes, start + 2, b"}}") else { break };
        for byte in &mut bytes[start + 2..end] {
            if matches!(byte, b'<' | b'>' | b'&') {
                *byte = b' ';
            }
        }
        place = end + 2;
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn find(bytes: &[u8], from: usize, what: &[u8; 2]) -> Option<usize> {
    bytes.get(from..)?.windows(2).position(|pair| pair == what).map(|place| place + from)
}

fn element(text: &str, masked: &str, tag: &BytesStart<'_>) -> Element {
    let mut attributes = Vec::new();
    for attribute in tag.html_attributes().with_checks(false).flatten() {
        let name = String::from_utf8_lossy(attribute.key.0).into_owned();
        let range = range_of(masked, &attribute.value);
        let value = text.get(range.start as usize..range.end as usize).unwrap_or_default();
        // `<template is="card" data="{{user, city}}">` receives an object without its braces.
        let is_object = tag.name().0 == b"template" && name == "data";
        attributes.push(Attribute { name, parts: parts(value, is_object), range });
    }
    Element { tag: String::from_utf8_lossy(tag.name().0).into_owned(), attributes, children: Vec::new() }
}

/// The range of a slice of the input: the XML reader returns slices, whose offset is their position in the file.
fn range_of(whole: &str, piece: &[u8]) -> Range {
    let start = (piece.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
    if start > whole.len() {
        return Range::default();
    }
    Range { start: start as u32, end: (start + piece.len()).min(whole.len()) as u32 }
}

fn parts(value: &str, is_object: bool) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut left = value;
    while let Some(start) = left.find("{{") {
        let Some(length) = left[start + 2..].find("}}") else { break };
        if start > 0 {
            parts.push(Part::Text(left[..start].to_owned()));
        }
        let code = &left[start + 2..start + 2 + length];
        // `{{...user, shop}}` and `{{name: value}}` are also objects without braces.
        let plain = || parse_expression(&format!("({code})"));
        let object = || parse_expression(&format!("({{{code}}})"));
        let script = if is_object { object().or_else(plain) } else { plain().or_else(object) };
        if let Some(script) = script {
            parts.push(Part::Expression(Box::new(script)));
        }
        left = &left[start + 2 + length + 2..];
    }
    if !left.is_empty() {
        parts.push(Part::Text(left.to_owned()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::bound;

    #[test]
    fn every_spelling_is_read() {
        let spellings = [
            ("onTap", "tap", true),
            ("catchTap", "tap", true),
            ("capture-onTouchStart", "touchstart", true),
            ("capture-catchTouchStart", "touchstart", true),
            ("onGetAuthorize", "getauthorize", true),
            ("catchGetUserInfo", "getuserinfo", true),
            ("ongetuserinfo", "getuserinfo", false),
            ("catchgetuserinfo", "getuserinfo", false),
            ("capture-bind:tap", "tap", false),
            ("@getAuthorize", "getauthorize", false),
        ];
        for (attribute, event, is_native) in spellings {
            let found = bound(attribute).unwrap_or_else(|| panic!("{attribute} binds nothing"));
            assert_eq!((found.event.as_str(), found.is_native), (event, is_native), "{attribute}");
        }
        // `bindgetuserinfo` belongs to another platform; no button of this platform sends that event.
        let foreign = ["bindgetuserinfo", "bind:getuserinfo"];
        let others = ["class", "only", "once", "category", "catch", "on", "bind", "capture-", "@", "open-type"];
        for attribute in others.into_iter().chain(foreign) {
            assert_eq!(bound(attribute), None, "{attribute}");
        }
    }
}
