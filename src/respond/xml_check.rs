//! Finds, at load, the reasons why a document cannot be written as XML.
//!
//! At that time the strings are still templates. Their rendered text is checked when it is written.

use crate::model::{Fault, Json, KeyPath, XmlForm};

use super::value_ref::leaf_text;
use super::xml::{NotXml, check_name, check_text, item_name, nameless_items, not_a_leaf};

/// Traverses documents like the writer, and collects every fault instead of stopping at the first.
pub(super) struct XmlCheck<'c> {
    pub(super) form: &'c XmlForm,
    pub(super) faults: &'c mut Vec<Fault>,
}

impl XmlCheck<'_> {
    /// Checks a document: the content of the root element.
    pub(super) fn document(&mut self, document: &Json, at: &KeyPath) {
        let root = &self.form.root;
        if matches!(document, Json::Array(_)) && item_name(self.form, root).is_none() {
            let help = format!("Name them: `representation.xml.lists.{root} = \"Item\"`.");
            self.faults.push(fault(at, &nameless_items(root)).with_help(help));
            return;
        }
        self.value(root, document, at);
    }

    /// Checks the members of an object.
    pub(super) fn members(&mut self, members: &[(String, Json)], at: &KeyPath) {
        for (name, value) in members {
            self.member(name, value, &at.key(name));
        }
    }

    /// Checks a member of an object, by its name.
    pub(super) fn member(&mut self, name: &str, value: &Json, at: &KeyPath) {
        if name == "#text" {
            return self.leaf(name, value, at);
        }
        let element = name.strip_prefix('@').unwrap_or(name);
        self.name(element, at);
        match value {
            _ if element != name => self.leaf(name, value, at),
            Json::Array(items) if item_name(self.form, name).is_none() => {
                for (place, item) in items.iter().enumerate() {
                    self.value(name, item, &at.index(place));
                }
            }
            _ => self.value(name, value, at),
        }
    }

    /// Checks the content of the element with a name.
    pub(super) fn value(&mut self, name: &str, value: &Json, at: &KeyPath) {
        match value {
            Json::Object(members) => self.members(members, at),
            Json::Array(items) => match item_name(self.form, name) {
                Some(item) => {
                    for (place, value) in items.iter().enumerate() {
                        self.value(item, value, &at.index(place));
                    }
                }
                None => self.faults.push(fault(at, &nameless_items(name)).with_help(
                    "Give the outer list's items a name in `representation.xml.lists`, and those of the inner list too.",
                )),
            },
            leaf => self.leaf(name, leaf, at),
        }
    }

    /// Checks a member's name.
    pub(super) fn name(&mut self, name: &str, at: &KeyPath) {
        if let Err(why) = check_name(name, self.form) {
            let label = "cannot be written as XML";
            self.faults.push(Fault::key(at, why.0).with_label(label).with_help(NAME_HELP));
        }
    }

    fn leaf(&mut self, name: &str, value: &Json, at: &KeyPath) {
        let checked = leaf_text(value).ok_or_else(|| not_a_leaf(name)).and_then(|text| check_text(&text));
        self.faults.extend(checked.err().map(|why| fault(at, &why)));
    }
}

const NAME_HELP: &str = "A name begins with a letter or `_`, goes on with letters, digits, `-`, `_` and `.`, and may \
have a prefix that `representation.xml.prefixes` declares.";

fn fault(at: &KeyPath, why: &NotXml) -> Fault {
    Fault::value(at, why.0.clone()).with_label("cannot be written as XML")
}
