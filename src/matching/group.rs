//! Patterns of one path, told apart by the values that they ask for.
//!
//! Each pattern is filed under the one of its marks that the fewest others share, which a request's own values then
//! find by a hash; those under one key are told apart in the same way by what else they ask for. A pattern without a
//! mark, or with none that is worth it, is a candidate for every request of the path. What is found is more than what
//! matches and never less; each candidate is still asked all of its conditions.

use std::sync::Arc;

use foldhash::HashMap;

use crate::message::Request;
use crate::model::{Json, Projection};

use super::fold;
use super::mark::{Key, Mark, Probe, Subject, of_json, typed};
use super::{CompiledPattern, Value};

/// Numbers of patterns, lowest first wherever they stand in a list.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// The first of them all, where they are split.
    first: Vec<usize>,
    unsplit: Vec<usize>,
    splits: Vec<Split>,
}

/// Those that are told apart by the values of one thing.
#[derive(Debug)]
struct Split {
    probe: Probe,
    text: HashMap<String, Group>,
    any_case: HashMap<String, Group>,
    /// All that is not text.
    typed: HashMap<Key, Group>,
}

/// So few are asked one after the other.
const FEW: usize = 4;
/// How many of a group are named where any will do.
const FIRST: usize = 32;
/// A pattern that takes more values of a thing than these is not told apart by it.
const MOST_KEYS: usize = 16;

/// A pattern on its way to its place, with the marks that are not used yet.
struct Member {
    number: usize,
    marks: Vec<Mark>,
}

impl Group {
    /// Files patterns with their numbers, which come lowest first.
    pub(super) fn of(members: &[(usize, &CompiledPattern)]) -> Group {
        if members.len() <= FEW {
            return Group::unsplit(members.iter().map(|(number, _)| *number));
        }
        let mut projection = Projection::NOTHING;
        members.iter().for_each(|(_, pattern)| projection.add(&pattern.projection));
        let with_marks = members.iter().map(|(number, pattern)| {
            let mut marks = pattern.marks();
            marks.retain(|mark| mark.keys.len() <= MOST_KEYS);
            Member { number: *number, marks }
        });
        Group::split(with_marks.collect(), &Arc::new(projection))
    }

    fn unsplit(numbers: impl Iterator<Item = usize>) -> Group {
        Group { unsplit: numbers.collect(), ..Group::default() }
    }

    /// `projection` is what they all look at of a body as JSON, which is read for all of them at once.
    fn split(members: Vec<Member>, projection: &Arc<Projection>) -> Group {
        if members.len() <= FEW {
            return Group::unsplit(members.iter().map(|member| member.number));
        }
        let first = members.iter().take(FIRST).map(|member| member.number).collect();
        let mut group = Group { first, ..Group::default() };
        let mut by_subject: Vec<(Subject, HashMap<Key, Vec<Member>>)> = Vec::new();
        let mut places: HashMap<Subject, usize> = HashMap::default();
        let chosen = choose(&members);
        for (mut member, chosen) in members.into_iter().zip(chosen) {
            let Some(chosen) = chosen else {
                group.unsplit.push(member.number);
                continue;
            };
            let Mark { subject, mut keys } = member.marks.remove(chosen);
            keys.sort_unstable();
            keys.dedup();
            // Under each of several keys others of several would multiply.
            member.marks.retain(|mark| keys.len() == 1 || mark.keys.len() == 1);
            let place = *places.entry(subject.clone()).or_insert_with(|| {
                by_subject.push((subject, HashMap::default()));
                by_subject.len() - 1
            });
            for key in keys {
                let member = Member { number: member.number, marks: member.marks.clone() };
                by_subject[place].1.entry(key).or_default().push(member);
            }
        }
        for (subject, members) in by_subject {
            match Probe::of(&subject, projection) {
                Some(probe) => group.splits.push(Split::of(probe, members, projection)),
                None => group.unsplit.extend(members.values().flatten().map(|member| member.number)),
            }
        }
        group.unsplit.sort_unstable();
        group.unsplit.dedup();
        group
    }

    /// All of them, lowest first, where any of them may match whatever the request says.
    pub(super) fn undivided(&self) -> Option<&[usize]> {
        self.splits.is_empty().then_some(self.unsplit.as_slice())
    }

    /// Adds the numbers of those that may match, in no order, some of them more than once.
    pub(super) fn collect(&self, request: &Request, found: &mut Vec<usize>) {
        found.extend_from_slice(&self.unsplit);
        for split in &self.splits {
            split.hit(request).into_iter().for_each(|group| group.collect(request, found));
        }
    }

    /// The first of them, whatever they ask for.
    pub(super) fn first(&self) -> &[usize] {
        let first = self.undivided().unwrap_or(&self.first);
        &first[..first.len().min(FIRST)]
    }
}

impl Split {
    fn of(probe: Probe, members: HashMap<Key, Vec<Member>>, projection: &Arc<Projection>) -> Split {
        let mut split =
            Split { probe, text: HashMap::default(), any_case: HashMap::default(), typed: HashMap::default() };
        for (key, members) in members {
            let group = Group::split(members, projection);
            match key {
                Key::Text(text) => split.text.insert(text, group),
                Key::AnyCase(text) => split.any_case.insert(text, group),
                typed => split.typed.insert(typed, group),
            };
        }
        split
    }

    /// The groups under the values of the request, each once.
    fn hit(&self, request: &Request) -> Vec<&Group> {
        let mut hit = Vec::new();
        self.probe.each_value(request, &mut |value| hit.extend(self.under(value).into_iter().flatten()));
        if hit.len() > 1 {
            hit.sort_unstable_by_key(|group| std::ptr::from_ref::<Group>(group).addr());
            hit.dedup_by(|one, other| std::ptr::eq(*one, *other));
        }
        hit
    }

    fn under(&self, value: &Value<'_>) -> [Option<&Group>; 3] {
        let (text, key) = match value {
            Value::Text(text) if self.typed.is_empty() => (Some(&**text), None),
            Value::Text(text) => (Some(&**text), typed(text)),
            Value::Json(Json::String(text)) => (Some(text.as_str()), None),
            Value::Json(json) => (None, of_json(json)),
            Value::Untyped(_) => (None, None),
        };
        let folded = text.filter(|_| !self.any_case.is_empty()).map(fold::lower);
        [
            text.and_then(|text| self.text.get(text)),
            folded.and_then(|text| self.any_case.get(&*text)),
            key.and_then(|key| self.typed.get(&key)),
        ]
    }
}

/// Which of its marks each member is filed under; none where that would not be worth it.
///
/// A request looks at the members that share its key, and at the thing itself once for all members that ask about it.
fn choose(members: &[Member]) -> Vec<Option<usize>> {
    let mut counts: HashMap<&Subject, (usize, HashMap<&Key, usize>)> = HashMap::default();
    for mark in members.iter().flat_map(|member| &member.marks) {
        let (all, by_key) = counts.entry(&mark.subject).or_default();
        *all += 1;
        for key in &mark.keys {
            *by_key.entry(key).or_default() += 1;
        }
    }
    let cost = |mark: &Mark| {
        let (all, by_key) = &counts[&mark.subject];
        let sharing = mark.keys.iter().map(|key| by_key[key]).max().unwrap_or_default();
        sharing + members.len().div_ceil(*all)
    };
    let worth_it = members.len() * 3 / 4;
    let chosen = members.iter().map(|member| {
        let costs = member.marks.iter().map(cost).enumerate();
        costs.min_by_key(|(_, cost)| *cost).filter(|(_, cost)| *cost <= worth_it).map(|(place, _)| place)
    });
    chosen.collect()
}
