//! Decides whether the test of a filter holds for a node.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::model::Json;

use super::evaluate::{Evaluation, TooCostly};
use super::iregexp::{self, IRegexp};
use super::syntax::{Comparison, Operand, Pattern, Query, Step, Test, follow};

/// The visits that compiling an expression from the document counts as, for each byte of it.
const VISITS_PER_COMPILED_BYTE: usize = 50;

/// The most expressions from the document that are kept. Each may need memory for its matches.
const MOST_PATTERNS: usize = 32;

impl<'a> Evaluation<'a> {
    /// Returns whether a test holds for the node `@`.
    pub(super) fn holds(&mut self, test: &Test, node: &'a Json) -> Result<bool, TooCostly> {
        self.spend(1)?;
        match test {
            Test::Any(tests) => {
                for test in tests {
                    if self.holds(test, node)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Test::All(tests) => {
                for test in tests {
                    if !self.holds(test, node)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Test::Not(test) => Ok(!self.holds(test, node)?),
            Test::Exists(query) => Ok(!self.query(query, node)?.is_empty()),
            Test::Compare(left, comparison, right) => {
                let (left, right) = (self.value(left, node)?, self.value(right, node)?);
                self.compares(left.as_deref(), *comparison, right.as_deref())
            }
            Test::Matches { text, pattern, whole } => match self.value(text, node)?.as_deref() {
                Some(Json::String(text)) => self.matches(text, pattern, *whole, node),
                _ => Ok(false),
            },
        }
    }

    fn query(&mut self, query: &Query, node: &'a Json) -> Result<Vec<&'a Json>, TooCostly> {
        let from = if query.from_root { self.root } else { node };
        self.nodes(&query.segments, from)
    }

    /// Returns the value of an operand, if it has one.
    fn value<'o>(&mut self, operand: &'o Operand, node: &'a Json) -> Result<Option<Cow<'o, Json>>, TooCostly>
    where
        'a: 'o,
    {
        Ok(match operand {
            Operand::Literal(json) => Some(Cow::Borrowed(json)),
            Operand::Single { from_root, steps } => {
                self.single(steps, if *from_root { self.root } else { node })?.map(Cow::Borrowed)
            }
            Operand::Value(query) => match self.query(query, node)?.as_slice() {
                [only] => Some(Cow::Borrowed(only)),
                _ => None,
            },
            Operand::Count(query) => Some(Cow::Owned(Json::from(self.query(query, node)?.len()))),
            Operand::Length(operand) => {
                let length = match self.value(operand, node)?.as_deref() {
                    Some(Json::String(text)) => {
                        self.spend(text.len() / 64)?;
                        Some(text.chars().count())
                    }
                    Some(Json::Array(items)) => Some(items.len()),
                    Some(Json::Object(members)) => Some(members.len()),
                    _ => None,
                };
                length.map(|length| Cow::Owned(Json::from(length)))
            }
        })
    }

    /// Compares by RFC 9535 §2.3.5.2.2: nothing equals nothing, and only numbers and strings have an order.
    fn compares(
        &mut self,
        left: Option<&Json>,
        comparison: Comparison,
        right: Option<&Json>,
    ) -> Result<bool, TooCostly> {
        let equal = match (left, right) {
            (None, None) => true,
            (Some(left), Some(right)) => {
                self.spend(cost(left, right))?;
                left.same(right)
            }
            _ => false,
        };
        let order = match (left, right) {
            (Some(Json::Number(left)), Some(Json::Number(right))) => Some(left.compare(right)),
            (Some(Json::String(left)), Some(Json::String(right))) => Some(left.cmp(right)),
            _ => None,
        };
        Ok(match comparison {
            Comparison::Equal => equal,
            Comparison::NotEqual => !equal,
            Comparison::Less => order == Some(Ordering::Less),
            Comparison::LessOrEqual => equal || order == Some(Ordering::Less),
            Comparison::Greater => order == Some(Ordering::Greater),
            Comparison::GreaterOrEqual => equal || order == Some(Ordering::Greater),
        })
    }

    fn matches(&mut self, text: &str, pattern: &Pattern, whole: bool, node: &'a Json) -> Result<bool, TooCostly> {
        match pattern {
            Pattern::Fixed(regex) => {
                self.spend(regex.cost(text))?;
                Ok(regex.is_match(text))
            }
            Pattern::Found(operand) => match self.value(operand, node)? {
                Some(found) => match found.as_str() {
                    Some(pattern) => self.matches_found(text, pattern, whole),
                    None => Ok(false),
                },
                None => Ok(false),
            },
        }
    }

    fn matches_found(&mut self, text: &str, pattern: &str, whole: bool) -> Result<bool, TooCostly> {
        // Looking the expression up reads it.
        self.spend(pattern.len() / 8 + 1)?;
        if !self.patterns[usize::from(whole)].contains_key(pattern) {
            let compiled = self.compile_found(pattern, whole)?;
            let patterns = &mut self.patterns[usize::from(whole)];
            if patterns.len() == MOST_PATTERNS {
                patterns.clear();
            }
            patterns.insert(pattern.to_owned(), compiled);
        }
        let Some(Some(regex)) = self.patterns[usize::from(whole)].get(pattern) else { return Ok(false) };
        let (regex, cost) = (regex.clone(), regex.cost(text));
        self.spend(cost)?;
        Ok(regex.is_match(text))
    }

    /// Compiles an expression from the document; `None` if it is not an I-Regexp, or is too large for one that a client sent.
    fn compile_found(&mut self, pattern: &str, whole: bool) -> Result<Option<IRegexp>, TooCostly> {
        if pattern.len() > iregexp::LONGEST_FOUND {
            self.spend(usize::MAX)?;
        }
        for size in &iregexp::SIZES_FOUND {
            self.spend(size.compilation + pattern.len() * VISITS_PER_COMPILED_BYTE)?;
            if let Ok(compiled) = iregexp::compile_found(pattern, whole, size) {
                return Ok(Some(compiled));
            }
        }
        Ok(None)
    }

    /// As [`super::syntax::follow`], within the limit of work.
    fn single(&mut self, steps: &[Step], from: &'a Json) -> Result<Option<&'a Json>, TooCostly> {
        let mut node = Some(from);
        for step in steps {
            let Some(above) = node else { return Ok(None) };
            if let Json::Object(members) = above {
                self.spend(members.len() / 8)?;
            }
            self.spend(1)?;
            node = follow(std::slice::from_ref(step), above);
        }
        Ok(node)
    }
}

/// Returns the visits that comparing two values counts as.
fn cost(left: &Json, right: &Json) -> usize {
    match (left, right) {
        (Json::String(left), Json::String(right)) => left.len().min(right.len()) / 64,
        (Json::Array(_), Json::Array(_)) | (Json::Object(_), Json::Object(_)) => size(left) + size(right),
        _ => 0,
    }
}

fn size(json: &Json) -> usize {
    match json {
        Json::Array(items) => items.iter().map(size).sum::<usize>() + 1,
        Json::Object(members) => members.iter().map(|(name, value)| name.len() / 64 + size(value)).sum::<usize>() + 1,
        Json::String(text) => text.len() / 64 + 1,
        _ => 1,
    }
}
