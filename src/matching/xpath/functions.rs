//! Calls the functions of XPath 1.0 (§4).

use std::borrow::Cow;
use std::collections::HashMap;

use crate::budget::spend;
use crate::message::{NodeId, NodeKind, XmlDocument};

use super::context::{Context, Evaluation};
use super::expression::Expression;
use super::function::Function;
use super::number::{parse_number, rounded};
use super::value::XPathValue;

impl<'d> Evaluation<'d> {
    pub(super) fn call(&self, function: Function, arguments: &[Expression], context: Context) -> XPathValue<'d> {
        let argument = |place: usize| self.value(&arguments[place], context);
        let text = |place: usize| self.text_of(argument(place));
        let number = |place: usize| self.number_of(argument(place));
        // Functions on a text or a node use the context if they have no argument.
        let text_or_context = || match arguments {
            [] => self.string_value(context.node),
            [only, ..] => self.text_of(self.value(only, context)),
        };
        match function {
            Function::Last => XPathValue::Number(context.size as f64),
            Function::Position => XPathValue::Number(context.position as f64),
            Function::Count => XPathValue::Number(self.nodes(&arguments[0], context).len() as f64),
            Function::Id => XPathValue::Nodes(Vec::new()),
            Function::LocalName | Function::NamespaceUri | Function::Name => {
                let node = match arguments {
                    [] => Some(context.node),
                    [only, ..] => self.nodes(only, context).first().copied(),
                };
                XPathValue::Text(node.map_or("", |node| name_of(self.document, function, node)).into())
            }
            Function::Text => XPathValue::Text(text_or_context()),
            Function::Concat => XPathValue::Text(self.concat((0..arguments.len()).map(text)).into()),
            Function::StartsWith => XPathValue::Boolean(text(0).starts_with(&*text(1))),
            Function::Contains => XPathValue::Boolean(self.find(&text(0), &text(1)).is_some()),
            Function::SubstringBefore => {
                let whole = text(0);
                let end = self.find(&whole, &text(1)).unwrap_or(0);
                XPathValue::Text(part(whole, 0, end))
            }
            Function::SubstringAfter => {
                let (whole, searched) = (text(0), text(1));
                let start = self.find(&whole, &searched).map_or(whole.len(), |at| at + searched.len());
                let end = whole.len();
                XPathValue::Text(part(whole, start, end))
            }
            Function::Substring => {
                let (first, length) = (rounded(number(1)), arguments.get(2).map(|_| rounded(number(2))));
                XPathValue::Text(self.substring(text(0), first, length))
            }
            Function::StringLength => XPathValue::Number(self.looked_at(text_or_context()).chars().count() as f64),
            Function::NormalizeSpace => {
                let text = self.looked_at(text_or_context());
                let words = text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty());
                XPathValue::Text(words.collect::<Vec<_>>().join(" ").into())
            }
            Function::Translate => XPathValue::Text(translate(&self.looked_at(text(0)), &text(1), &text(2)).into()),
            Function::Boolean => XPathValue::Boolean(self.is_true(argument(0))),
            Function::Not => XPathValue::Boolean(!self.is_true(argument(0))),
            Function::True => XPathValue::Boolean(true),
            Function::False => XPathValue::Boolean(false),
            Function::Lang => XPathValue::Boolean(has_language(self.document, context.node, &text(0))),
            Function::Number if arguments.is_empty() => {
                XPathValue::Number(parse_number(&self.string_value(context.node)))
            }
            Function::Number => XPathValue::Number(number(0)),
            Function::Sum => {
                let nodes = self.nodes(&arguments[0], context);
                XPathValue::Number(nodes.iter().map(|node| parse_number(&self.string_value(*node))).sum())
            }
            Function::Floor => XPathValue::Number(number(0).floor()),
            Function::Ceiling => XPathValue::Number(number(0).ceil()),
            Function::Round => XPathValue::Number(rounded(number(0))),
        }
    }

    /// Takes the steps of the budget for looking at a text.
    fn looked_at<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        if spend(text.len() / 16) { text } else { Cow::Borrowed("") }
    }

    fn find(&self, text: &str, searched: &str) -> Option<usize> {
        if spend(text.len() / 16) { text.find(searched) } else { None }
    }

    fn concat(&self, texts: impl Iterator<Item = Cow<'d, str>>) -> String {
        let mut all = String::new();
        for text in texts {
            if !spend(text.len() / 16) {
                break;
            }
            all.push_str(&text);
        }
        all
    }

    /// Returns the characters from a position, counted from 1, up to `length` later.
    fn substring(&self, text: Cow<'d, str>, first: f64, length: Option<f64>) -> Cow<'d, str> {
        let text = self.looked_at(text);
        let end = length.map_or(f64::INFINITY, |length| first + length);
        let is_in = |position: usize| position as f64 >= first && (position as f64) < end;
        let mut inside = (1..).zip(text.char_indices()).filter(|(position, _)| is_in(*position));
        let Some((_, (start, character))) = inside.next() else { return Cow::Borrowed("") };
        let last = inside.last().map_or((start, character), |(_, last)| last);
        part(text, start, last.0 + last.1.len_utf8())
    }
}

fn part(text: Cow<'_, str>, start: usize, end: usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[start..end]),
        Cow::Owned(text) => Cow::Owned(text[start..end].to_owned()),
    }
}

fn translate(text: &str, from: &str, to: &str) -> String {
    let mut to = to.chars();
    let mut instead = HashMap::new();
    for character in from.chars() {
        let other = to.next();
        instead.entry(character).or_insert(other);
    }
    text.chars().filter_map(|character| instead.get(&character).copied().unwrap_or(Some(character))).collect()
}

fn name_of(document: &XmlDocument, function: Function, node: NodeId) -> &str {
    match function {
        Function::NamespaceUri => document.namespace(node).unwrap_or_default(),
        Function::LocalName => document.local(node),
        _ => document.full_name(node),
    }
}

/// Returns whether the innermost `xml:lang` around a node is a language or a part of it, in any case (§4.3).
fn has_language(document: &XmlDocument, node: NodeId, language: &str) -> bool {
    let mut around = std::iter::successors(Some(node), |node| document.parent(*node))
        .filter(|node| document.kind(*node) == NodeKind::Element);
    let declared = around.find_map(|element| {
        let mut attributes = document.attributes(element).take_while(|_| spend(1));
        attributes.find(|attribute| document.full_name(*attribute) == "xml:lang").map(|found| document.value(found))
    });
    let Some(declared) = declared else { return false };
    let Some((start, rest)) = declared.split_at_checked(language.len()) else { return false };
    start.eq_ignore_ascii_case(language) && (rest.is_empty() || rest.starts_with('-'))
}
