//! The value of an expression, and its conversion to a text, a number or a boolean (XPath 1.0 §4).

use std::borrow::Cow;

use crate::budget::spend;
use crate::message::{NodeId, NodeKind};

use super::context::Evaluation;
use super::number;

#[derive(Debug, Clone)]
pub(super) enum XPathValue<'d> {
    /// Each node once, in document order.
    Nodes(Vec<NodeId>),
    Text(Cow<'d, str>),
    Number(f64),
    Boolean(bool),
}

impl<'d> Evaluation<'d> {
    /// Returns the text of a node. Each node inside takes a step of the budget, and so does every 16 bytes, or every 4 if the
    /// text is put together in new memory.
    pub(super) fn string_value(&self, node: NodeId) -> Cow<'d, str> {
        let inside = match self.document.kind(node) {
            NodeKind::Document | NodeKind::Element => (self.document.end(node) - node) as usize,
            _ => 1,
        };
        if !spend(inside) {
            return Cow::Borrowed("");
        }
        let text = self.document.string_value(node);
        let bytes_per_step = if matches!(text, Cow::Owned(_)) { 4 } else { 16 };
        if spend(text.len() / bytes_per_step) { text } else { Cow::Borrowed("") }
    }

    pub(super) fn text_of(&self, value: XPathValue<'d>) -> Cow<'d, str> {
        match value {
            XPathValue::Nodes(nodes) => nodes.first().map_or(Cow::Borrowed(""), |first| self.string_value(*first)),
            XPathValue::Text(text) => text,
            XPathValue::Number(number) => number::to_text(number).into(),
            XPathValue::Boolean(truth) => if truth { "true" } else { "false" }.into(),
        }
    }

    pub(super) fn number_of(&self, value: XPathValue<'d>) -> f64 {
        match value {
            XPathValue::Number(number) => number,
            XPathValue::Boolean(truth) => f64::from(u8::from(truth)),
            other => number::parse_number(&self.text_of(other)),
        }
    }

    pub(super) fn is_true(&self, value: XPathValue<'d>) -> bool {
        match value {
            XPathValue::Nodes(nodes) => !nodes.is_empty(),
            XPathValue::Text(text) => !text.is_empty(),
            XPathValue::Number(number) => number != 0.0 && !number.is_nan(),
            XPathValue::Boolean(truth) => truth,
        }
    }
}
