//! Masks values that a comparison must ignore: what a path selects becomes the same on both sides.

use crate::message::XmlDocument;
use crate::model::{Fault, Json, KeyPath};

use super::JsonPath;
use super::xpath::CompiledXPath;

/// Returns the JSON with null in all places that the paths select. A path that is not a valid JSONPath, or that takes too long,
/// selects nothing.
pub fn mask_json(json: &Json, paths: &[&str]) -> Json {
    let mut masked = json.clone();
    for path in paths.iter().filter_map(|path| JsonPath::compile(path).ok()) {
        for selected in path.locate(json).unwrap_or_default() {
            if let Some(value) = selected.places().into_iter().try_fold(&mut masked, child) {
                *value = Json::Null;
            }
        }
    }
    masked
}

fn child(json: &mut Json, place: usize) -> Option<&mut Json> {
    match json {
        Json::Object(members) => members.get_mut(place).map(|(_, value)| value),
        Json::Array(items) => items.get_mut(place),
        _ => None,
    }
}

/// Reports a path that would select nothing because it is not valid. A path that begins with `$` is a JSONPath, any other is an
/// XPath.
pub fn check_mask(path: &str, at: &KeyPath, faults: &mut Vec<Fault>) {
    if path.starts_with('$') {
        faults.extend(JsonPath::compile(path).err().map(|fault| fault.into_value_fault(at)));
    } else {
        faults.extend(CompiledXPath::read(&path.into(), &[]).err().map(|fault| {
            let is_undeclared_prefix = fault.is_undeclared_prefix;
            let fault = fault.into_value_fault(at);
            if is_undeclared_prefix { fault.with_help(NO_PREFIXES) } else { fault }
        }));
    }
}

const NO_PREFIXES: &str = "There are no prefixes here: select by `*[local-name() = 'Id']`.";

/// Returns the XML without the contents of the elements and attributes that the XPaths select.
pub fn mask_xml(document: &XmlDocument, paths: &[&str]) -> XmlDocument {
    let compiled = paths.iter().filter_map(|path| CompiledXPath::read(&(*path).into(), &[]).ok());
    // Each path sees what the paths before it have left.
    compiled.fold(document.clone(), |document, path| document.emptied(&path.locate(&document)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selected_values_are_masked() {
        let json = Json::parse(br#"{"a":[{"id":1,"b/c":2},{"id":3}]}"#).expect("JSON");

        let masked = mask_json(&json, &["$.a[*].id", "$.a[0]['b/c']", "no path"]);
        assert_eq!(masked.to_string(), r#"{"a":[{"id":null,"b/c":null},{"id":null}]}"#);
    }

    #[test]
    #[cfg(feature = "xpath")]
    fn elements_and_attributes_are_emptied() {
        let xml = XmlDocument::parse(b"<r><id x='1'>a</id><id x='2'><b/></id></r>").expect("XML");

        let masked = mask_xml(&xml, &["//id[2]", "/r/id[1]/@x"]);
        let expected = XmlDocument::parse(b"<r><id x=''>a</id><id x='2'></id></r>").expect("XML");
        assert_eq!(masked, expected);
    }
}
