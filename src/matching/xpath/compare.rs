//! Comparisons (XPath 1.0 §3.4). A comparison with a set holds if it holds for one of its nodes, so it never holds for an empty
//! set.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::budget::spend;
use crate::message::NodeId;

use super::context::Evaluation;
use super::expression::Comparison;
use super::number;
use super::value::XPathValue;

impl Comparison {
    fn is_equality(self) -> bool {
        matches!(self, Comparison::Equal | Comparison::NotEqual)
    }

    /// Returns the comparison that holds with exchanged operands.
    fn exchanged(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            same => same,
        }
    }

    fn holds<T: PartialOrd>(self, left: T, right: T) -> bool {
        match self {
            Comparison::Equal => left == right,
            Comparison::NotEqual => left != right,
            Comparison::Less => left < right,
            Comparison::LessOrEqual => left <= right,
            Comparison::Greater => left > right,
            Comparison::GreaterOrEqual => left >= right,
        }
    }
}

impl<'d> Evaluation<'d> {
    pub(super) fn compare(&self, comparison: Comparison, left: XPathValue<'d>, right: XPathValue<'d>) -> bool {
        match (left, right) {
            (XPathValue::Nodes(left), XPathValue::Nodes(right)) => self.compare_sets(comparison, &left, &right),
            (XPathValue::Nodes(nodes), other) => self.compare_set(comparison, nodes, other),
            (other, XPathValue::Nodes(nodes)) => self.compare_set(comparison.exchanged(), nodes, other),
            (left, right) => self.compare_values(comparison, left, right),
        }
    }

    fn compare_values(&self, comparison: Comparison, left: XPathValue<'d>, right: XPathValue<'d>) -> bool {
        let any = |is_so: fn(&XPathValue<'_>) -> bool| is_so(&left) || is_so(&right);
        if !comparison.is_equality() || any(|value| matches!(value, XPathValue::Number(_))) {
            if comparison.is_equality() && any(|value| matches!(value, XPathValue::Boolean(_))) {
                return comparison.holds(self.is_true(left), self.is_true(right));
            }
            return comparison.holds(self.number_of(left), self.number_of(right));
        }
        if any(|value| matches!(value, XPathValue::Boolean(_))) {
            return comparison.holds(self.is_true(left), self.is_true(right));
        }
        comparison.holds(self.text_of(left), self.text_of(right))
    }

    /// Compares a set with a value that is not a set.
    fn compare_set(&self, comparison: Comparison, nodes: Vec<NodeId>, other: XPathValue<'d>) -> bool {
        match other {
            XPathValue::Boolean(_) => self.compare_values(comparison, XPathValue::Boolean(!nodes.is_empty()), other),
            XPathValue::Text(text) if comparison.is_equality() => {
                nodes.iter().any(|node| spend(1) && comparison.holds(&*self.string_value(*node), &*text))
            }
            other => {
                let number = self.number_of(other);
                self.numbers(&nodes).any(|value| comparison.holds(value, number))
            }
        }
    }

    fn numbers<'n>(&'n self, nodes: &'n [NodeId]) -> impl Iterator<Item = f64> + 'n {
        nodes.iter().take_while(|_| spend(1)).map(|node| number::parse_number(&self.string_value(*node)))
    }

    /// Compares two sets without comparing each node with each.
    fn compare_sets(&self, comparison: Comparison, left: &[NodeId], right: &[NodeId]) -> bool {
        let texts = |nodes: &[NodeId]| -> HashSet<Cow<'d, str>> {
            nodes.iter().take_while(|_| spend(1)).map(|node| self.string_value(*node)).collect()
        };
        let (few, many) = if left.len() <= right.len() { (left, right) } else { (right, left) };
        match comparison {
            Comparison::Equal => {
                let known = texts(few);
                !known.is_empty() && many.iter().any(|node| spend(1) && known.contains(&self.string_value(*node)))
            }
            // No two nodes differ only if all are equal.
            Comparison::NotEqual => {
                let known = texts(few);
                match (known.len(), known.iter().next()) {
                    (1, Some(only)) => many.iter().any(|node| spend(1) && self.string_value(*node) != *only),
                    (several, _) => several > 1 && !many.is_empty(),
                }
            }
            Comparison::Less | Comparison::LessOrEqual => {
                let (least, largest) =
                    (self.numbers(left).fold(f64::NAN, f64::min), self.numbers(right).fold(f64::NAN, f64::max));
                comparison.holds(least, largest)
            }
            Comparison::Greater | Comparison::GreaterOrEqual => self.compare_sets(comparison.exchanged(), right, left),
        }
    }
}
