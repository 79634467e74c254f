//! Reads the attributes of a tag: names, values and namespaces. Checks that names are unique.

use super::MAX_ATTRIBUTES;
use super::entities::Declared;
use super::fault::ReadError;
use super::reader::Reader;
use super::scan::{QualifiedName, Scan};
use super::tree::{NodeId, Span};

/// At most this many attributes are compared pairwise. More are sorted.
const MAX_SCANNED: usize = 8;

impl Reader<'_> {
    /// Reads the attributes of the element that was just opened, and resolves its name and theirs.
    pub(super) fn attributes(&mut self, text: &str) -> Result<(), ReadError> {
        let element = self.tree.current;
        self.namespaces.enter();
        let declared = self.entities.declared(self.tree.text(self.tree.nodes[element as usize].name));
        let mut scan = Scan { rest: text };
        let mut count = 0;
        while let is_apart = scan.space()
            && !scan.rest.is_empty()
        {
            let at = self.tree.place(scan.rest);
            self.attribute(&mut scan, is_apart, declared.as_deref())
                .map_err(|wrong| ReadError { at: wrong.at.or(at), ..wrong })?;
            count += 1;
            if count > MAX_ATTRIBUTES {
                return Err(format!("an element with more than {MAX_ATTRIBUTES} attributes").into());
            }
        }
        self.resolve(element)
    }

    fn attribute(&mut self, scan: &mut Scan<'_>, is_apart: bool, declared: Option<&Declared>) -> Result<(), ReadError> {
        let name = scan.before(|byte| matches!(byte, b'=' | b' ' | b'\t' | b'\n' | b'\r'));
        if !is_apart {
            return Err("white space must come before an attribute".into());
        }
        let name = QualifiedName::parse(name)?;
        let value = scan.equals_quoted().ok_or_else(|| format!("`{}` must have a value in quotes", name.text))?;
        let mut value = self.attribute_value(value)?;
        if declared.is_some_and(|declared| declared.get(name.text) == Some(&true)) {
            value = self.tokens(value);
        }
        match (name.prefix(), name.text) {
            ("", "xmlns") => self.namespaces.declare(&mut self.tree, "", value),
            ("xmlns", _) => self.namespaces.declare(&mut self.tree, name.local_part(), value),
            _ => {
                self.tree.attribute(name, value);
                Ok(())
            }
        }
    }

    /// Normalises the value of an attribute that is declared to be tokens: no space at its ends, and one between tokens
    /// (XML 1.0 §3.3.3).
    fn tokens(&mut self, value: Span) -> Span {
        let tokens: Vec<&str> = self.tree.text(value).split(' ').filter(|token| !token.is_empty()).collect();
        let joined = tokens.join(" ");
        self.tree.keep(&joined)
    }

    /// Resolves the names of an element and of its attributes, which are the last nodes.
    fn resolve(&mut self, element: NodeId) -> Result<(), ReadError> {
        let first = element as usize;
        for place in first..self.tree.nodes.len() {
            let node = &self.tree.nodes[place];
            let prefix = self.tree.text(Span { end: node.local.saturating_sub(1).max(node.name.start), ..node.name });
            let namespace = match place == first {
                true => self.namespaces.of_element(&self.tree, prefix)?,
                false => self.namespaces.of_attribute(&self.tree, prefix)?,
            };
            self.tree.nodes[place].namespace = namespace;
        }
        let attributes = &self.tree.nodes[first + 1..];
        let key = |place: usize| {
            let node = &attributes[place];
            let local = self.tree.text(Span { start: node.local, ..node.name });
            (local, self.tree.namespace_name(node.namespace))
        };
        let twice = if attributes.len() <= MAX_SCANNED {
            (1..attributes.len()).find(|place| (0..*place).any(|other| key(other) == key(*place)))
        } else {
            let mut places: Vec<usize> = (0..attributes.len()).collect();
            places.sort_unstable_by_key(|place| key(*place));
            places.windows(2).find(|pair| key(pair[0]) == key(pair[1])).map(|pair| pair[0].max(pair[1]))
        };
        match twice {
            Some(place) => {
                Err(format!("the attribute `{}` is given twice", self.tree.text(attributes[place].name)).into())
            }
            None => Ok(()),
        }
    }
}
