//! Checks the declarations of elements, attributes and notations in a document type (XML 1.0 §3.2, §3.3, §4.7).
//!
//! Only the types of attributes have an effect: white space in tokens is normalised more strictly. Default values are
//! checked, and not added.

use super::MAX_DEPTH;
use super::entities::{Declared, Entities};
use super::fault::ReadError;
use super::scan::{QualifiedName, Scan, external_id, name};

fn ends_name(byte: u8) -> bool {
    b" \t\n\r>()|,?*+%".contains(&byte)
}

/// Reads the text after `<!ELEMENT` and white space.
pub(super) fn element_type(scan: &mut Scan<'_>) -> Result<(), ReadError> {
    let name = QualifiedName::parse(scan.before(ends_name))?.text;
    if !scan.space() {
        return Err(malformed(name));
    }
    if scan.take("EMPTY") || scan.take("ANY") {
        return Ok(());
    }
    let mut ahead = *scan;
    if ahead.take("(") {
        ahead.space();
        if ahead.take("#PCDATA") {
            *scan = ahead;
            return mixed(scan, name);
        }
    }
    content_model(scan, name)
}

fn malformed(name: &str) -> ReadError {
    format!("the declaration of the element `{name}` is malformed").into()
}

/// Reads the text after `(#PCDATA`.
fn mixed(scan: &mut Scan<'_>, element: &str) -> Result<(), ReadError> {
    let mut has_names = false;
    loop {
        scan.space();
        if scan.take(")") {
            return if scan.take("*") || !has_names { Ok(()) } else { Err(malformed(element)) };
        }
        if !scan.take("|") {
            return Err(malformed(element));
        }
        scan.space();
        QualifiedName::parse(scan.before(ends_name))?;
        has_names = true;
    }
}

/// Reads a group of names and groups. The group is either a sequence or a choice.
fn content_model(scan: &mut Scan<'_>, element: &str) -> Result<(), ReadError> {
    // The separator of each open group, once it is known.
    let mut open: Vec<Option<&str>> = Vec::new();
    loop {
        scan.space();
        if scan.take("(") {
            open.push(None);
            if open.len() > MAX_DEPTH {
                return Err(format!("groups nest deeper than {MAX_DEPTH}").into());
            }
            continue;
        }
        if open.is_empty() {
            return Err(malformed(element));
        }
        QualifiedName::parse(scan.before(ends_name))?;
        repetition(scan);
        while let Some(separator) = open.last_mut() {
            scan.space();
            if scan.take(")") {
                open.pop();
                repetition(scan);
                continue;
            }
            let next = [",", "|"].into_iter().find(|next| scan.take(next)).ok_or_else(|| malformed(element))?;
            if separator.is_some_and(|separator| separator != next) {
                return Err(malformed(element));
            }
            *separator = Some(next);
            break;
        }
        if open.is_empty() {
            return Ok(());
        }
    }
}

fn repetition(scan: &mut Scan<'_>) {
    let _ = scan.take("?") || scan.take("*") || scan.take("+");
}

/// Reads the text after `<!ATTLIST` and white space.
pub(super) fn attribute_list(scan: &mut Scan<'_>, entities: &mut Entities) -> Result<(), ReadError> {
    let element = QualifiedName::parse(scan.before(ends_name))?.text;
    let wrong =
        || ReadError::from(format!("the attributes of the element `{element}` are declared in a malformed way"));
    let mut declared = Declared::new();
    loop {
        let is_apart = scan.space();
        if scan.rest.starts_with('>') {
            entities.declare_attributes(element, declared);
            return Ok(());
        }
        if !is_apart {
            return Err(wrong());
        }
        let name = QualifiedName::parse(scan.before(ends_name))?.text;
        if !scan.space() {
            return Err(wrong());
        }
        let is_tokens = !scan.rest.starts_with("CDATA");
        if !attribute_type(scan)? || !scan.space() || !default_value(scan, entities)? {
            return Err(wrong());
        }
        declared.entry(name.to_owned()).or_insert(is_tokens);
    }
}

const TYPES: [&str; 8] = ["CDATA", "IDREFS", "IDREF", "ID", "ENTITIES", "ENTITY", "NMTOKENS", "NMTOKEN"];

fn attribute_type(scan: &mut Scan<'_>) -> Result<bool, ReadError> {
    if TYPES.iter().any(|kind| scan.take(kind)) {
        return Ok(true);
    }
    if scan.take("NOTATION") && !scan.space() {
        return Ok(false);
    }
    if !scan.take("(") {
        return Ok(false);
    }
    loop {
        scan.space();
        let token = scan.before(ends_name);
        // A token is a name that may begin with any of its characters.
        if token.is_empty() || !token.split(':').all(|part| QualifiedName::parse(&format!("a{part}")).is_ok()) {
            return Ok(false);
        }
        scan.space();
        if scan.take(")") {
            return Ok(true);
        }
        if !scan.take("|") {
            return Ok(false);
        }
    }
}

fn default_value(scan: &mut Scan<'_>, entities: &mut Entities) -> Result<bool, ReadError> {
    if scan.take("#REQUIRED") || scan.take("#IMPLIED") {
        return Ok(true);
    }
    if scan.take("#FIXED") && !scan.space() {
        return Ok(false);
    }
    let Some(value) = scan.quoted() else { return Ok(false) };
    entities.normalize(value, &mut String::new())?;
    Ok(true)
}

/// Reads the text after `<!NOTATION` and white space.
pub(super) fn notation(scan: &mut Scan<'_>) -> Result<(), ReadError> {
    let name = name(scan)?;
    if !scan.space() || !external_id(scan, true)? {
        return Err(format!("the declaration of the notation `{name}` is malformed").into());
    }
    Ok(())
}
