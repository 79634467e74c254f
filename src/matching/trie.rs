//! A trie over the segments of path templates.
//!
//! It stores one value for each form of a template. The user of the trie decides what that is.

use foldhash::HashMap;

use crate::message::{Request, Segment};

use super::PathTemplate;
use super::fold;
use super::path::TemplateSegment;

/// One `T` for each form of a path.
#[derive(Debug, Default)]
pub struct PathTrie<T> {
    root: TrieNode<T>,
    /// The value for patterns without a template, which any path may satisfy.
    anywhere: T,
}

#[derive(Debug)]
struct TrieNode<T> {
    exact: HashMap<String, TrieNode<T>>,
    /// Keys are in lower case.
    any_case: HashMap<String, TrieNode<T>>,
    one: Option<Box<TrieNode<T>>>,
    rest: Option<T>,
    here: Option<T>,
}

impl<T: Default> PathTrie<T> {
    /// Returns the value at a template, which is created if it is missing.
    pub fn at(&mut self, template: Option<&PathTemplate>) -> &mut T {
        let Some(template) = template else { return &mut self.anywhere };
        let mut node = &mut self.root;
        for segment in &template.segments {
            node = match segment {
                TemplateSegment::Fixed(text) => {
                    let below = if template.ignore_case { &mut node.any_case } else { &mut node.exact };
                    if !below.contains_key(text) {
                        below.insert(text.clone(), TrieNode::default());
                    }
                    below.get_mut(text).expect("it was put there")
                }
                TemplateSegment::Param(_) => node.one.get_or_insert_default(),
                TemplateSegment::Rest(_) => return node.rest.get_or_insert_default(),
            };
        }
        node.here.get_or_insert_default()
    }
}

impl<T> PathTrie<T> {
    /// Calls `visit` with the value at each template that may match the path of the request.
    pub fn visit_matching<'a>(&'a self, request: &Request, mut visit: impl FnMut(&'a T)) {
        visit(&self.anywhere);
        self.root.visit_matching(request.path(), request.segments(), &mut visit);
    }

    /// Returns the values at all templates that match every path which this one matches.
    #[cfg(feature = "check")]
    pub(crate) fn covering<'a>(&'a self, template: Option<&PathTemplate>) -> Vec<&'a T> {
        let mut found = vec![&self.anywhere];
        if let Some(template) = template {
            self.root.covering(&template.segments, template.ignore_case, &mut found);
        }
        found
    }
}

impl<T> Default for TrieNode<T> {
    fn default() -> TrieNode<T> {
        TrieNode { exact: HashMap::default(), any_case: HashMap::default(), one: None, rest: None, here: None }
    }
}

impl<T> TrieNode<T> {
    /// Descends to each node that matches everything that the segment matches. A node below matches no more than its own
    /// segment.
    #[cfg(feature = "check")]
    fn covering<'a>(&'a self, segments: &[TemplateSegment], ignore_case: bool, found: &mut Vec<&'a T>) {
        let Some((segment, after)) = segments.split_first() else {
            found.extend(&self.here);
            return;
        };
        found.extend(&self.rest);
        let below: [Option<&TrieNode<T>>; 3] = match segment {
            // The rest may be one segment or many, so only another rest matches it.
            TemplateSegment::Rest(_) => return,
            TemplateSegment::Param(_) => [self.one.as_deref(), None, None],
            TemplateSegment::Fixed(text) => {
                let exact = self.exact.get(text).filter(|_| !ignore_case || !has_case(text));
                // A placeholder does not match an empty segment.
                [exact, self.in_any_case(text), self.one.as_deref().filter(|_| !text.is_empty())]
            }
        };
        below.into_iter().flatten().for_each(|node| node.covering(after, ignore_case, found));
    }

    fn visit_matching<'a>(&'a self, path: &str, segments: &[Segment], visit: &mut impl FnMut(&'a T)) {
        let Some((segment, after)) = segments.split_first() else {
            self.here.iter().for_each(visit);
            return;
        };
        self.rest.iter().for_each(&mut *visit);
        if let Some(text) = segment.text(path) {
            if let Some(node) = self.exact.get(text) {
                node.visit_matching(path, after, visit);
            }
            if let Some(node) = self.in_any_case(text) {
                node.visit_matching(path, after, visit);
            }
        }
        if let Some(node) = &self.one {
            node.visit_matching(path, after, visit);
        }
    }

    fn in_any_case(&self, text: &str) -> Option<&TrieNode<T>> {
        if self.any_case.is_empty() {
            return None;
        }
        self.any_case.get(&*fold::lower(text))
    }
}

#[cfg(feature = "check")]
fn has_case(text: &str) -> bool {
    text.to_lowercase() != text || text.to_uppercase() != text
}

#[cfg(test)]
mod tests {
    use crate::model::Timestamp;
    use bytes::Bytes;
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
            let mut trie: PathTrie<Vec<usize>> = PathTrie::default();
            for (number, template) in parsed.iter().enumerate() {
                trie.at(template.as_ref()).push(number);
            }

            let matching = parsed.iter().enumerate().filter(|(_, template)| {
                template.as_ref().is_none_or(|template| template.matches(&request).is_some())
            });
            let mut candidates: Vec<usize> = Vec::new();
            trie.visit_matching(&request, |numbers| candidates.extend(numbers));
            for (number, _) in matching {
                assert!(candidates.contains(&number), "{number} of {templates:?} for {path}");
            }
        }

        #[cfg(feature = "check")]
        #[test]
        fn a_template_that_covers_another_matches_the_same_paths(
            templates in proptest::collection::vec(template(), 1..8),
            path in proptest::collection::vec(segment(), 1..5),
        ) {
            let path = format!("/{}", path.join("/"));
            let request = Request::new(Head::compose("GET", &path, []), Bytes::new(), None, Timestamp::UNIX_EPOCH);
            let parsed: Vec<_> = templates
                .iter()
                .map(|template| template.as_ref().map(|(text, any_case)| PathTemplate::parse(text, *any_case).expect("valid")))
                .collect();
            let mut trie: PathTrie<Vec<usize>> = PathTrie::default();
            for (number, template) in parsed.iter().enumerate() {
                trie.at(template.as_ref()).push(number);
            }

            let matches = |template: &Option<PathTemplate>| {
                template.as_ref().is_none_or(|template| template.matches(&request).is_some())
            };
            for template in parsed.iter().filter(|template| matches(template)) {
                for number in trie.covering(template.as_ref()).into_iter().flatten() {
                    assert!(matches(&parsed[*number]), "{number} of {templates:?} for {path}");
                }
            }
        }
    }
}
