//! The members of an object: fast lookup by name, and removal of duplicate names.

use std::collections::{HashMap, HashSet};

use crate::budget::spend;

/// Objects with at most this many members are scanned, because a map would cost more.
const MAX_SCANNED: usize = 16;

/// The members of one object. Looking one up does not scan all members of a large object.
pub(crate) enum Members<'a, V> {
    /// At most 16, which are scanned.
    Few(&'a [(String, V)]),
    /// By name.
    Many(HashMap<&'a str, &'a V>),
}

impl<'a, V> Members<'a, V> {
    /// Indexes the members if there are many, which takes one step of the budget for each.
    pub(crate) fn new(members: &'a [(String, V)]) -> Members<'a, V> {
        if members.len() <= MAX_SCANNED {
            Members::Few(members)
        } else if !spend(members.len()) {
            Members::Few(&[])
        } else {
            Members::Many(members.iter().map(|(name, value)| (name.as_str(), value)).collect())
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Members::Few(members) => members.len(),
            Members::Many(members) => members.len(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a V> {
        match self {
            Members::Few(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            Members::Many(members) => members.get(name).copied(),
        }
    }
}

/// Removes duplicate names. The last value counts, at the position of the first.
pub(super) fn keep_last<V>(members: Vec<(String, V)>) -> Vec<(String, V)> {
    if are_distinct(&members) {
        return members;
    }
    let mut places: HashMap<String, usize> = HashMap::with_capacity(members.len());
    let mut kept: Vec<(String, V)> = Vec::with_capacity(members.len());
    for (name, value) in members {
        match places.get(&name) {
            Some(&place) => kept[place].1 = value,
            None => {
                places.insert(name.clone(), kept.len());
                kept.push((name, value));
            }
        }
    }
    kept
}

fn are_distinct<V>(members: &[(String, V)]) -> bool {
    if members.len() <= MAX_SCANNED {
        return members
            .iter()
            .enumerate()
            .all(|(place, (name, _))| members[..place].iter().all(|(other, _)| other != name));
    }
    let mut names = HashSet::with_capacity(members.len());
    members.iter().all(|(name, _)| names.insert(name.as_str()))
}
