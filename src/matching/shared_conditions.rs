//! Conditions that the stubs of one file share, mostly from its defaults: each is compiled once, and checked once a request.

use std::sync::Arc;

use crate::model::{BodyCondition, Matcher, PathPattern, Representation};

use super::condition::Condition;

/// What a condition is compiled from. Two stubs of a file with equal keys share the condition.
#[derive(Debug, PartialEq)]
pub(super) enum ConditionKey<'m> {
    Method(&'m [String]),
    Path(&'m PathPattern),
    /// The key in the request, the path if the name is that of a placeholder, the name (or none), and the matcher.
    Matcher(&'static str, Option<&'m PathPattern>, &'m str, &'m Matcher),
    Holds(&'m BodyCondition),
}

/// What the stubs of one file share: how documents are written, and the conditions of the previous stub.
#[derive(Debug)]
pub struct SharedConditions<'m> {
    representation: &'m Arc<Representation>,
    previous: Vec<(ConditionKey<'m>, Arc<SharedCondition>)>,
    current: Vec<(ConditionKey<'m>, Arc<SharedCondition>)>,
    /// How many conditions have been compiled.
    compiled: usize,
}

/// A condition that several stubs may share.
#[derive(Debug)]
pub(super) struct SharedCondition {
    pub(super) condition: Condition,
    /// Its number among the conditions of the file; it determines the slot of its verdict.
    number: usize,
}

impl<'m> SharedConditions<'m> {
    /// Creates an empty set for the stubs of a file, which must be compiled in their order.
    pub fn new(representation: &'m Arc<Representation>) -> SharedConditions<'m> {
        SharedConditions { representation, previous: Vec::new(), current: Vec::new(), compiled: 0 }
    }

    /// Returns how documents of the file are written.
    pub fn representation(&self) -> &'m Arc<Representation> {
        self.representation
    }

    /// Ends the current stub; the next one is compiled after it.
    pub(super) fn next_stub(&mut self) {
        std::mem::swap(&mut self.previous, &mut self.current);
        self.current.clear();
    }

    /// Returns the condition with this key, if the previous stub has it.
    pub(super) fn known(&self, key: &ConditionKey<'m>) -> Option<Arc<SharedCondition>> {
        self.previous.iter().find(|(known, _)| known == key).map(|(_, condition)| condition.clone())
    }

    /// Makes a condition that later stubs can share.
    pub(super) fn share(&mut self, condition: Condition) -> Arc<SharedCondition> {
        self.compiled += 1;
        Arc::new(SharedCondition { condition, number: self.compiled })
    }

    /// Records the key of a condition of the current stub.
    pub(super) fn note(&mut self, key: ConditionKey<'m>, condition: &Arc<SharedCondition>) {
        self.current.push((key, condition.clone()));
    }
}

impl From<Condition> for SharedCondition {
    /// Wraps a condition that stubs do not share. Its verdict is not kept.
    fn from(condition: Condition) -> SharedCondition {
        SharedCondition { condition, number: 0 }
    }
}

/// Verdicts on shared conditions for one request: the latest in each slot.
#[derive(Debug, Default)]
pub(super) struct Verdicts<'p> {
    last: [Option<(&'p SharedCondition, bool)>; SLOTS],
}

/// This many conditions in a row have slots of their own, which is more than most defaults have.
const SLOTS: usize = 16;

impl<'p> Verdicts<'p> {
    /// Returns whether a condition holds; `check` is called if no verdict is kept.
    pub(super) fn holds(&mut self, condition: &'p Arc<SharedCondition>, check: impl FnOnce() -> bool) -> bool {
        if Arc::strong_count(condition) == 1 {
            return check();
        }
        let last = &mut self.last[condition.number % SLOTS];
        match last {
            Some((known, holds)) if std::ptr::eq(*known, &**condition) => *holds,
            _ => {
                let holds = check();
                *last = Some((condition, holds));
                holds
            }
        }
    }
}
