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

impl PathIndex {
    /// The numbers of patterns that take every path which one with this template takes, in no order and at most so
    /// many.
    pub(crate) fn covering(&self, template: Option<&PathTemplate>, most: usize) -> Vec<usize> {
        let mut found: Vec<usize> = self.anywhere.iter().copied().take(most).collect();
        if let Some(template) = template {
            self.root.cover(&template.segments, template.ignore_case, most, &mut found);
        }
        found
    }
}

impl Node {
    /// Goes down where a node takes whatever the segment takes; a node below takes no more than its own segment.
    fn cover(&self, segments: &[TemplateSegment], ignore_case: bool, most: usize, found: &mut Vec<usize>) {
        let add = |numbers: &[usize], found: &mut Vec<usize>| {
            let room = most.saturating_sub(found.len());
            found.extend(numbers.iter().take(room));
        };
        let Some((segment, after)) = segments.split_first() else {
            add(&self.here, found);
            return;
        };
        add(&self.rest, found);
        let below: [Option<&Node>; 3] = match segment {
            // What is left may be one segment or many, so that only another rest takes it.
            TemplateSegment::Rest(_) => return,
            TemplateSegment::Param(_) => [self.one.as_deref(), None, None],
            TemplateSegment::Fixed(text) => {
                let exact = self.exact.get(text).filter(|_| !ignore_case || !has_case(text));
                let any_case = if self.any_case.is_empty() {
                    None
                } else {
                    self.any_case.get(&text.to_lowercase())
                };
                // A placeholder takes no empty segment.
                [exact, any_case, self.one.as_deref().filter(|_| !text.is_empty())]
            }
        };
        below.into_iter().flatten().for_each(|node| node.cover(after, ignore_case, most, found));
    }

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

fn has_case(text: &str) -> bool {
    text.to_lowercase() != text || text.to_uppercase() != text
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

    use super::*;
    use crate::message::Head;
    use crate::model::Timestamp;

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

        #[test]
        fn what_covers_a_template_matches_where_it_does(
            templates in proptest::collection::vec(template(), 1..8),
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

            let matches = |template: &Option<PathTemplate>| {
                template.as_ref().is_none_or(|template| template.matches(&request).is_some())
            };
            for template in parsed.iter().filter(|template| matches(template)) {
                for number in index.covering(template.as_ref(), usize::MAX) {
                    assert!(matches(&parsed[number]), "{number} of {templates:?} for {path}");
                }
            }
        }
    }
}
