//! The cost of requests with very many parts: ten times as many parts must cost at most little more than ten times as much.

use std::fmt::Display;
use std::sync::Arc;

use cannery::formats::NoFiles;
use cannery::message::Request;

use crate::budget::Counts;
use crate::exchange::{Explained, answering, loaded, post};
use crate::measured::{Hit, Kind, Task};

/// A number of parts, and ten times as many.
const MANY: [usize; 2] = [500, 5000];

/// Ten times as many parts may cost this many times as much. Sorting and growing cost a little more than ten times as much, and
/// quadratic work costs a hundred times as much.
const MOST: u64 = 15;

/// A kind of part, and a request with a number of such parts.
type Shape = (&'static str, fn(usize) -> Request);

const SHAPES: [Shape; 16] = [
    ("parts: a query's parameters", |n| post(&format!("/query?a7=v7&{}", pairs(n, "&")), &[], String::new())),
    (HEADERS, headers),
    ("parts: cookies", |n| post("/cookies", &[("Cookie", &pairs(n, "; "))], String::new())),
    ("parts: a form's fields", |n| post("/form", &[("Content-Type", FORM)], pairs(n, "&"))),
    ("parts: a multipart body's", |n| post("/multipart", &[("Content-Type", MULTIPART)], multipart(n))),
    ("parts: an object's members", |n| {
        json("/members", &format!("{{{}}}", listed(n, |n| format!("\"a{n}\":\"v{n}\""))))
    }),
    ("parts: items, some of which are included", |n| json("/includes", &items(n))),
    ("parts: values, some of which are included", |n| json("/values", &items(n))),
    ("parts: items that a filter looks at", |n| json("/filter", &items(n))),
    ("parts: items in a loop", |n| json("/loop", &items(n))),
    ("parts: a batch in JSON", |n| json("/batch", &items(n))),
    ("parts: a batch in XML", |n| xml("/batch", n, |n| format!("<items>v{n}</items>"))),
    ("parts: elements of a document", |n| xml("/document", n, |n| format!("<item>v{n}</item>"))),
    ("parts: elements, each of its own name", |n| xml("/names", n, |n| format!("<a{n}>v{n}</a{n}>"))),
    ("parts: elements that XPath looks at", |n| xml("/xpath", n, |n| format!("<item>v{n}</item>"))),
    ("parts: what a client accepts", |n| {
        post("/accept", &[("Accept", &listed(n, |n| format!("a/b{n};q=0.5")))], String::new())
    }),
];

const HEADERS: &str = "parts: headers";
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=b";

pub fn kind() -> Kind {
    Kind { name: "parts", tasks: Box::new(|_| tasks()) }
}

fn tasks() -> Vec<Task> {
    let set = Arc::new(loaded(include_str!("parts.toml"), &NoFiles));
    let task = |(name, request): Shape, many: usize| {
        let task =
            Task::new(name, answering(set.clone(), move || request(many), Explained::No, 200)).of(many, Hit::First);
        // Most of the cost of headers is in the journal, whose pages must have been written a few times before.
        if name == HEADERS { task } else { task.dear() }
    };
    SHAPES.into_iter().flat_map(|shape| MANY.map(|many| task(shape, many))).collect()
}

/// Returns the rows whose cost grows too fast with the number of parts.
pub fn superlinear(counts: &Counts) -> Vec<String> {
    let label = |name: &str, many| format!("{name}\t{many}\t{}", Hit::First.name());
    let report = |(name, _): &Shape| {
        let [few, many] = MANY.map(|many| counts.get(&label(name, many)).copied());
        let (few, many) = few.zip(many)?;
        let text = || format!("{name}: {} cost {few} instructions, and {} cost {many}", MANY[0], MANY[1]);
        (many > few * MOST).then(text)
    };
    SHAPES.iter().filter_map(report).collect()
}

fn listed<T: Display>(count: usize, part: impl Fn(usize) -> T) -> String {
    (0..count).map(|number| format!("{}{}", if number == 0 { "" } else { "," }, part(number))).collect()
}

fn pairs(count: usize, between: &str) -> String {
    (0..count).map(|number| format!("{}a{number}=v{number}", if number == 0 { "" } else { between })).collect()
}

fn items(count: usize) -> String {
    format!("{{\"items\":[{}]}}", listed(count, |number| format!("\"v{number}\"")))
}

fn multipart(count: usize) -> String {
    let part = |number| format!("--b\r\nContent-Disposition: form-data; name=\"a{number}\"\r\n\r\nv{number}\r\n");
    (0..count).map(part).chain(["--b--\r\n".to_owned()]).collect()
}

fn headers(count: usize) -> Request {
    let headers: Vec<(String, String)> =
        (0..count).map(|number| (format!("a{number}"), format!("v{number}"))).collect();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    post("/headers", &headers, String::new())
}

fn json(path: &str, text: &str) -> Request {
    post(path, &[("Content-Type", "application/json")], text.to_owned())
}

fn xml(path: &str, count: usize, element: impl Fn(usize) -> String) -> Request {
    let elements: String = (0..count).map(element).collect();
    post(path, &[("Content-Type", "application/xml")], format!("<r>{elements}</r>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_that_grows_faster_than_its_parts_is_reported() {
        let count = |first: u64, second: u64| {
            let label = |many| format!("{}\t{many}\tfirst", SHAPES[0].0);
            Counts::from([(label(MANY[0]), first), (label(MANY[1]), second)])
        };

        assert!(superlinear(&count(100, 1500)).is_empty());
        assert_eq!(
            superlinear(&count(100, 1501)),
            ["parts: a query's parameters: 500 cost 100 instructions, and 5000 cost 1501"]
        );
    }

    #[test]
    fn each_shape_has_its_rows() {
        let labels: Vec<String> = tasks().iter().map(Task::label).collect();

        let wanted = |name, many| format!("{name}\t{many}\tfirst");
        assert!(SHAPES.iter().all(|(name, _)| MANY.iter().all(|many| labels.contains(&wanted(name, many)))));
    }
}
