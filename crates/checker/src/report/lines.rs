//! Places in a file as people count them.

use super::Location;
use crate::{flow::trail::Place, project::Project, scripts::ir::Range};
use std::cell::OnceCell;

/// Where the lines of each file begin.
pub(super) struct Lines<'p> {
    project: &'p Project,
    starts: Vec<OnceCell<Vec<usize>>>,
}

impl<'p> Lines<'p> {
    pub(super) fn new(project: &'p Project) -> Self {
        Self { project, starts: project.files.iter().map(|_| OnceCell::new()).collect() }
    }

    pub(super) fn location(&self, place: Place) -> Location {
        let file = &self.project.files[place.file as usize];
        // A parser that stops within a character says so in bytes.
        let whole = |byte: u32| file.text.floor_char_boundary(byte as usize) as u32;
        let start = whole(place.range.start);
        let range = Range { start, end: whole(place.range.end).max(start) };
        let place = Place { range, ..place };
        let (line, column) = self.position(place.file, place.range.start);
        let (end_line, end_column) = self.position(place.file, place.range.end);
        Location { file: file.path.clone(), line, column, end_line, end_column, range: place.range }
    }

    /// Line and column, from 1.
    pub(super) fn position(&self, file: u32, byte: u32) -> (u32, u32) {
        let text = &self.project.files[file as usize].text;
        let starts = self.starts[file as usize].get_or_init(|| {
            let after = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(place, _)| place + 1);
            std::iter::once(0).chain(after).collect()
        });
        let byte = text.floor_char_boundary(byte as usize);
        let line = starts.partition_point(|start| *start <= byte);
        let start = starts[line - 1];
        // Only as much of a line is counted as could be of use: minified files have lines of megabytes.
        let column = if byte - start > 100_000 { byte - start } else { text[start..byte].chars().count() };
        (line as u32, column as u32 + 1)
    }
}
