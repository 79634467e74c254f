//! The examples of the shipped scenarios pass, and fail if any part of what they expect is changed.

#![cfg(all(feature = "admin", feature = "check", feature = "gzip", feature = "templates", feature = "xpath"))]
#![allow(missing_docs)]

mod support;

use cannery::check::{Catalogue, load, play_all};
use cannery::message::{XmlDocument, XmlElement, XmlNode};
use cannery::model::{Example, ExampleBody, Json, Number};
use support::{Folder, repository};

fn shipped() -> Catalogue {
    load(&[repository("scenarios")]).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

fn failures(catalogue: &Catalogue) -> Vec<String> {
    let played = play_all(&catalogue.scenarios, &catalogue.stubs);
    let failed = played.into_iter().filter(|played| !played.mismatches.is_empty());
    failed.map(|played| format!("{}: {:?}", played.name, played.mismatches)).collect()
}

#[test]
fn all_of_them_pass() {
    assert_eq!(failures(&shipped()), [""; 0]);
}

/// Returns every JSON value that differs from this one in one name, string, number, boolean or element.
fn json_mutants(json: &Json) -> Vec<Json> {
    let mut mutants = Vec::new();
    match json {
        Json::Null => mutants.push(Json::Bool(false)),
        Json::Bool(truth) => mutants.push(Json::Bool(!truth)),
        Json::Number(_) => mutants.push(Json::Number(Number::Integer(-12_345))),
        Json::String(text) => {
            mutants.push(Json::String(format!("{text}x")));
            mutants.push(Json::String(text.to_lowercase() + " "));
        }
        Json::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                let with = |changed: Vec<Json>| {
                    let mut all = items.clone();
                    all.splice(place..=place, changed);
                    Json::Array(all)
                };
                mutants.push(with(vec![]));
                mutants.push(with(vec![item.clone(), item.clone()]));
                mutants.extend(json_mutants(item).into_iter().map(|mutant| with(vec![mutant])));
            }
            if items.len() > 1 && !items[0].same(&items[1]) {
                mutants.push(Json::Array([&[items[1].clone(), items[0].clone()], &items[2..]].concat()));
            }
        }
        Json::Object(members) => {
            for (place, (name, value)) in members.iter().enumerate() {
                let with = |changed: Vec<(String, Json)>| {
                    let mut all = members.clone();
                    all.splice(place..=place, changed);
                    Json::Object(all)
                };
                mutants.push(with(vec![]));
                mutants.push(with(vec![(format!("{name}x"), value.clone())]));
                mutants.extend(json_mutants(value).into_iter().map(|mutant| with(vec![(name.clone(), mutant)])));
            }
        }
    }
    mutants
}

/// An XML element that can be changed.
#[derive(Clone, PartialEq)]
struct Element {
    namespace: String,
    local: String,
    children: Vec<Child>,
}

#[derive(Clone, PartialEq)]
enum Child {
    Element(Element),
    Text(String),
}

fn to_element(element: XmlElement<'_>) -> Element {
    let name = element.name();
    let children = element.children().map(|child| match child {
        XmlNode::Element(inner) => Child::Element(to_element(inner)),
        XmlNode::Text(text) => Child::Text(text.into_owned()),
    });
    Element {
        namespace: name.namespace.unwrap_or_default().to_owned(),
        local: name.local.to_owned(),
        children: children.collect(),
    }
}

/// Returns every XML element that differs from this one in one name, text or element, or in the order of two elements.
fn xml_mutants(element: &Element) -> Vec<Element> {
    let mut renamed = element.clone();
    renamed.local.push('x');
    let mut moved = element.clone();
    moved.namespace = "elsewhere".to_owned();
    let mut mutants = vec![renamed, moved];
    for (place, child) in element.children.iter().enumerate() {
        let with = |changed: Vec<Child>| {
            let mut mutant = element.clone();
            mutant.children.splice(place..=place, changed);
            mutant
        };
        match child {
            Child::Text(text) if !text.trim().is_empty() => mutants.push(with(vec![Child::Text(format!("{text}x"))])),
            Child::Text(_) => {}
            Child::Element(inner) => {
                mutants.push(with(vec![]));
                mutants.push(with(vec![child.clone(), child.clone()]));
                mutants.extend(xml_mutants(inner).into_iter().map(|mutant| with(vec![Child::Element(mutant)])));
            }
        }
    }
    let elements: Vec<usize> =
        (0..element.children.len()).filter(|place| matches!(element.children[*place], Child::Element(_))).collect();
    for pair in elements.windows(2).filter(|pair| element.children[pair[0]] != element.children[pair[1]]) {
        let mut swapped = element.clone();
        swapped.children.swap(pair[0], pair[1]);
        mutants.push(swapped);
    }
    mutants
}

fn to_xml(element: &Element) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let namespace = &element.namespace;
    let inside: String = element
        .children
        .iter()
        .map(|child| match child {
            Child::Text(text) => escaped(text),
            Child::Element(inner) => to_xml(inner),
        })
        .collect();
    format!("<{0} xmlns=\"{namespace}\">{inside}</{0}>", element.local)
}

fn mutants(body: &ExampleBody) -> Vec<ExampleBody> {
    match body {
        ExampleBody::Json(json) => json_mutants(json).into_iter().map(ExampleBody::Json).collect(),
        ExampleBody::Xml(text) => {
            let document = XmlDocument::parse_text(text).expect("XML");
            xml_mutants(&to_element(document.root())).iter().map(|mutant| ExampleBody::Xml(to_xml(mutant))).collect()
        }
        ExampleBody::Text(text) => vec![ExampleBody::Text(format!("{text}x"))],
        ExampleBody::File(name, bytes) => vec![ExampleBody::File(name.clone(), [&bytes[..], b"x"].concat().into())],
        ExampleBody::Base64(_) => Vec::new(),
    }
}

#[test]
fn an_example_fails_if_any_part_of_what_it_expects_is_changed() {
    let mut catalogue = shipped();
    let mut tried = 0;
    for scenario in &mut catalogue.scenarios {
        let examples = std::mem::take(&mut scenario.examples);
        for example in &examples {
            let mut variants: Vec<Example> = Vec::new();
            if let Some(status) = example.response.status {
                let mut variant = example.clone();
                variant.response.status = Some(status + 1);
                variants.push(variant);
            }
            for body in example.response.body.iter().flat_map(mutants) {
                let mut variant = example.clone();
                variant.response.body = Some(body);
                variants.push(variant);
            }
            // The other examples stay unchanged, because this one may be played after them.
            let earlier: Vec<Example> = examples.iter().filter(|other| other.name != example.name).cloned().collect();
            for variant in variants {
                let name = variant.name.clone();
                let shown = format!("{:?}", variant.response);
                let only = cannery::model::Scenario {
                    examples: earlier.iter().cloned().chain([variant]).collect(),
                    ..scenario.clone()
                };
                let played = play_all(&[only], &catalogue.stubs);
                let has_failed = played.iter().any(|played| played.name == name && !played.mismatches.is_empty());
                assert!(has_failed, "`{name}` still passes when it expects {shown}");
                tried += 1;
            }
        }
        scenario.examples = examples;
    }
    assert!(tried > 400, "only {tried} changes were tried");
}

#[test]
fn an_example_may_expect_a_stub_of_another_scenario() {
    let folder = Folder::new();
    folder.write("a.toml", "[[example]]\nstub = 'b/late'\nrequest.url = '/'\nresponse.status = 503\n");
    folder.write("b.toml", "[[stub]]\nname = 'late'\non_demand = true\nresponse.status = 503\n");
    let catalogue = load(std::slice::from_ref(&folder.path)).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));

    let played = play_all(&catalogue.scenarios, &catalogue.stubs);

    assert_eq!(played[0].mismatches, []);
}
