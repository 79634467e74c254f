//! Patterns with the same form of path, hashed by the values that they require.
//!
//! Each pattern is filed under the field whose keys the fewest others share. The values of a request then find it by a hash.
//! Patterns under one key are split again in the same way, by their other fields. A pattern without required keys, or with
//! none that would save enough comparisons, is a candidate for every request of the path. The result is a superset of the patterns that match:
//! all conditions of each candidate are still checked.

use std::sync::Arc;

use foldhash::HashMap;

use crate::message::Request;
use crate::model::{Json, Projection};

use super::extractor::Extractor;
use super::fold;
use super::index_key::{IndexKey, RequestField, RequiredKeys};
use super::{CompiledPattern, RequestValue};

/// Numbers of patterns; every list of them is sorted, lowest first.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// The first few of all of them, if the group is split.
    first: Vec<usize>,
    unsplit: Vec<usize>,
    splits: Vec<Split>,
}

/// Patterns that are hashed by the values of one field.
#[derive(Debug)]
struct Split {
    extractor: Extractor,
    text: HashMap<String, Group>,
    any_case: HashMap<String, Group>,
    /// Keys that are not text.
    typed: HashMap<IndexKey, Group>,
}

/// A group of at most this many patterns is not split.
const MAX_UNSPLIT: usize = 4;
/// How many patterns of a group [`Group::first`] returns.
const FIRST: usize = 32;
/// A field is not used for a pattern that accepts more values of it than this.
const MAX_KEYS: usize = 16;

/// A pattern that is being filed, with the required keys that are not used yet.
struct Member {
    number: usize,
    required: Vec<RequiredKeys>,
}

impl Group {
    /// Files patterns with their numbers, which must come lowest first.
    pub(super) fn new(members: &[(usize, &CompiledPattern)]) -> Group {
        if members.len() <= MAX_UNSPLIT {
            return Group::unsplit(members.iter().map(|(number, _)| *number));
        }
        let mut projection = Projection::NOTHING;
        members.iter().for_each(|(_, pattern)| projection.add(&pattern.projection));
        let with_keys = members.iter().map(|(number, pattern)| {
            let mut required = pattern.required_keys();
            required.retain(|one| one.keys.len() <= MAX_KEYS);
            Member { number: *number, required }
        });
        Group::split(with_keys.collect(), &Arc::new(projection))
    }

    fn unsplit(numbers: impl Iterator<Item = usize>) -> Group {
        Group { unsplit: numbers.collect(), ..Group::default() }
    }

    /// Splits patterns. The `projection` is what they all need of a body as JSON, which is read once for all of them.
    fn split(members: Vec<Member>, projection: &Arc<Projection>) -> Group {
        if members.len() <= MAX_UNSPLIT {
            return Group::unsplit(members.iter().map(|member| member.number));
        }
        let first = members.iter().take(FIRST).map(|member| member.number).collect();
        let mut group = Group { first, ..Group::default() };
        let mut by_field: Vec<(RequestField, HashMap<IndexKey, Vec<Member>>)> = Vec::new();
        let mut places: HashMap<RequestField, usize> = HashMap::default();
        let chosen = choose(&members);
        for (mut member, chosen) in members.into_iter().zip(chosen) {
            let Some(chosen) = chosen else {
                group.unsplit.push(member.number);
                continue;
            };
            let RequiredKeys { field, mut keys } = member.required.remove(chosen);
            keys.sort_unstable();
            keys.dedup();
            // A copy is filed under each key: fields with several keys, one below the other, would multiply the copies.
            member.required.retain(|one| keys.len() == 1 || one.keys.len() == 1);
            let place = *places.entry(field.clone()).or_insert_with(|| {
                by_field.push((field, HashMap::default()));
                by_field.len() - 1
            });
            for key in keys {
                let member = Member { number: member.number, required: member.required.clone() };
                by_field[place].1.entry(key).or_default().push(member);
            }
        }
        for (field, members) in by_field {
            match Extractor::new(&field, projection) {
                Some(extractor) => group.splits.push(Split::new(extractor, members, projection)),
                None => group.unsplit.extend(members.values().flatten().map(|member| member.number)),
            }
        }
        group.unsplit.sort_unstable();
        group.unsplit.dedup();
        group
    }

    /// Returns all patterns, lowest first, if the group is not split, so that each of them may match any request.
    pub(super) fn unsplit_numbers(&self) -> Option<&[usize]> {
        self.splits.is_empty().then_some(self.unsplit.as_slice())
    }

    /// Adds the numbers of the patterns that may match, in no order, some of them more than once.
    pub(super) fn collect(&self, request: &Request, found: &mut Vec<usize>) {
        found.extend_from_slice(&self.unsplit);
        for split in &self.splits {
            split.groups_for(request).into_iter().for_each(|group| group.collect(request, found));
        }
    }

    /// Returns the first patterns, whatever they require.
    pub(super) fn first(&self) -> &[usize] {
        let first = self.unsplit_numbers().unwrap_or(&self.first);
        &first[..first.len().min(FIRST)]
    }
}

impl Split {
    fn new(extractor: Extractor, members: HashMap<IndexKey, Vec<Member>>, projection: &Arc<Projection>) -> Split {
        let mut split =
            Split { extractor, text: HashMap::default(), any_case: HashMap::default(), typed: HashMap::default() };
        for (key, members) in members {
            let group = Group::split(members, projection);
            match key {
                IndexKey::Text(text) => split.text.insert(text, group),
                IndexKey::AnyCase(text) => split.any_case.insert(text, group),
                typed => split.typed.insert(typed, group),
            };
        }
        split
    }

    /// Returns the groups under the values of the request, each once.
    fn groups_for(&self, request: &Request) -> Vec<&Group> {
        let mut hit = Vec::new();
        self.extractor.each_value(request, &mut |value| hit.extend(self.groups_under(value).into_iter().flatten()));
        if hit.len() > 1 {
            hit.sort_unstable_by_key(|group| std::ptr::from_ref::<Group>(group).addr());
            hit.dedup_by(|one, other| std::ptr::eq(*one, *other));
        }
        hit
    }

    fn groups_under(&self, value: &RequestValue<'_>) -> [Option<&Group>; 3] {
        let (text, key) = match value {
            RequestValue::Text(text) if self.typed.is_empty() => (Some(&**text), None),
            RequestValue::Text(text) => (Some(&**text), IndexKey::from_untyped(text)),
            RequestValue::Json(Json::String(text)) => (Some(text.as_str()), None),
            RequestValue::Json(json) => (None, IndexKey::from_json(json, false)),
            RequestValue::Untyped(_) => (None, None),
        };
        let folded = text.filter(|_| !self.any_case.is_empty()).map(fold::lower);
        [
            text.and_then(|text| self.text.get(text)),
            folded.and_then(|text| self.any_case.get(&*text)),
            key.and_then(|key| self.typed.get(&key)),
        ]
    }
}

/// Chooses the required keys that each member is filed under; `None` if filing it would not be worth it.
///
/// A request costs a look at each member that shares its key, and one look at the field for all members that require keys
/// there.
fn choose(members: &[Member]) -> Vec<Option<usize>> {
    let mut counts: HashMap<&RequestField, (usize, HashMap<&IndexKey, usize>)> = HashMap::default();
    for required in members.iter().flat_map(|member| &member.required) {
        let (all, by_key) = counts.entry(&required.field).or_default();
        *all += 1;
        for key in &required.keys {
            *by_key.entry(key).or_default() += 1;
        }
    }
    let cost = |required: &RequiredKeys| {
        let (all, by_key) = &counts[&required.field];
        let sharing = required.keys.iter().map(|key| by_key[key]).max().unwrap_or_default();
        sharing + members.len().div_ceil(*all)
    };
    let worth_it = members.len() * 3 / 4;
    let chosen = members.iter().map(|member| {
        let costs = member.required.iter().map(cost).enumerate();
        costs.min_by_key(|(_, cost)| *cost).filter(|(_, cost)| *cost <= worth_it).map(|(place, _)| place)
    });
    chosen.collect()
}
