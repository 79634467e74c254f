//! Finds the patterns that may match a request, without checking all of them.
//!
//! A trie over the segments of path templates, with a group at each form of a path, in which patterns are hashed by the values
//! that they require. The result is a superset of the patterns that match, in order: all conditions of each candidate are
//! still checked.

use std::borrow::Cow;

use crate::message::Request;

use super::group::Group;
use super::{CompiledPattern, PathTrie};

/// The numbers of patterns, by their paths and by the values that they require.
#[derive(Debug, Default)]
pub struct StubIndex {
    /// Indexes of `groups`.
    paths: PathTrie<Option<usize>>,
    groups: Vec<Group>,
}

impl StubIndex {
    /// Indexes patterns with their numbers, which must come lowest first.
    pub fn new<'a>(patterns: impl Iterator<Item = (usize, &'a CompiledPattern)>) -> StubIndex {
        let mut paths: PathTrie<Option<usize>> = PathTrie::default();
        let mut members: Vec<Vec<(usize, &CompiledPattern)>> = Vec::new();
        for (number, pattern) in patterns {
            let place = *paths.at(pattern.template()).get_or_insert_with(|| {
                members.push(Vec::new());
                members.len() - 1
            });
            members[place].push((number, pattern));
        }
        StubIndex { paths, groups: members.iter().map(|members| Group::new(members)).collect() }
    }

    /// Returns the numbers of all patterns that may match, lowest first.
    pub fn candidates(&self, request: &Request) -> Cow<'_, [usize]> {
        let (mut only, mut found) = (None, Vec::new());
        self.visit_matching(request, |group| match group.unsplit_numbers() {
            Some([]) => {}
            Some(numbers) if only.is_none() && found.is_empty() => only = Some(numbers),
            _ => {
                found.extend_from_slice(only.take().unwrap_or_default());
                group.collect(request, &mut found);
            }
        });
        if let Some(numbers) = only {
            return Cow::Borrowed(numbers);
        }
        found.sort_unstable();
        found.dedup();
        Cow::Owned(found)
    }

    /// Returns the numbers of the first patterns of each form of path that matches the path of the request, lowest first.
    /// Patterns after the first few dozen of one form are left out.
    pub fn first_of_path(&self, request: &Request) -> Vec<usize> {
        let mut found = Vec::new();
        self.visit_matching(request, |group| found.extend_from_slice(group.first()));
        found.sort_unstable();
        found
    }

    fn visit_matching<'i>(&'i self, request: &Request, mut visit: impl FnMut(&'i Group)) {
        self.paths.visit_matching(request, |place| place.iter().for_each(|place| visit(&self.groups[*place])));
    }
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::formats::{NoFiles, read_scenario};
    use crate::message::Head;
    use crate::model::{KeyPath, Timestamp};

    const MANY: usize = 1000;

    /// Counts the candidates of each request, if stub number N has the request pattern that `pattern_of` returns for N.
    fn candidates(pattern_of: impl Fn(usize) -> String, sent: &[(&str, &str, &str)]) -> Vec<usize> {
        let mut text = String::from("[request]\npath = '/x'\n");
        (0..MANY).for_each(|number| text.push_str(&format!("[[stub]]\nrequest = {{ {} }}\n", pattern_of(number))));
        let (scenario, _) = read_scenario(&text, "x.toml", &NoFiles).unwrap_or_else(|faults| panic!("{faults:?}"));
        let compile = |stub: &std::sync::Arc<crate::model::Stub>| {
            let representation = &scenario.representation;
            CompiledPattern::compile(&stub.request, None, representation, &KeyPath::top(), &mut Vec::new())
        };
        let patterns: Vec<CompiledPattern> = scenario.stubs.iter().map(compile).collect();
        let index = StubIndex::new(patterns.iter().enumerate());
        let count = |(target, header, body): &(&str, &str, &str)| {
            let head = Head::compose("POST", target, [("X", header.as_bytes())]);
            let request = Request::new(head, Bytes::copy_from_slice(body.as_bytes()), None, Timestamp::UNIX_EPOCH);
            index.candidates(&request).len()
        };
        sent.iter().map(count).collect()
    }

    #[test]
    fn an_equality_leaves_one_candidate() {
        assert_eq!(
            candidates(|n| format!("headers.X = '{n}'"), &[("/x", "7", ""), ("/x", "a", ""), ("/y", "7", "")]),
            [1, 0, 0]
        );
        assert_eq!(
            candidates(|n| format!("query.q = {n}"), &[("/x?q=7.0&p=8", "", ""), ("/x?q=7&q=8", "", "")]),
            [1, 2]
        );
        assert_eq!(
            candidates(|n| format!("json_path.'$.a' = {n}"), &[("/x", "", r#"{"a":7}"#), ("/x", "", "{")]),
            [1, 0]
        );
        assert_eq!(candidates(|n| format!("json_includes.a = {n}"), &[("/x", "", r#"{"a":7,"b":1}"#)]), [1]);
        assert_eq!(candidates(|n| format!("json = {{ b = 1, a = '{n}' }}"), &[("/x", "", r#"{"a":"7","b":1}"#)]), [1]);
        assert_eq!(candidates(|n| format!("document.'$.a' = '{n}'"), &[("/x", "", "<r><a>7</a></r>")]), [1]);
        assert_eq!(
            candidates(
                |n| format!("path = '/{{p}}/y', path_params.p = {{ equals = 'a{n}', ignore_case = true }}"),
                &[("/A7/y", "", "")]
            ),
            [1]
        );
    }

    #[test]
    fn two_equalities_together_leave_one_candidate() {
        let pattern_of = |n: usize| format!("method = 'POST', headers.X = '{}', query.q = '{}'", n / 30, n % 30);

        assert_eq!(candidates(pattern_of, &[("/x?q=7", "7", ""), ("/x?q=7", "a", "")]), [1, 0]);
    }

    #[test]
    fn stubs_without_a_condition_on_the_field_stay_candidates() {
        let pattern_of = |n: usize| {
            if n.is_multiple_of(100) {
                "method = 'POST'".to_owned()
            } else {
                format!("headers.X = '{n}'")
            }
        };

        assert_eq!(candidates(pattern_of, &[("/x", "7", "")]), [11]);
    }

    #[test]
    fn conditions_that_only_a_regex_decides_leave_all_candidates() {
        assert_eq!(candidates(|n| format!("headers.X.matches = '^{n}$'"), &[("/x", "7", "")]), [MANY]);
    }
}
