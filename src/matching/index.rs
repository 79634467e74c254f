//! Finds the patterns that may match a request, without asking all of them.
//!
//! A trie over the segments of path templates, and at each form of a path a group in which equalities tell many
//! patterns apart. It gives a superset of what matches, in order; each candidate is still asked all of its
//! conditions.

use crate::message::Request;

use super::group::Group;
use super::{CompiledPattern, PathTrie};

/// Numbers of patterns by their paths and by what else they ask for.
#[derive(Debug, Default)]
pub struct StubIndex {
    /// Places in `groups`.
    paths: PathTrie<Option<usize>>,
    groups: Vec<Group>,
}

impl StubIndex {
    /// An index of patterns and their numbers, which come lowest first.
    pub fn of<'a>(patterns: impl Iterator<Item = (usize, &'a CompiledPattern)>) -> StubIndex {
        let mut paths: PathTrie<Option<usize>> = PathTrie::default();
        let mut members: Vec<Vec<(usize, &CompiledPattern)>> = Vec::new();
        for (number, pattern) in patterns {
            let place = *paths.at(pattern.template()).get_or_insert_with(|| {
                members.push(Vec::new());
                members.len() - 1
            });
            members[place].push((number, pattern));
        }
        StubIndex { paths, groups: members.iter().map(|members| Group::of(members)).collect() }
    }

    /// The numbers of all patterns that may match, lowest first.
    pub fn candidates(&self, request: &Request) -> Vec<usize> {
        let mut found = Vec::new();
        self.of_path(request).for_each(|group| group.collect(request, &mut found));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The numbers of the first patterns of each form of path that takes that of the request, lowest first: those
    /// that come after the first few dozen of one form are left out.
    pub fn first_of_path(&self, request: &Request) -> Vec<usize> {
        let mut found: Vec<usize> = self.of_path(request).flat_map(Group::first).copied().collect();
        found.sort_unstable();
        found
    }

    fn of_path(&self, request: &Request) -> impl Iterator<Item = &Group> {
        self.paths.of_path(request).into_iter().flatten().map(|place| &self.groups[*place])
    }
}
