//! The cost of parsing a body: JSON, XML, and XML as a document.

use cannery::message::{Document, XmlDocument};
use cannery::model::Json;

use crate::measured::{Kind, Task};
use crate::orders;

/// The number of items of an order of some 320 bytes in JSON, and of one of 64 KiB.
const FEW: usize = 7;
const MANY: usize = 1475;

pub fn kind() -> Kind {
    Kind { name: "documents", tasks: Box::new(|_| tasks()) }
}

fn tasks() -> Vec<Task> {
    let document = |xml: String| {
        let read = XmlDocument::parse(xml.as_bytes()).expect("XML");
        move || Document::from_xml(read.root(), &[("items".to_owned(), "item".to_owned())])
    };
    vec![
        Task::again("documents: JSON of 320 bytes", json(orders::json(7, FEW))),
        Task::again("documents: JSON of 64 KiB", json(orders::json(7, MANY))).dear(),
        Task::again("documents: XML of the same few items", xml(orders::xml(7, FEW))),
        Task::again("documents: XML of the same many items", xml(orders::xml(7, MANY))).dear(),
        Task::again("documents: a document of the XML of few", document(orders::xml(7, FEW))),
        Task::again("documents: a document of the XML of many", document(orders::xml(7, MANY))).dear(),
    ]
}

fn json(text: String) -> impl Fn() -> Json {
    move || Json::parse(text.as_bytes()).expect("JSON")
}

fn xml(text: String) -> impl Fn() -> XmlDocument {
    move || XmlDocument::parse(text.as_bytes()).expect("XML")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_as_long_as_their_rows_say() {
        assert_eq!(orders::json(7, FEW).len() / 10, 32);
        assert_eq!(orders::json(7, MANY).len() / 1024, 64);
    }
}
