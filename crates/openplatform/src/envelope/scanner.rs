//! A JSON scanner that finds where values begin and end, and decodes nothing.

use crate::charset::Charset;
use std::ops::Range;
use thiserror::Error;

/// Deepest nesting that is followed. Real answers have three levels.
const MAXIMUM_DEPTH: usize = 32;

/// Most members that the outermost object may have. Real answers have four at most.
const MAXIMUM_MEMBERS: usize = 16;

/// One member of the outermost object, as ranges of the scanned bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// The name, with its quotes.
    pub(super) name: Range<usize>,
    /// The value, exactly, with the quotes of a string.
    pub(super) value: Range<usize>,
}

/// Follows the grammar of RFC 8259 over bytes. Bytes of 0x80 and above are taken as they are, inside strings only, and
/// with them the second byte of a GBK character, whatever it looks like.
pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    charset: Charset,
    position: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(bytes: &'a [u8], charset: Charset) -> Self {
        Self { bytes, charset, position: 0 }
    }

    /// The members of the one object that the bytes hold; nothing but blanks may stand around it.
    pub(super) fn object(mut self) -> Result<Vec<Member>, ScanFault> {
        let mut members = Vec::new();
        self.skip_blanks();
        self.members(1, |member| {
            if members.len() == MAXIMUM_MEMBERS {
                return Err(ScanFault::TooManyMembers);
            }
            members.push(member);
            Ok(())
        })?;
        self.skip_blanks();
        if self.position == self.bytes.len() { Ok(members) } else { Err(ScanFault::TrailingBytes) }
    }

    fn members(
        &mut self,
        depth: usize,
        mut found: impl FnMut(Member) -> Result<(), ScanFault>,
    ) -> Result<(), ScanFault> {
        self.expect(b'{')?;
        self.skip_blanks();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.skip_blanks();
            let name = self.string()?;
            self.skip_blanks();
            self.expect(b':')?;
            self.skip_blanks();
            let value = self.value(depth)?;
            found(Member { name, value })?;
            self.skip_blanks();
            if self.take(b'}') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn elements(&mut self, depth: usize) -> Result<(), ScanFault> {
        self.expect(b'[')?;
        self.skip_blanks();
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.skip_blanks();
            self.value(depth)?;
            self.skip_blanks();
            if self.take(b']') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Range<usize>, ScanFault> {
        let start = self.position;
        match self.peek() {
            Some(b'{' | b'[') if depth == MAXIMUM_DEPTH => return Err(ScanFault::TooDeep),
            Some(b'{') => self.members(depth + 1, |_| Ok(()))?,
            Some(b'[') => self.elements(depth + 1)?,
            Some(b'"') => return self.string(),
            Some(b't') => self.literal(b"true")?,
            Some(b'f') => self.literal(b"false")?,
            Some(b'n') => self.literal(b"null")?,
            _ => self.number()?,
        }
        Ok(start..self.position)
    }

    fn string(&mut self) -> Result<Range<usize>, ScanFault> {
        let start = self.position;
        self.expect(b'"')?;
        loop {
            match self.next()? {
                b'"' => return Ok(start..self.position),
                b'\\' => self.escape()?,
                0..=0x1f => return Err(self.unexpected_before()),
                lead if self.charset.is_lead_byte(lead) => drop(self.next()?),
                _ => {}
            }
        }
    }

    fn escape(&mut self) -> Result<(), ScanFault> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => (0..4).try_for_each(|_| match self.next()? {
                byte if byte.is_ascii_hexdigit() => Ok(()),
                _ => Err(self.unexpected_before()),
            }),
            _ => Err(self.unexpected_before()),
        }
    }

    fn number(&mut self) -> Result<(), ScanFault> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), ScanFault> {
        let start = self.position;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.position += 1;
        }
        if self.position == start { Err(self.unexpected()) } else { Ok(()) }
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), ScanFault> {
        word.iter().try_for_each(|&byte| self.expect(byte))
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.position += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    fn next(&mut self) -> Result<u8, ScanFault> {
        let byte = self.peek().ok_or(ScanFault::Truncated)?;
        self.position += 1;
        Ok(byte)
    }

    fn take(&mut self, wanted: u8) -> bool {
        let there = self.peek() == Some(wanted);
        self.position += usize::from(there);
        there
    }

    fn expect(&mut self, wanted: u8) -> Result<(), ScanFault> {
        if self.take(wanted) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> ScanFault {
        if self.position < self.bytes.len() { ScanFault::Unexpected(self.position) } else { ScanFault::Truncated }
    }

    fn unexpected_before(&self) -> ScanFault {
        ScanFault::Unexpected(self.position - 1)
    }
}

/// Why bytes are not the JSON of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScanFault {
    /// The byte at this offset does not belong there.
    #[error("not JSON: unexpected byte at offset {0}")]
    Unexpected(usize),
    /// The bytes end in the middle.
    #[error("not JSON: it ends in the middle")]
    Truncated,
    /// Something follows the object.
    #[error("something follows the JSON object")]
    TrailingBytes,
    /// Arrays and objects are nested too deeply.
    #[error("the JSON is nested more than {MAXIMUM_DEPTH} levels deep")]
    TooDeep,
    /// The outermost object has too many members.
    #[error("the JSON object has more than {MAXIMUM_MEMBERS} members")]
    TooManyMembers,
}
