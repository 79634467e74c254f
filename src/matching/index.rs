//! Finds the patterns whose path may be that of a request, without asking all of them.
//!
//! A trie over the segments of path templates. It gives a superset of what matches, in order; each candidate is
//! still asked all of its conditions.

use std::collections::HashMap;

use crate::message::{Request, Segment};

use super::PathTemplate;
use super::path::TemplateSegment;

/// Numbers of patterns by their path templates.
#[derive(Debug, Default)]
pub struct PathIndex {
    root: Node,
    /// Patterns without a template, which any path may satisfy.
    anywhere: Vec<usize>,
}

#[derive(Debug, Default)]
struct Node {
    exact: HashMap<String, Node>,
    /// By lower case.
    any_case: HashMap<String, Node>,
    one: Option<Box<Node>>,
    rest: Vec<usize>,
    here: Vec<usize>,
}

impl PathIndex {
    /// Adds a pattern under its number.
    pub fn insert(&mut self, template: Option<&PathTemplate>, number: usize) {
        let Some(template) = template else {
            self.anywhere.push(number);
            return;
        };
        let mut node = &mut self.root;
        for segment in &template.segments {
            node = match segment {
                TemplateSegment::Fixed(text) if template.ignore_case => node.any_case.entry(text.clone()).or_default(),
                TemplateSegment::Fixed(text) => node.exact.entry(text.clone()).or_default(),
                TemplateSegment::Param(_) => node.one.get_or_insert_default(),
                TemplateSegment::Rest(_) => {
                    node.rest.push(number);
                    return;
                }
            };
        }
        node.here.push(number);
    }

    /// The numbers of all patterns whose path may match, lowest first.
    pub fn candidates(&self, request: &Request) -> Vec<usize> {
        let mut found = self.anywhere.clone();
        self.root.collect(request.segments(), &mut found);
        found.sort_unstable();
        found
    }
}

impl Node {
    fn collect(&self, segments: &[Segment], found: &mut Vec<usize>) {
        let Some((segment, after)) = segments.split_first() else {
            found.extend_from_slice(&self.here);
            return;
        };
        found.extend_from_slice(&self.rest);
        if let Some(text) = &segment.text {
            if let Some(node) = self.exact.get(text) {
                node.collect(after, found);
            }
            if !self.any_case.is_empty()
                && let Some(node) = self.any_case.get(&text.to_lowercase())
            {
                node.collect(after, found);
            }
        }
        if let Some(node) = &self.one {
            node.collect(after, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::Timestamp;
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

    use super::*;
    use crate::message::Head;

    fn segment() -> impl Strategy<Value = String> {
        prop_oneof![Just("a"), Just("A"), Just("b"), Just(""), Just("{x}"), Just("%41")].prop_map(str::to_owned)
    }

    fn template() -> impl Strategy<Value = Option<(String, bool)>> {
        let path = (proptest::collection::vec(segment(), 1..4), any::<bool>()).prop_map(|(mut segments, rest)| {
            // Each placeholder needs a name of its own.
            for (place, segment) in segments.iter_mut().enumerate() {
                *segment = segment.replace('x', &format!("x{place}"));
            }
            if rest {
                segments.push("{*rest}".to_owned());
            }
            format!("/{}", segments.join("/"))
        });
        proptest::option::weighted(0.9, (path, any::<bool>()))
    }

    proptest! {
        #[test]
        fn every_match_is_a_candidate(
            templates in proptest::collection::vec(template(), 0..12),
            path in proptest::collection::vec(segment(), 1..5),
        ) {
            let path = format!("/{}", path.join("/"));
            let request = Request::new(Head::compose("GET", &path, []), Bytes::new(), None, Timestamp::UNIX_EPOCH);
            let parsed: Vec<_> = templates
                .iter()
                .map(|template| template.as_ref().map(|(text, any_case)| PathTemplate::parse(text, *any_case).expect("valid")))
                .collect();
            let mut index = PathIndex::default();
            for (number, template) in parsed.iter().enumerate() {
                index.insert(template.as_ref(), number);
            }

            let matching = parsed.iter().enumerate().filter(|(_, template)| {
                template.as_ref().is_none_or(|template| template.matches(&request).is_some())
            });
            let candidates = index.candidates(&request);
            for (number, _) in matching {
                assert!(candidates.contains(&number), "{number} of {templates:?} for {path}");
            }
        }
    }
}
