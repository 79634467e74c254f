//! Reads document types (XML 1.0 §2.8): entities and the types of attributes are declared, the rest is checked and skipped.
//!
//! Nothing external is fetched: neither the external subset nor external entities.

use crate::model::is_xml_name;

use super::declared::{attribute_list, element_type, notation};
use super::entities::{Entities, Entity, character};
use super::fault::{ReadError, shortened};
use super::scan::{QualifiedName, Scan, external_id, name};

/// Reads the text between `<!DOCTYPE`, with the white space after it, and the last `>`.
pub(super) fn document_type(text: &str, entities: &mut Entities) -> Result<(), ReadError> {
    let mut scan = Scan { rest: text };
    QualifiedName::parse(scan.before(|byte| matches!(byte, b'[' | b' ' | b'\t' | b'\n' | b'\r')))?;
    if scan.space() && external_id(&mut scan, false)? {
        entities.has_external = true;
        scan.space();
    }
    if scan.take("[") {
        subset(&mut scan, entities)?;
        if !scan.take("]") {
            return Err("the internal subset of a document type must end with `]`".into());
        }
        scan.space();
    }
    if !scan.rest.is_empty() {
        return Err("a document type must be a name, an address and a subset in `[]`".into());
    }
    Ok(())
}

/// Reads declarations up to `]` or the end.
fn subset(scan: &mut Scan<'_>, entities: &mut Entities) -> Result<(), ReadError> {
    loop {
        scan.space();
        if scan.rest.is_empty() || scan.rest.starts_with(']') {
            return Ok(());
        }
        if scan.take("%") {
            let name = scan.up_to(";").ok_or("`%` must begin a reference to a parameter entity")?;
            entities.has_external = true;
            if let Some(text) = entities.enter_parameter(name)? {
                let mut inner = Scan { rest: &text };
                subset(&mut inner, entities)?;
                if !inner.rest.is_empty() {
                    return Err(format!("the parameter entity `%{name};` is not declarations").into());
                }
                entities.leave();
            }
        } else if scan.take("<!--") {
            let comment = scan.up_to("--").ok_or("a comment in a document type is not closed")?;
            if !scan.take(">") {
                return Err(format!("`--` must not be in a comment, found after `{}`", shortened(comment)).into());
            }
        } else if scan.take("<?") {
            let text = scan.up_to("?>").ok_or("a processing instruction in a document type is not closed")?;
            instruction(text)?;
        } else {
            declaration(scan, entities)?;
        }
    }
}

/// Checks the text between `<?` and `?>`. Returns the target and the data.
pub(super) fn instruction(text: &str) -> Result<(&str, &str), ReadError> {
    let (target, after) = text.split_at(text.find([' ', '\t', '\n', '\r']).unwrap_or(text.len()));
    if target.eq_ignore_ascii_case("xml") {
        return Err("an XML declaration must be at the very beginning".into());
    }
    if !is_xml_name(target) {
        return Err(format!("`{target}` is not the target of a processing instruction").into());
    }
    Ok((target, after.trim_start_matches(super::scan::SPACE)))
}

fn declaration(scan: &mut Scan<'_>, entities: &mut Entities) -> Result<(), ReadError> {
    let unknown = || ReadError::from("a document type must hold declarations");
    if !scan.take("<!") {
        return Err(unknown());
    }
    let kind = scan.before(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'>' | b'%' | b'"' | b'\''));
    if !scan.space() {
        return Err(unknown());
    }
    match kind {
        "ENTITY" => entity(scan, entities)?,
        "ELEMENT" => element_type(scan)?,
        "ATTLIST" => attribute_list(scan, entities)?,
        "NOTATION" => notation(scan)?,
        _ => return Err(unknown()),
    }
    scan.space();
    if !scan.take(">") {
        return Err(format!("a declaration of {kind} is malformed").into());
    }
    Ok(())
}

/// Reads the text after `<!ENTITY` and white space.
fn entity(scan: &mut Scan<'_>, entities: &mut Entities) -> Result<(), ReadError> {
    let is_parameter = scan.take("%");
    if is_parameter && !scan.space() {
        return Err("white space must come after `%` in a declaration of an entity".into());
    }
    let name = name(scan)?;
    if !scan.space() {
        return Err(format!("white space must come after the name of the entity `{name}`").into());
    }
    let entity = match scan.quoted() {
        Some(value) => Entity::Text(replacement(value)?.into()),
        None if !external_id(scan, false)? => return Err(format!("the entity `{name}` must have a value").into()),
        None => {
            let mut ahead = *scan;
            if !is_parameter && ahead.space() && ahead.take("NDATA") {
                if !ahead.space() {
                    return Err("white space must come after `NDATA`".into());
                }
                self::name(&mut ahead)?;
                *scan = ahead;
                Entity::Unparsed
            } else {
                Entity::External
            }
        }
    };
    entities.declare(is_parameter, name, entity);
    Ok(())
}

/// Returns the replacement text of an entity: its value with character references resolved. References to entities are
/// resolved when the entity is used.
fn replacement(value: &str) -> Result<String, ReadError> {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find(['&', '%']) {
        text.push_str(&rest[..at]);
        if rest.as_bytes()[at] == b'%' {
            return Err("a parameter entity must not be in the value of an entity here".into());
        }
        let (reference, after) = rest[at + 1..].split_once(';').ok_or("`&` must begin a reference")?;
        match character(reference)? {
            Some(character) if reference.starts_with('#') => text.push(character),
            Some(_) => text.push_str(&rest[at..at + reference.len() + 2]),
            None if is_xml_name(reference) => text.push_str(&rest[at..at + reference.len() + 2]),
            None => return Err(format!("`&{};` is not a reference", shortened(reference)).into()),
        }
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}
