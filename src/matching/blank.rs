//! Takes values out of a comparison: what a path selects is made the same on both sides.

use crate::message::XmlElement;
use crate::model::Json;

use super::xpath::blank_selected;

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
