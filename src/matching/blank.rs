//! Takes values out of a comparison: what a path selects is made the same on both sides.

use crate::message::XmlDocument;
use crate::model::{Fault, Json, KeyPath};

use super::JsonPath;
use super::xpath::CompiledXPath;

/// The JSON with null in all places that the paths select. What is no JSONPath, or one that takes too long, selects
/// nothing.
pub fn blank_json(json: &Json, paths: &[&str]) -> Json {
    let mut blanked = json.clone();
    for path in paths.iter().filter_map(|path| JsonPath::compile(path).ok()) {
        for selected in path.locate(json).unwrap_or_default() {
            if let Some(value) = selected.places().into_iter().try_fold(&mut blanked, child) {
                *value = Json::Null;
            }
        }
    }
    blanked
}

fn child(json: &mut Json, place: usize) -> Option<&mut Json> {
    match json {
        Json::Object(members) => members.get_mut(place).map(|(_, value)| value),
        Json::Array(items) => items.get_mut(place),
        _ => None,
    }
}

/// Reports a path that would select nothing because it cannot be read: a JSONPath begins with `$`, the others are XPaths.
pub fn check_blank(path: &str, at: &KeyPath, faults: &mut Vec<Fault>) {
    if path.starts_with('$') {
        faults.extend(JsonPath::compile(path).err().map(|fault| fault.of_value(at)));
    } else {
        faults.extend(CompiledXPath::read(&path.into(), &[]).err().map(|fault| {
            let is_prefix = fault.is_prefix;
            let fault = fault.of_value(at);
            if is_prefix { fault.helped(NO_PREFIXES) } else { fault }
        }));
    }
}

const NO_PREFIXES: &str = "There are no prefixes here: select by `*[local-name() = 'Id']`.";

/// The XML without the contents of the elements and attributes that the XPaths select.
pub fn blank_xml(document: &XmlDocument, paths: &[&str]) -> XmlDocument {
    let compiled = paths.iter().filter_map(|path| CompiledXPath::read(&(*path).into(), &[]).ok());
    // Each looks at what the ones before it have left.
    compiled.fold(document.clone(), |document, path| document.emptied(&path.locate(&document)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_selected_is_blank() {
        let json = Json::parse(br#"{"a":[{"id":1,"b/c":2},{"id":3}]}"#).expect("JSON");

        let blanked = blank_json(&json, &["$.a[*].id", "$.a[0]['b/c']", "no path"]);
        assert_eq!(blanked.to_string(), r#"{"a":[{"id":null,"b/c":null},{"id":null}]}"#);
    }

    #[test]
    #[cfg(feature = "xpath")]
    fn elements_and_attributes_are_emptied() {
        let xml = XmlDocument::parse(b"<r><id x='1'>a</id><id x='2'><b/></id></r>").expect("XML");

        let blanked = blank_xml(&xml, &["//id[2]", "/r/id[1]/@x"]);
        let expected = XmlDocument::parse(b"<r><id x=''>a</id><id x='2'></id></r>").expect("XML");
        assert_eq!(blanked, expected);
    }
}
