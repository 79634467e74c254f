//! Reads a document: `quick-xml` splits the text, and this file checks what `quick-xml` does not.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};

use crate::model::forbidden_in_xml;

use super::build::{Builder, Tree};
use super::declaration::is_standalone;
use super::decode::decoded;
use super::dtd::{document_type, instruction};
use super::entities::{Entities, Place, character};
use super::fault::{ReadError, XmlFault, lower_first};
use super::namespaces::Namespaces;
use super::scan::{QualifiedName, SPACE};
use super::tree::{NodeKind, Span, XmlDocument};
use super::{MAX_DEPTH, MAX_TEXT_LENGTH};

impl XmlDocument {
    /// Reads a document from bytes, which are decoded by their byte order mark or the encoding that they declare.
    ///
    /// Document types are read, but nothing external is.
    ///
    /// # Errors
    /// If it is not well-formed, by XML 1.0 and Namespaces in XML 1.0. Also if elements nest deeper than 128, one has more
    /// than 1,024 attributes, more than 128 namespaces are declared around one, or entities make more than 1 MiB of text
    /// or nest deeper than 16.
    pub fn parse(bytes: &[u8]) -> Result<XmlDocument, XmlFault> {
        XmlDocument::parse_in(bytes, None)
    }

    /// Reads a document from bytes whose Content-Type has this charset, which takes precedence over the declared encoding.
    ///
    /// # Errors
    /// Those of [`XmlDocument::parse`].
    pub fn parse_in(bytes: &[u8], charset: Option<&str>) -> Result<XmlDocument, XmlFault> {
        read(decoded(bytes, charset)?)
    }

    /// Reads a document from a text. The declared encoding is ignored.
    ///
    /// # Errors
    /// Those of [`XmlDocument::parse`].
    pub fn parse_text(text: &str) -> Result<XmlDocument, XmlFault> {
        read(Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)))
    }
}

fn read(text: Cow<'_, str>) -> Result<XmlDocument, XmlFault> {
    if text.len() > MAX_TEXT_LENGTH {
        return Err(XmlFault::at(format!("more than {MAX_TEXT_LENGTH} bytes"), text.as_bytes(), MAX_TEXT_LENGTH));
    }
    let normalized = with_line_feeds(&text);
    match Reader::new(&normalized).read() {
        Ok(tree) => Ok(tree.finish(match normalized {
            Cow::Owned(text) => text,
            Cow::Borrowed(_) => text.into_owned(),
        })),
        Err((message, at)) => Err(XmlFault::at(message, text.as_bytes(), as_sent(&text, at))),
    }
}

/// Replaces all line ends with a line feed (XML 1.0 §2.11).
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut normalized = String::with_capacity(text.len());
    let mut lines = text.split('\r');
    normalized.push_str(lines.next().unwrap_or_default());
    for line in lines {
        normalized.push('\n');
        normalized.push_str(line.strip_prefix('\n').unwrap_or(line));
    }
    Cow::Owned(normalized)
}

/// Converts an offset in the text with normalised line ends to an offset in the text as sent.
fn as_sent(text: &str, at: usize) -> usize {
    let mut ends = memchr::memmem::find_iter(text.as_bytes(), "\r\n");
    let mut place = at;
    while ends.next().is_some_and(|end| end < place) {
        place += 1;
    }
    place
}

/// The state of reading a document.
pub(super) struct Reader<'t> {
    source: &'t str,
    pub(super) tree: Builder<'t>,
    pub(super) namespaces: Namespaces,
    pub(super) entities: Entities,
    /// The number of open elements.
    depth: usize,
    has_document_type: bool,
}

impl<'t> Reader<'t> {
    fn new(source: &'t str) -> Reader<'t> {
        Reader {
            source,
            tree: Builder::new(source),
            namespaces: Namespaces::default(),
            entities: Entities::default(),
            depth: 0,
            has_document_type: false,
        }
    }

    fn read(mut self) -> Result<Tree, (String, usize)> {
        if let Some(character) = forbidden_in_xml(self.source) {
            let at = self.source.find(character).unwrap_or_default();
            return Err((format!("the character U+{:04X} is not one of XML", u32::from(character)), at));
        }
        let end = self.source.len();
        self.content(self.source, false).map_err(|wrong| (wrong.message, wrong.at.unwrap_or(end)))?;
        if self.depth > 0 {
            let open = self.tree.text(self.tree.nodes[self.tree.current as usize].name);
            return Err((format!("`{open}` is not closed"), end));
        }
        if !self.tree.has_root() {
            return Err(("no root element".to_owned(), end));
        }
        Ok(self.tree.finish())
    }

    /// Reads the document, or the text of an entity in it.
    fn content(&mut self, text: &str, is_entity: bool) -> Result<(), ReadError> {
        if text.starts_with('\u{feff}') {
            // `quick-xml` would drop it. A byte order mark is already removed, so this is a character.
            self.text("\u{feff}")?;
        }
        let mut reader = quick_xml::Reader::from_str(text);
        reader.config_mut().check_comments = true;
        loop {
            let at = reader.buffer_position() as usize;
            let placed = |wrong: ReadError| ReadError { at: wrong.at.or((!is_entity).then_some(at)), ..wrong };
            let event = match reader.read_event() {
                Ok(Event::Eof) => return Ok(()),
                Ok(event) => event,
                Err(error) => {
                    let at = (!is_entity).then(|| reader.error_position() as usize);
                    return Err(ReadError { message: lower_first(&error.to_string()), at });
                }
            };
            self.take(event, at, is_entity).map_err(placed)?;
        }
    }

    fn take(&mut self, event: Event<'_>, at: usize, is_entity: bool) -> Result<(), ReadError> {
        match event {
            Event::Start(start) => self.start(&start),
            Event::Empty(start) => {
                self.start(&start)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => self.text(&text),
            Event::CData(_) if self.depth == 0 => Err("CDATA outside the root element".into()),
            Event::CData(text) => {
                self.tree.add_text(&text);
                Ok(())
            }
            Event::GeneralRef(reference) => self.reference(&reference),
            Event::Comment(text) => {
                self.tree.aside(NodeKind::Comment, "", &text);
                Ok(())
            }
            Event::PI(text) => {
                let (target, text) = instruction(&text)?;
                self.tree.aside(NodeKind::Instruction, target, text);
                Ok(())
            }
            Event::Decl(_) if at > 0 || is_entity => Err("an XML declaration must be at the very beginning".into()),
            Event::Decl(text) => {
                self.entities.is_standalone = is_standalone(&text["xml".len()..])?;
                Ok(())
            }
            Event::DocType(text) => self.document_type(&text, at, is_entity),
            Event::Eof => Ok(()),
        }
    }

    fn document_type(&mut self, text: &str, at: usize, is_entity: bool) -> Result<(), ReadError> {
        if is_entity || self.has_document_type || self.tree.has_root() {
            return Err("a document type must come once, before the root element".into());
        }
        self.has_document_type = true;
        let after = self.source[at..].strip_prefix("<!DOCTYPE");
        if !after.is_some_and(|after| after.starts_with(SPACE)) {
            return Err("a document type must begin with `<!DOCTYPE` and white space".into());
        }
        document_type(text, &mut self.entities)
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), ReadError> {
        if self.depth == 0 && self.tree.has_root() {
            return Err("a second root element".into());
        }
        if self.depth == MAX_DEPTH {
            return Err(format!("elements nest deeper than {MAX_DEPTH}").into());
        }
        self.tree.open(QualifiedName::parse(start.name().as_ref())?);
        self.depth += 1;
        self.attributes(start.attributes_raw())
    }

    /// Closes an element. `quick-xml` has checked that it is the open one.
    fn end(&mut self) {
        self.tree.close();
        self.namespaces.leave();
        self.depth -= 1;
    }

    fn text(&mut self, text: &str) -> Result<(), ReadError> {
        if self.depth == 0 {
            return match text.trim_start_matches(SPACE) {
                "" => Ok(()),
                _ => Err("text outside the root element".into()),
            };
        }
        if memchr::memchr(b']', text.as_bytes()).is_some() && text.contains("]]>") {
            return Err("`]]>` must be written as `]]&gt;` in text".into());
        }
        self.tree.add_text(text);
        Ok(())
    }

    fn reference(&mut self, name: &str) -> Result<(), ReadError> {
        if self.depth == 0 {
            return Err("a reference outside the root element".into());
        }
        if let Some(character) = character(name)? {
            self.tree.add_text(character.encode_utf8(&mut [0; 4]));
            return self.tree.check_length();
        }
        if let Some(text) = self.entities.enter(name, Place::Content)? {
            if memchr::memchr2(b'<', b'&', text.as_bytes()).is_none() {
                self.text(&text)?;
                self.entities.leave();
                return self.tree.check_length();
            }
            let (element, depth) = (self.tree.current, self.depth);
            self.content(&text, true)?;
            if (self.tree.current, self.depth) != (element, depth) {
                return Err(format!("the entity `&{name};` must close the elements that it opens").into());
            }
            self.entities.leave();
        }
        Ok(())
    }

    /// Keeps a normalised attribute value.
    pub(super) fn attribute_value(&mut self, value: &str) -> Result<Span, ReadError> {
        let is_special = |byte| matches!(byte, b'&' | b'<' | b'\t' | b'\n' | b'\r');
        if !value.bytes().fold(false, |found, byte| found | is_special(byte)) {
            return Ok(self.tree.keep(value));
        }
        let entities = &mut self.entities;
        self.tree.put_together(|out| entities.normalize(value, out))
    }
}
