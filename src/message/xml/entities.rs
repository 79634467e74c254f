//! Entities and references to them (XML 1.0 §4), with limits on the length of their text and the depth of their nesting.

use std::collections::HashMap;
use std::rc::Rc;

use crate::model::{forbidden_in_xml, is_xml_name};

use super::fault::ReadError;
use super::{MAX_ENTITY_DEPTH, MAX_EXPANDED};

/// The content of an entity.
#[derive(Debug, Clone)]
pub(super) enum Entity {
    /// A text, in which character references are resolved.
    Text(Rc<str>),
    /// An external entity, which is not fetched.
    External,
    /// Data in another notation.
    Unparsed,
}

/// The kind of place of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Content,
    AttributeValue,
}

/// The attributes of an element that are declared, and whether each is tokens.
pub(super) type Declared = HashMap<String, bool>;

#[derive(Default)]
pub(super) struct Entities {
    general: HashMap<String, Entity>,
    parameter: HashMap<String, Entity>,
    /// Whether the document is declared to be standalone.
    pub(super) is_standalone: bool,
    /// Whether declarations may be in an external subset or a parameter entity, which are not read.
    pub(super) has_external: bool,
    /// Whether a parameter entity was not read, so that later declarations do not count (XML 1.0 §5.1).
    pub(super) is_incomplete: bool,
    /// The entities whose text is being read, the outermost first.
    open: Vec<(bool, String)>,
    expanded: usize,
    /// The declared attributes by element.
    attributes: HashMap<String, Rc<Declared>>,
}

impl Entities {
    /// Declares an entity. The first declaration of a name counts.
    pub(super) fn declare(&mut self, is_parameter: bool, name: &str, entity: Entity) {
        if self.is_incomplete && !self.is_standalone {
            return;
        }
        let known = if is_parameter { &mut self.parameter } else { &mut self.general };
        known.entry(name.to_owned()).or_insert(entity);
    }

    /// Declares attributes of an element. The first declaration of each counts.
    pub(super) fn declare_attributes(&mut self, element: &str, declared: Declared) {
        if self.is_incomplete && !self.is_standalone {
            return;
        }
        let known = Rc::make_mut(self.attributes.entry(element.to_owned()).or_default());
        for (name, is_tokens) in declared {
            known.entry(name).or_insert(is_tokens);
        }
    }

    /// Returns the declared attributes of an element, if there are any.
    pub(super) fn declared(&self, element: &str) -> Option<Rc<Declared>> {
        if self.attributes.is_empty() {
            None
        } else {
            self.attributes.get(element).cloned()
        }
    }

    /// Starts reading the text of a general entity; `None` if it has none. [`Entities::leave`] ends it.
    pub(super) fn enter(&mut self, name: &str, place: Place) -> Result<Option<Rc<str>>, ReadError> {
        match (self.general.get(name), place) {
            (Some(Entity::Text(text)), _) => {
                let text = text.clone();
                self.begin(false, name, &text)?;
                Ok(Some(text))
            }
            (Some(Entity::External), Place::Content) => Ok(None),
            (Some(Entity::External), Place::AttributeValue) => {
                Err(format!("the entity `&{name};` is external, and must not be in an attribute value").into())
            }
            (Some(Entity::Unparsed), _) => Err(format!("the entity `&{name};` is not text").into()),
            (None, _) if !is_xml_name(name) => Err(format!("`&{name};` is not a reference").into()),
            (None, _) if self.has_external && !self.is_standalone => Ok(None),
            (None, _) => Err(format!("the entity `&{name};` is not known").into()),
        }
    }

    /// Starts reading the text of a parameter entity; `None` if it has none. [`Entities::leave`] ends it.
    pub(super) fn enter_parameter(&mut self, name: &str) -> Result<Option<Rc<str>>, ReadError> {
        match self.parameter.get(name) {
            Some(Entity::Text(text)) => {
                let text = text.clone();
                self.begin(true, name, &text)?;
                Ok(Some(text))
            }
            None if !is_xml_name(name) => Err(format!("`%{name};` is not a reference").into()),
            _ => {
                self.is_incomplete = true;
                Ok(None)
            }
        }
    }

    fn begin(&mut self, is_parameter: bool, name: &str, text: &str) -> Result<(), ReadError> {
        if self.open.iter().any(|(parameter, other)| *parameter == is_parameter && other == name) {
            return Err(format!("the entity `{name}` refers to itself").into());
        }
        if self.open.len() == MAX_ENTITY_DEPTH {
            return Err(format!("entities nest deeper than {MAX_ENTITY_DEPTH}").into());
        }
        self.expanded += text.len();
        if self.expanded > MAX_EXPANDED {
            return Err(format!("entities make more than {MAX_EXPANDED} bytes of text").into());
        }
        self.open.push((is_parameter, name.to_owned()));
        Ok(())
    }

    /// Ends reading the text of the innermost entity.
    pub(super) fn leave(&mut self) {
        self.open.pop();
    }

    /// Appends an attribute value with white space normalised and references resolved (XML 1.0 §3.3.3).
    pub(super) fn normalize(&mut self, value: &str, out: &mut String) -> Result<(), ReadError> {
        let mut rest = value;
        while let Some(at) = rest.find(['&', '<', '\t', '\n', '\r']) {
            out.push_str(&rest[..at]);
            let (special, after) = (rest.as_bytes()[at], &rest[at + 1..]);
            rest = match special {
                b'&' => {
                    let (name, after) = after.split_once(';').ok_or("`&` must be written as `&amp;`")?;
                    self.normalize_reference(name, out)?;
                    after
                }
                b'<' => return Err("`<` must be written as `&lt;` in an attribute value".into()),
                _ => {
                    out.push(' ');
                    after
                }
            };
        }
        out.push_str(rest);
        Ok(())
    }

    fn normalize_reference(&mut self, name: &str, out: &mut String) -> Result<(), ReadError> {
        if let Some(character) = character(name)? {
            out.push(character);
        } else if let Some(text) = self.enter(name, Place::AttributeValue)? {
            self.normalize(&text, out)?;
            self.leave();
        }
        Ok(())
    }
}

/// Returns the character of a reference: by its number, or as one of the five predefined entities. Returns `None` for a
/// reference to another entity.
pub(super) fn character(reference: &str) -> Result<Option<char>, ReadError> {
    let Some(number) = reference.strip_prefix('#') else {
        return Ok(match reference {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "apos" => Some('\''),
            "quot" => Some('"'),
            _ => None,
        });
    };
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // `from_str_radix` would accept a sign.
    let code = if digits.chars().all(|c| c.is_digit(radix)) {
        u32::from_str_radix(digits, radix).ok()
    } else {
        None
    };
    let is_allowed = |c: &char| forbidden_in_xml(c.encode_utf8(&mut [0; 4])).is_none();
    match code.and_then(char::from_u32).filter(is_allowed) {
        Some(character) => Ok(Some(character)),
        None => Err(format!("`&{reference};` is not a character of XML").into()),
    }
}
