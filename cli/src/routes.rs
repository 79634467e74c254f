//! The routes of a set of stubs, each with a URL to try.

use std::borrow::Cow;
use std::collections::HashSet;

use cannery::check::Catalogue;
use cannery::matching::PathTemplate;
use cannery::message::{encode_segment, is_secret};
use cannery::model::{Json, Matcher, Operator, PathPattern, Scenario, Stub};

/// One method on one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method, or `ANY`.
    pub method: String,
    /// Path and query with their values; `None` if no target of the stub is known.
    pub target: Option<String>,
    /// The stub's name, file and line.
    pub stub: String,
}

/// Returns the first `most` pairs of method and path, each once, in the order of the files; and how many pairs there are.
///
/// URLs are searched only for the returned routes, because a search may read every example.
pub fn routes(catalogue: &Catalogue, most: usize) -> (Vec<Route>, usize) {
    let (mut routes, mut known) = (Vec::new(), HashSet::new());
    let any = [String::from("ANY")];
    for scenario in &catalogue.scenarios {
        for stub in &scenario.stubs {
            let pattern = match &stub.request.path {
                Some(PathPattern::Template { template, .. }) => Cow::Borrowed(template.as_str()),
                _ => Cow::Owned(label(stub)),
            };
            for method in stub.request.method.as_deref().unwrap_or(&any) {
                if known.insert((method.as_str(), pattern.clone())) && routes.len() < most {
                    routes.push(Route { method: method.clone(), target: url(scenario, stub), stub: label(stub) });
                }
            }
        }
    }
    (routes, known.len())
}

/// Returns the stub's name, file and line.
fn label(stub: &Stub) -> String {
    format!("{} ({}:{})", stub.display_name(), stub.place.file, stub.place.line)
}

fn url(scenario: &Scenario, stub: &Stub) -> Option<String> {
    match &stub.request.path {
        Some(PathPattern::Template { template, ignore_case }) => {
            let template = PathTemplate::parse(template, *ignore_case).ok()?;
            Some(target(scenario, stub, &template))
        }
        _ => from_example_of(scenario, &stub.display_name()),
    }
}

fn target(scenario: &Scenario, stub: &Stub, template: &PathTemplate) -> String {
    let path = template.fill(|name| match is_secret(name) {
        true => Some("...".to_owned()),
        false => parameter_value(&stub.request.path_params, name).or_else(|| from_examples(scenario, template, name)),
    });
    let query: Vec<String> = stub.request.query.iter().filter_map(parameter).collect();
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

fn parameter_value(named: &[(String, Matcher)], name: &str) -> Option<String> {
    named.iter().find(|(key, _)| key == name).and_then(|(_, matcher)| matching_value(matcher))
}

/// Returns a value that a matcher accepts, if one is known.
fn matching_value(matcher: &Matcher) -> Option<String> {
    matcher.operators.iter().find_map(|operator| match operator {
        Operator::Equals(Json::String(text)) => Some(text.clone()),
        Operator::Equals(json) => Some(json.to_string()),
        Operator::OneOf(options) => options.first().map(|json| json.as_str().map_or(json.to_string(), str::to_owned)),
        _ => None,
    })
}

/// Returns a parameter that the query must have, as `name=value`.
fn parameter((name, matcher): &(String, Matcher)) -> Option<String> {
    let only_absent =
        matcher.operators.iter().any(|operator| matches!(operator, Operator::Present(false) | Operator::Not(_)));
    if only_absent {
        return None;
    }
    let value = matching_value(matcher).map_or("...".to_owned(), |value| encode_segment(&value));
    Some(format!("{}={value}", encode_segment(name)))
}

/// Returns the URL of an example that expects the stub, for stubs whose path is not a template.
fn from_example_of(scenario: &Scenario, name: &str) -> Option<String> {
    let example = scenario.examples.iter().find(|example| example.stub.as_deref() == Some(name))?;
    Some(example.request.url.clone())
}

/// Returns the value that an example of the scenario has for a placeholder.
fn from_examples(scenario: &Scenario, template: &PathTemplate, name: &str) -> Option<String> {
    scenario.examples.iter().find_map(|example| {
        let path = example.request.url.split('?').next()?;
        template.values_in(path)?.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    })
}
