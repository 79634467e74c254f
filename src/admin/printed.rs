//! Prints what is answered. A journal of ten thousand requests takes a while, so that there are places to rest.

use serde_core::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

use crate::aside::{let_go, rest};
use crate::model::Json;

/// A body as it is sent: on several lines, for people.
pub(super) fn printed(json: Json) -> String {
    let mut text = serde_json::to_string_pretty(&InPieces(&json)).expect("a tree of our own always serialises");
    text.push('\n');
    if let Json::Object(members) = json {
        let lists = members.into_iter().filter_map(|(_, member)| match member {
            Json::Array(items) => Some(items),
            _ => None,
        });
        let_go(lists.flatten());
    }
    text
}

/// A value with a place to rest at each item of its lists.
struct InPieces<'a>(&'a Json);

impl Serialize for InPieces<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Json::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, &InPieces(value))?;
                }
                map.end()
            }
            Json::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    rest();
                    list.serialize_element(item)?;
                }
                list.end()
            }
            leaf => leaf.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;
    use crate::aside::aside;

    fn long() -> Json {
        let item = |number: usize| {
            Json::from([("id", number.into()), ("list", Json::Array(vec![Json::Null])), ("text", "é\n".into())])
        };
        let requests = Json::Array((0..20_000).map(item).collect());
        Json::from([
            ("requests", requests),
            ("none", Json::Array(Vec::new())),
            ("meta", Json::from([("total", 7.into())])),
        ])
    }

    #[test]
    fn it_is_what_a_tree_prints() {
        assert_eq!(printed(long()), format!("{}\n", long().pretty()));
        assert_eq!(printed(Json::Null), "null\n");
    }

    #[test]
    fn what_is_long_is_printed_in_pieces() {
        let asked = Rc::new(Cell::new(0));
        let counted = asked.clone();
        let served = move || counted.replace(counted.get() + 1);

        aside(served, || printed(long()));

        assert!(asked.get() > 2, "once before the first piece, and once after each");
    }
}
