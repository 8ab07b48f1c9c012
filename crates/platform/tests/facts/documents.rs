//! Facts about the platform in the documents: generated tables and marked sentences.

use crate::{
    tables::table,
    tree::{files, read, root},
};
use miniauth_platform::{Status, behaviours};
use std::{env, fs};

/// If set, the test regenerates the tables instead of checking them.
const RENEW: &str = "MINIAUTH_RENEW";

#[test]
fn tables_are_what_the_data_says() {
    let mut seen = 0;
    for path in files("", &[".md"]) {
        let text = read(&path).unwrap();
        let renewed = renewed(&text, &path, &mut seen);
        if renewed != text {
            assert!(env::var_os(RENEW).is_some(), "{path} has an outdated table: run cargo xtask platform tables");
            fs::write(root().join(&path), renewed).unwrap();
        }
    }
    assert!(seen > 0, "no document has a table");
}

/// Returns the document with every table between `<!-- table: NAME -->` and `<!-- /table -->` regenerated.
fn renewed(text: &str, path: &str, seen: &mut usize) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\n<!-- table: ") {
        let (name, after) = after.split_once(" -->\n").unwrap_or_else(|| panic!("{path}: a table without a name"));
        let table = table(name).unwrap_or_else(|| panic!("{path}: there is no table {name}"));
        let (_, after) = after.split_once("<!-- /table -->").unwrap_or_else(|| panic!("{path}: {name} has no end"));
        result.push_str(&format!("{before}\n<!-- table: {name} -->\n{table}<!-- /table -->"));
        rest = after;
        *seen += 1;
    }
    result + rest
}

/// A text with an assumed fact must have one of these words.
const ASSUMED: [&str; 4] = ["assum", "假定", "推测", "没有资料证实"];

#[test]
fn a_marked_fact_exists_and_is_called_assumed_where_it_is() {
    let mut wrong = Vec::new();
    for path in files("", &[".md"]).iter().filter(|path| *path != "platform/README.md") {
        wrong.extend(complaints(&read(path).unwrap()).into_iter().map(|complaint| format!("{path}: {complaint}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn complaints(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for block in blocks(text) {
        // A marker in backquotes is only mentioned.
        for marker in block.replace("`<!-- fact: ", "").split("<!-- fact: ").skip(1) {
            let id = marker.split(" -->").next().unwrap_or_default();
            match behaviours().row(id) {
                None => found.push(format!("there is no fact {id}")),
                Some(row) if row.fact.status == Status::Assumed => {
                    if !ASSUMED.iter().any(|word| block.to_lowercase().contains(word)) {
                        found.push(format!("{id} is assumed, and the text does not say so: {block}"));
                    }
                }
                Some(_) => {}
            }
        }
    }
    found
}

/// Splits a document into paragraphs, list items and table rows.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks: Vec<String> = vec![String::new()];
    for line in text.lines() {
        let starts_anew =
            line.trim().is_empty() || ["- ", "| ", "#"].iter().any(|mark| line.trim_start().starts_with(mark));
        if starts_anew {
            blocks.push(String::new());
        }
        if let Some(block) = blocks.last_mut() {
            block.push_str(line);
            block.push(' ');
        }
    }
    blocks
}

#[test]
fn the_check_of_documents_finds_violations() {
    let of = |text: &str| complaints(text).len();
    assert_eq!(of("It asks. <!-- fact: no-such-fact -->"), 1);
    assert_eq!(of("It asks\nagain. <!-- fact: auth-user-again -->\n\nAssumed."), 1);
    assert_eq!(of("It is assumed\nto ask. <!-- fact: auth-user-again -->"), 0);
    assert_eq!(of("- Assumed.\n- It asks. <!-- fact: auth-user-again -->"), 1);
    assert_eq!(of("It ends. <!-- fact: auth-code-refused --> It was assumed."), 0);
    let mut seen = 0;
    let text = "a\n<!-- table: profiles -->\nold\n<!-- /table -->\nb";
    let renewed = renewed(text, "here", &mut seen);
    assert!(
        renewed.starts_with("a\n<!-- table: profiles -->\n|") && renewed.ends_with("|\n<!-- /table -->\nb"),
        "{renewed}"
    );
}
