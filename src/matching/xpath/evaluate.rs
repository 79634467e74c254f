//! Evaluates an expression on a document.
//!
//! Functions call one another only as deep as the expression nests, whatever the document. Once the budget of the request is
//! exceeded, all loops end soon and their results are discarded.

use crate::budget::spend;
use crate::message::{NodeId, XmlDocument};
use crate::model::{Json, Number};

use super::context::{Context, Evaluation};
use super::expression::{Compiled, Expression, Operation, Path, Start};
use super::number;
use super::value::XPathValue;

const WHOLE_DOCUMENT: Context = Context { node: 0, position: 1, size: 1 };

/// Returns the string value of each node selected, or the one string, number or boolean that is computed. A number that JSON
/// does not have is left out.
pub(super) fn select(compiled: &Compiled, document: &XmlDocument) -> Vec<Json> {
    let evaluation = Evaluation { document };
    match evaluation.value(&compiled.expression, WHOLE_DOCUMENT) {
        XPathValue::Nodes(nodes) => {
            let texts = nodes.into_iter().map_while(|node| {
                let text = evaluation.string_value(node);
                spend(text.len() / 16).then(|| Json::String(text.into_owned()))
            });
            texts.collect()
        }
        XPathValue::Text(text) => vec![Json::String(text.into_owned())],
        XPathValue::Boolean(truth) => vec![Json::Bool(truth)],
        XPathValue::Number(number) => Number::parse(&number::to_text(number)).map(Json::Number).into_iter().collect(),
    }
}

/// Returns the nodes selected, in document order.
pub(super) fn locate(compiled: &Compiled, document: &XmlDocument) -> Vec<NodeId> {
    match (Evaluation { document }).value(&compiled.expression, WHOLE_DOCUMENT) {
        XPathValue::Nodes(nodes) => nodes,
        _ => Vec::new(),
    }
}

impl<'d> Evaluation<'d> {
    pub(super) fn value(&self, expression: &Expression, context: Context) -> XPathValue<'d> {
        match expression {
            Expression::Text(text) => XPathValue::Text(text.clone().into()),
            Expression::Number(number) => XPathValue::Number(*number),
            Expression::Or(operands) => {
                XPathValue::Boolean(operands.iter().any(|operand| self.is_true(self.value(operand, context))))
            }
            Expression::And(operands) => {
                XPathValue::Boolean(operands.iter().all(|operand| self.is_true(self.value(operand, context))))
            }
            Expression::Compare(comparison, pair) => {
                let (left, right) = (self.value(&pair.0, context), self.value(&pair.1, context));
                XPathValue::Boolean(self.compare(*comparison, left, right))
            }
            Expression::Arithmetic(first, rest) => XPathValue::Number(self.arithmetic(first, rest, context)),
            Expression::Negative(operand) => XPathValue::Number(-self.number_of(self.value(operand, context))),
            Expression::Union(operands) => {
                XPathValue::Nodes(in_order(operands.iter().flat_map(|operand| self.nodes(operand, context)).collect()))
            }
            Expression::Call(function, arguments) => self.call(*function, arguments, context),
            Expression::Path(path) => XPathValue::Nodes(self.path(path, context)),
            Expression::Filter(start, predicates) => {
                let mut nodes = self.nodes(start, context);
                predicates.iter().for_each(|predicate| self.filter(&mut nodes, predicate));
                XPathValue::Nodes(nodes)
            }
        }
    }

    /// Returns the nodes of an expression that the compiler has checked to select nodes.
    pub(super) fn nodes(&self, expression: &Expression, context: Context) -> Vec<NodeId> {
        match self.value(expression, context) {
            XPathValue::Nodes(nodes) => nodes,
            _ => Vec::new(),
        }
    }

    fn arithmetic(&self, first: &Expression, rest: &[(Operation, Expression)], context: Context) -> f64 {
        let first = self.number_of(self.value(first, context));
        rest.iter().fold(first, |left, (operation, operand)| {
            let right = self.number_of(self.value(operand, context));
            match operation {
                Operation::Add => left + right,
                Operation::Subtract => left - right,
                Operation::Multiply => left * right,
                Operation::Divide => left / right,
                Operation::Remainder => left % right,
            }
        })
    }

    fn path(&self, path: &Path, context: Context) -> Vec<NodeId> {
        let start = match &path.start {
            Start::Document => vec![0],
            Start::Context => vec![context.node],
            Start::Nodes(start) => self.nodes(start, context),
        };
        path.steps.iter().fold(start, |from, step| self.step(&from, step))
    }
}

/// Sorts nodes into document order and removes duplicates.
pub(super) fn in_order(mut nodes: Vec<NodeId>) -> Vec<NodeId> {
    if !nodes.is_sorted_by(|one, next| one < next) {
        nodes.sort_unstable();
        nodes.dedup();
    }
    nodes
}
