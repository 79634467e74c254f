//! Takes values out of a comparison: what a path selects is made the same on both sides.

use crate::message::XmlElement;
use crate::model::{Fault, Json, KeyPath};

use super::xpath::{CompiledXPath, blank_selected};

/// The JSON with null in all places that the paths select. What cannot be read as a JSONPath selects nothing.
pub fn blank_json(json: &Json, paths: &[&str]) -> Json {
    if paths.is_empty() {
        return json.clone();
    }
    let mut places: Vec<String> = Vec::new();
    let value = json.to_serde();
    for path in paths.iter().filter_map(|path| serde_json_path::JsonPath::parse(path).ok()) {
        places.extend(path.query_located(&value).locations().map(|place| place.to_json_pointer()));
    }
    let mut blanked = json.clone();
    places.iter().for_each(|place| blank_at(&mut blanked, place.split('/').skip(1).collect::<Vec<_>>().as_slice()));
    blanked
}

/// Reports a path that would select nothing because it cannot be read: a JSONPath begins with `$`, the others are XPaths.
pub fn check_blank(path: &str, at: &KeyPath, faults: &mut Vec<Fault>) {
    if path.starts_with('$') {
        faults.extend(serde_json_path::JsonPath::parse(path).err().map(|error| {
            Fault::value(at, format!("not a JSONPath: {error}"))
                .helped("Write it as in RFC 9535, such as `$.items[0].id`.")
        }));
    } else {
        let mut found = Vec::new();
        CompiledXPath::compile(path, &[], at, &mut found);
        for fault in found {
            let without_prefixes = fault.message.contains("prefix");
            faults.push(if without_prefixes { fault.helped(NO_PREFIXES) } else { fault });
        }
    }
}

const NO_PREFIXES: &str = "There are no prefixes here: select by `*[local-name() = 'Id']`.";

/// Follows a JSON pointer (RFC 6901).
fn blank_at(json: &mut Json, pointer: &[&str]) {
    let Some((first, rest)) = pointer.split_first() else {
        *json = Json::Null;
        return;
    };
    let inner = match json {
        Json::Object(members) => {
            let name = first.replace("~1", "/").replace("~0", "~");
            members.iter_mut().find(|(key, _)| *key == name).map(|(_, value)| value)
        }
        Json::Array(items) => first.parse().ok().and_then(|place: usize| items.get_mut(place)),
        _ => None,
    };
    if let Some(inner) = inner {
        blank_at(inner, rest);
    }
}

/// The XML without the contents of the elements and attributes that the XPaths select.
pub fn blank_xml(root: &XmlElement, paths: &[&str]) -> XmlElement {
    paths.iter().fold(root.clone(), |root, path| blank_selected(root, path))
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
        let xml = XmlElement::parse(b"<r><id x='1'>a</id><id x='2'><b/></id></r>").expect("XML");

        let blanked = blank_xml(&xml, &["//id[2]", "/r/id[1]/@x"]);
        let expected = XmlElement::parse(b"<r><id x=''>a</id><id x='2'></id></r>").expect("XML");
        assert_eq!(blanked, expected);
    }
}
