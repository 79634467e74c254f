//! Evaluates one step of a path: along an axis, by a test of the nodes, through predicates (XPath 1.0 §2).

use crate::budget::spend;
use crate::message::{NodeId, NodeKind};

use super::context::{Context, Evaluation};
use super::evaluate::in_order;
use super::expression::{Axis, Expression, Step, Test};
use super::value::XPathValue;

impl Evaluation<'_> {
    /// Returns the nodes that a step selects from some nodes, in document order.
    pub(super) fn step(&self, from: &[NodeId], step: &Step) -> Vec<NodeId> {
        let mut found = Vec::new();
        let is_downward = matches!(step.axis, Axis::Descendant | Axis::DescendantOrSelf);
        let mut covered = 0;
        let mut most = 2 * self.document.length() as usize;
        for node in from {
            if !spend(1) {
                break;
            }
            // The nodes inside this one were found with the nodes inside its ancestor.
            let is_covered = *node < covered && self.document.kind(*node) != NodeKind::Attribute;
            if step.predicates.is_empty() && is_downward && is_covered {
                continue;
            }
            covered = covered.max(self.document.end(*node));
            let first = found.len();
            self.walk(step.axis, *node, &mut |node| {
                if self.passes(step, node) {
                    found.push(node);
                }
            });
            if !step.predicates.is_empty() {
                let mut own = found.split_off(first);
                step.predicates.iter().for_each(|predicate| self.filter(&mut own, predicate));
                found.append(&mut own);
            }
            if found.len() > most {
                // Many nodes were found several times.
                found = in_order(found);
                most = found.len() + 2 * self.document.length() as usize;
            }
        }
        in_order(found)
    }

    fn passes(&self, step: &Step, node: NodeId) -> bool {
        let document = self.document;
        let kind = document.kind(node);
        let principal = if step.axis == Axis::Attribute {
            NodeKind::Attribute
        } else {
            NodeKind::Element
        };
        match &step.test {
            Test::Node => true,
            Test::Text => kind == NodeKind::Text,
            Test::Comment => kind == NodeKind::Comment,
            Test::Instruction(None) => kind == NodeKind::Instruction,
            Test::Instruction(Some(target)) => kind == NodeKind::Instruction && document.full_name(node) == target,
            Test::Any => kind == principal,
            Test::AnyIn(namespace) => kind == principal && document.namespace(node) == Some(namespace),
            Test::Name(namespace, local) => {
                kind == principal && document.local(node) == local && document.namespace(node) == namespace.as_deref()
            }
        }
    }

    /// Keeps the nodes for which a predicate holds. They must be in the order of their axis.
    pub(super) fn filter(&self, nodes: &mut Vec<NodeId>, predicate: &Expression) {
        let size = nodes.len();
        if let Expression::Number(number) = predicate {
            let only = (1..=size).find(|position| *position as f64 == *number).map(|position| nodes[position - 1]);
            nodes.clear();
            nodes.extend(only);
            return;
        }
        let mut position = 0;
        nodes.retain(|node| {
            position += 1;
            spend(1)
                && match self.value(predicate, Context { node: *node, position, size }) {
                    XPathValue::Number(number) => number == position as f64,
                    other => self.is_true(other),
                }
        });
    }

    /// Visits the nodes of an axis, the nearest first. Each node takes a step of the budget.
    fn walk(&self, axis: Axis, node: NodeId, visit: &mut impl FnMut(NodeId)) {
        let document = self.document;
        match axis {
            Axis::Itself => visit(node),
            Axis::Child => self.siblings(self.first_inside(node), document.end(node), visit),
            Axis::Descendant => self.all(self.first_inside(node)..document.end(node), visit),
            Axis::DescendantOrSelf => {
                visit(node);
                self.all(self.first_inside(node)..document.end(node), visit);
            }
            Axis::Parent => document.parent(node).into_iter().for_each(visit),
            Axis::Ancestor => self.upward(document.parent(node), visit),
            Axis::AncestorOrSelf => self.upward(Some(node), visit),
            Axis::Attribute if document.kind(node) == NodeKind::Element => {
                document.attributes(node).take_while(|_| spend(1)).for_each(visit);
            }
            Axis::Attribute => {}
            Axis::FollowingSibling => {
                if let Some(parent) = self.parent_of_child(node) {
                    self.siblings(document.end(node), document.end(parent), visit);
                }
            }
            Axis::PrecedingSibling => {
                if let Some(parent) = self.parent_of_child(node) {
                    self.siblings_before(node, parent, visit);
                }
            }
            Axis::Following => self.all(document.end(node)..document.length(), visit),
            Axis::Preceding => self.all_before(node, visit),
        }
    }

    /// Returns the first node inside that is not an attribute. The attributes before it take steps too.
    fn first_inside(&self, node: NodeId) -> NodeId {
        let first = self.document.first_inside(node);
        spend((first - node) as usize);
        first
    }

    /// Attributes are not children and have no siblings.
    fn parent_of_child(&self, node: NodeId) -> Option<NodeId> {
        self.document.parent(node).filter(|_| self.document.kind(node) != NodeKind::Attribute)
    }

    fn siblings(&self, first: NodeId, end: NodeId, visit: &mut impl FnMut(NodeId)) {
        let mut next = first;
        while next < end && spend(1) {
            visit(next);
            next = self.document.end(next);
        }
    }

    fn siblings_before(&self, node: NodeId, parent: NodeId, visit: &mut impl FnMut(NodeId)) {
        let document = self.document;
        let mut last = node;
        loop {
            // Before a sibling comes the previous sibling, the last node inside that, or the start of the parent.
            let mut before = last - 1;
            while before != parent && document.parent(before) != Some(parent) {
                let Some(around) = document.parent(before).filter(|_| spend(1)) else { return };
                before = around;
            }
            if before == parent || document.kind(before) == NodeKind::Attribute || !spend(1) {
                return;
            }
            visit(before);
            last = before;
        }
    }

    fn upward(&self, first: Option<NodeId>, visit: &mut impl FnMut(NodeId)) {
        let parents = std::iter::successors(first, |node| self.document.parent(*node));
        parents.take_while(|_| spend(1)).for_each(visit);
    }

    /// Visits all nodes in a range but attributes.
    fn all(&self, nodes: std::ops::Range<NodeId>, visit: &mut impl FnMut(NodeId)) {
        let visited = nodes.take_while(|_| spend(1));
        visited.filter(|node| self.document.kind(*node) != NodeKind::Attribute).for_each(visit);
    }

    /// Visits all nodes before a node, the last first, but attributes and ancestors.
    fn all_before(&self, node: NodeId, visit: &mut impl FnMut(NodeId)) {
        let is_apart =
            |before: &NodeId| self.document.kind(*before) != NodeKind::Attribute && self.document.end(*before) <= node;
        (0..node).rev().take_while(|_| spend(1)).filter(is_apart).for_each(visit);
    }
}
