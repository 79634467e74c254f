//! The body of most requests: an order with some items, in JSON and in XML.

use std::fmt::Write as _;

pub fn json(id: usize, items: usize) -> String {
    let items: Vec<String> =
        (0..items).map(|n| format!("{{\"sku\":\"SKU-{n}\",\"count\":{n},\"price\":{n}.5}}")).collect();
    format!("{{\"customer\":{{\"id\":{id},\"name\":\"Ada\"}},\"currency\":\"EUR\",\"items\":[{}]}}", items.join(","))
}

pub fn xml(id: usize, items: usize) -> String {
    let mut xml =
        format!("<order xmlns=\"urn:orders\"><customer id=\"{id}\">Ada</customer><currency>EUR</currency><items>");
    for n in 0..items {
        let _ = write!(xml, "<item sku=\"SKU-{n}\"><count>{n}</count><price>{n}.5</price></item>");
    }
    xml + "</items></order>"
}
