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
    before: Vec<(Said<'m>, Arc<Condition>)>,
    next: Vec<(Said<'m>, Arc<Condition>)>,
}

impl<'m> Shared<'m> {
    /// For stubs of a file, which come one after the other.
    pub fn by(representation: &'m Arc<Representation>) -> Shared<'m> {
        Shared { representation, before: Vec::new(), next: Vec::new() }
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
    pub(super) fn known(&self, said: &Said<'m>) -> Option<Arc<Condition>> {
        self.before.iter().find(|(known, _)| known == said).map(|(_, condition)| condition.clone())
    }

    /// Notes what a condition is made of.
    pub(super) fn note(&mut self, said: Said<'m>, condition: &Arc<Condition>) {
        self.next.push((said, condition.clone()));
    }
}

/// What has been found out of conditions that several stubs share, for one request: the last few.
#[derive(Debug, Default)]
pub(super) struct Verdicts<'p> {
    last: [Option<(&'p Condition, bool)>; KEPT],
    next: usize,
}

/// More than a file's defaults mostly have.
const KEPT: usize = 8;

impl<'p> Verdicts<'p> {
    /// Whether a condition holds; it is asked where nobody has.
    pub(super) fn of(&mut self, condition: &'p Arc<Condition>, ask: impl FnOnce() -> bool) -> bool {
        if Arc::strong_count(condition) == 1 {
            return ask();
        }
        let known = self.last.iter().flatten().find(|(known, _)| std::ptr::eq(*known, &**condition));
        if let Some((_, holds)) = known {
            return *holds;
        }
        let holds = ask();
        self.last[self.next] = Some((condition, holds));
        self.next = (self.next + 1) % KEPT;
        holds
    }
}
