//! Finds path templates that are similar to a path, without comparing it with all of them.
//!
//! The texts of the templates are sorted twice: from the first character, and from the last. A template that differs from a
//! path in one place is near it in one of the two orders. The caller ranks what is found.

use crate::message::Request;

use super::CompiledPattern;
use super::path::TemplateSegment;

/// The numbers of patterns by the texts of their paths, in lower case.
#[derive(Debug, Default)]
pub struct NearPaths {
    forward: Vec<(String, usize)>,
    /// By the reversed texts.
    backward: Vec<(String, usize)>,
}

/// The number of neighbours on either side that are returned.
const NEIGHBOURS: usize = 12;
/// At most this many patterns are kept for each text: the first ones.
const MAX_PER_TEXT: usize = 4;
/// Represents a placeholder in the sorted texts.
const ANY: &str = "{}";

impl NearPaths {
    /// Sorts the templates of patterns, which must come lowest number first.
    pub fn new<'a>(patterns: impl Iterator<Item = (usize, &'a CompiledPattern)>) -> NearPaths {
        let texts = patterns.filter_map(|(number, pattern)| Some((text_of(pattern)?, number)));
        let forward = sorted(texts.collect());
        let backwards = forward.iter().map(|(text, number)| (reversed(text), *number));
        let backward = sorted(backwards.collect());
        NearPaths { forward, backward }
    }

    /// Returns the numbers of patterns whose path may be similar to that of the request, lowest first.
    pub fn near(&self, request: &Request) -> Vec<usize> {
        let sent = request.path();
        let path = request.segments().iter().map(|segment| segment.text(sent).unwrap_or_default());
        let path = path.map(|text| format!("/{text}")).collect::<String>().to_lowercase();
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        let mut found = Vec::new();
        for text in [path.clone(), format!("{above}/{ANY}")] {
            neighbours(&self.forward, &text, &mut found);
            neighbours(&self.backward, &reversed(&text), &mut found);
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn text_of(pattern: &CompiledPattern) -> Option<String> {
    let mut text = String::new();
    for segment in pattern.template()?.segments() {
        text.push('/');
        text.push_str(match segment {
            TemplateSegment::Fixed(fixed) => fixed,
            TemplateSegment::Param(_) | TemplateSegment::Rest(_) => ANY,
        });
    }
    Some(text.to_lowercase())
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

fn sorted(mut texts: Vec<(String, usize)>) -> Vec<(String, usize)> {
    texts.sort_unstable();
    let mut same = 0;
    let mut before = String::new();
    texts.retain(|(text, _)| {
        same = if *text == before { same + 1 } else { 0 };
        before.clone_from(text);
        same < MAX_PER_TEXT
    });
    texts
}

fn neighbours(sorted: &[(String, usize)], text: &str, found: &mut Vec<usize>) {
    let at = sorted.partition_point(|(other, _)| other.as_str() < text);
    let around = at.saturating_sub(NEIGHBOURS)..(at + NEIGHBOURS).min(sorted.len());
    found.extend(sorted[around].iter().map(|(_, number)| *number));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::model::Timestamp;
    use bytes::Bytes;

    use super::*;
    use crate::message::Head;
    use crate::model::{KeyPath, PathPattern, RequestPattern};

    fn near(templates: &[String], path: &str) -> Vec<String> {
        let compiled: Vec<_> = templates
            .iter()
            .map(|template| {
                let path = Some(PathPattern::Template { template: template.clone(), ignore_case: false });
                let pattern = RequestPattern { path, ..RequestPattern::default() };
                CompiledPattern::compile(&pattern, None, &Arc::default(), &KeyPath::top(), &mut Vec::new())
            })
            .collect();
        let request = Request::new(Head::compose("GET", path, []), Bytes::new(), None, Timestamp::UNIX_EPOCH);
        let near = NearPaths::new(compiled.iter().enumerate()).near(&request);
        near.into_iter().map(|number| templates[number].clone()).collect()
    }

    #[test]
    fn one_mistake_is_near_wherever_it_is_made() {
        let templates: Vec<String> =
            (0..2000).flat_map(|n| [format!("/shop{n}/orders/{{id}}"), format!("/item{n}")]).collect();
        for (path, meant) in [
            ("/shop1234/order/7", "/shop1234/orders/{id}"),
            ("/shop1234/orders/7/", "/shop1234/orders/{id}"),
            ("/v1/shop1234/orders/7", "/shop1234/orders/{id}"),
            ("/hop1234/orders/7", "/shop1234/orders/{id}"),
            ("/SHOP1234/Orders/7", "/shop1234/orders/{id}"),
            ("/item123x", "/item123"),
            ("/tem1234", "/item1234"),
            ("/it1234", "/item1234"),
        ] {
            let found = near(&templates, path);
            assert!(found.iter().any(|template| template == meant), "{path}: {found:?}");
            assert!(found.len() <= 4 * 2 * NEIGHBOURS);
        }
    }
}
