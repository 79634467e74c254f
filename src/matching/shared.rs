//! Conditions that stubs of one file have in common, mostly by its defaults: each is compiled once, and asked once a request.

use std::sync::Arc;

use crate::model::{BodyCondition, Matcher, PathPattern, Representation};

use super::condition::Condition;

/// What a condition is made of, besides how documents of the file are written.
#[derive(Debug, PartialEq)]
pub(super) enum Said<'m> {
    Method(&'m [String]),
    Path(&'m PathPattern),
    /// Below a key of the request, of what has a name, or is the only one. What a placeholder is hangs on the path.
    Matcher(&'static str, Option<&'m PathPattern>, &'m str, &'m Matcher),
    Holds(&'m BodyCondition),
}

/// What stubs of one file have in common: how documents are written, and what the stub before the next one asks.
#[derive(Debug)]
pub struct Shared<'m> {
    representation: &'m Arc<Representation>,
    before: Vec<(Said<'m>, Arc<Kept>)>,
    next: Vec<(Said<'m>, Arc<Kept>)>,
    /// How many conditions were made.
    made: usize,
}

/// A condition, and what tells where a verdict on it is kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) condition: Condition,
    /// Which of those that were made.
    number: usize,
}

impl<'m> Shared<'m> {
    /// For stubs of a file, which come one after the other.
    pub fn by(representation: &'m Arc<Representation>) -> Shared<'m> {
        Shared { representation, before: Vec::new(), next: Vec::new(), made: 0 }
    }

    /// How documents of the file are written.
    pub fn representation(&self) -> &'m Arc<Representation> {
        self.representation
    }

    /// Goes on to the next stub.
    pub(super) fn go_on(&mut self) {
        std::mem::swap(&mut self.before, &mut self.next);
        self.next.clear();
    }

    /// The condition that is made of this, where the stub before has it.
    pub(super) fn known(&self, said: &Said<'m>) -> Option<Arc<Kept>> {
        self.before.iter().find(|(known, _)| known == said).map(|(_, condition)| condition.clone())
    }

    /// A condition that further stubs may have in common.
    pub(super) fn keep(&mut self, condition: Condition) -> Arc<Kept> {
        self.made += 1;
        Arc::new(Kept { condition, number: self.made })
    }

    /// Notes what a condition is made of.
    pub(super) fn note(&mut self, said: Said<'m>, condition: &Arc<Kept>) {
        self.next.push((said, condition.clone()));
    }
}

impl From<Condition> for Kept {
    /// A condition of one stub, on which no verdict is kept.
    fn from(condition: Condition) -> Kept {
        Kept { condition, number: 0 }
    }
}

/// What has been found out of conditions that several stubs share, for one request: the last at each place.
#[derive(Debug, Default)]
pub(super) struct Verdicts<'p> {
    last: [Option<(&'p Kept, bool)>; PLACES],
}

/// So many conditions one after the other have places of their own: more than a file's defaults mostly are.
const PLACES: usize = 16;

impl<'p> Verdicts<'p> {
    /// Whether a condition holds; it is asked where nobody has.
    pub(super) fn of(&mut self, kept: &'p Arc<Kept>, ask: impl FnOnce() -> bool) -> bool {
        if Arc::strong_count(kept) == 1 {
            return ask();
        }
        let last = &mut self.last[kept.number % PLACES];
        match last {
            Some((known, holds)) if std::ptr::eq(*known, &**kept) => *holds,
            _ => {
                let holds = ask();
                *last = Some((kept, holds));
                holds
            }
        }
    }
}
