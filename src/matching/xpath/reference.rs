//! Compares the evaluator with another implementation, the crate `xpath-eval`, on random documents and expressions.

use std::cmp::Ordering;

use proptest::prelude::{Just, Strategy, prop_oneof, proptest};
use proptest::sample::select;
use xpath_eval::{EvaluationContext, ExpandedName, NodeKind as Kind, Value as OtherValue, evaluate, parse};

use crate::message::{NodeId, NodeKind, XmlDocument};

use super::context::{Context, Evaluation};
use super::function::Type;
use super::value::XPathValue;

/// Our tree, adapted to the other implementation.
#[derive(Clone, Copy)]
struct NodeAdapter<'d>(&'d XmlDocument, NodeId);

impl PartialEq for NodeAdapter<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

impl Eq for NodeAdapter<'_> {}

impl<'d> xpath_eval::Node<'d> for NodeAdapter<'d> {
    fn kind(self) -> Kind {
        match self.0.kind(self.1) {
            NodeKind::Document => Kind::Root,
            NodeKind::Element => Kind::Element,
            NodeKind::Attribute => Kind::Attribute,
            NodeKind::Text => Kind::Text,
            NodeKind::Comment => Kind::Comment,
            NodeKind::Instruction => Kind::ProcessingInstruction,
        }
    }

    fn parent(self) -> Option<Self> {
        self.0.parent(self.1).map(|node| NodeAdapter(self.0, node))
    }

    fn children(self) -> impl Iterator<Item = Self> + 'd {
        self.0.children(self.1).map(move |node| NodeAdapter(self.0, node))
    }

    fn attributes(self) -> impl Iterator<Item = Self> + 'd {
        let attributes = if self.kind() == Kind::Element { self.0.attributes(self.1) } else { 0..0 };
        attributes.map(move |node| NodeAdapter(self.0, node))
    }

    fn namespaces(self) -> impl Iterator<Item = Self> + 'd {
        std::iter::empty()
    }

    fn expanded_name(self) -> Option<ExpandedName> {
        matches!(self.kind(), Kind::Element | Kind::Attribute | Kind::ProcessingInstruction).then(|| ExpandedName {
            namespace_uri: self.0.namespace(self.1).map(str::to_owned),
            local_name: self.0.local(self.1).to_owned(),
        })
    }

    fn string_value(self) -> String {
        self.0.string_value(self.1).into_owned()
    }

    fn document_order(self, other: Self) -> Ordering {
        self.1.cmp(&other.1)
    }
}

/// What an expression gives, so that it can be compared.
#[derive(Debug, PartialEq)]
enum Result {
    Nodes(Vec<NodeId>),
    Text(String),
    /// As it is written, so that NaN is equal to itself.
    Number(String),
    Boolean(bool),
}

fn ours(expression: &str, document: &XmlDocument) -> Result {
    let namespaces = [("p".to_owned(), "u".to_owned())];
    let compiled =
        super::parse::compile(expression, &namespaces).unwrap_or_else(|fault| panic!("{fault:?}: {expression}"));
    let context = Context { node: 0, position: 1, size: 1 };
    let value = (Evaluation { document }).value(&compiled.expression, context);
    let kind = compiled.expression.kind();
    let (kind_of_value, result) = match value {
        XPathValue::Nodes(nodes) => (Type::Nodes, Result::Nodes(nodes)),
        XPathValue::Text(text) => (Type::Text, Result::Text(text.into_owned())),
        XPathValue::Number(number) => (Type::Number, Result::Number(super::number::to_text(number))),
        XPathValue::Boolean(truth) => (Type::Boolean, Result::Boolean(truth)),
    };
    assert_eq!(kind, kind_of_value, "{expression}");
    result
}

fn theirs(expression: &str, document: &XmlDocument) -> Result {
    let parsed = parse(expression).unwrap_or_else(|error| panic!("{error}: {expression}"));
    let resolve = |prefix: &str| (prefix == "p").then(|| "u".to_owned());
    let mut context = EvaluationContext::new(NodeAdapter(document, 0));
    context.namespaces = Some(&resolve);
    match evaluate(&parsed, &context).unwrap_or_else(|error| panic!("{error}: {expression}")) {
        OtherValue::NodeSet(nodes) => {
            let mut nodes: Vec<NodeId> = nodes.into_iter().map(|node| node.1).collect();
            nodes.sort_unstable();
            Result::Nodes(nodes)
        }
        OtherValue::String(text) => Result::Text(text),
        OtherValue::Number(number) => Result::Number(super::number::to_text(number)),
        OtherValue::Boolean(truth) => Result::Boolean(truth),
    }
}

fn element() -> impl Strategy<Value = String> {
    let name = || select(vec!["a", "b", "p:a", "p:c"]);
    let attributes = || select(vec!["", " x='1'", " x='2' p:y='b'", " xml:lang='en-GB' x='a'", " xmlns='v'"]);
    let text = select(vec!["", "1", "2", "-3.5", "b", " a b ", "<!--c-->", "t<?q 1?>", "<![CDATA[1]]>2"]);
    let leaf = (name(), attributes(), text)
        .prop_map(|(name, attributes, text)| format!("<{name}{attributes}>{text}</{name}>"));
    leaf.prop_recursive(4, 20, 4, move |inner| {
        let children = proptest::collection::vec(prop_oneof![4 => inner, 1 => Just("t".to_owned())], 0..4);
        (name(), attributes(), children)
            .prop_map(|(name, attributes, children)| format!("<{name}{attributes}>{}</{name}>", children.concat()))
    })
}

fn document() -> impl Strategy<Value = String> {
    element().prop_map(|inner| format!("<!--before--><r xmlns:p='u'>{inner}</r><?q after?>"))
}

fn step(predicate: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    const AXES: [&str; 14] = [
        "",
        "",
        "",
        "@",
        "descendant::",
        "parent::",
        "ancestor::",
        "following-sibling::",
        "preceding-sibling::",
        "following::",
        "preceding::",
        "self::",
        "descendant-or-self::",
        "ancestor-or-self::",
    ];
    let test =
        select(vec!["a", "b", "*", "p:a", "p:*", "node()", "text()", "comment()", "processing-instruction('q')", "x"]);
    let predicates = proptest::collection::vec(predicate, 0..2);
    let whole = (select(&AXES[..]), test, predicates).prop_map(|(axis, test, predicates)| {
        let predicates: String = predicates.iter().map(|predicate| format!("[{predicate}]")).collect();
        format!("{axis}{test}{predicates}")
    });
    prop_oneof![8 => whole, 1 => Just("..".to_owned()), 1 => Just(".".to_owned())]
}

fn path(predicate: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    let start = select(vec!["/", "//", "//", ""]);
    let steps = proptest::collection::vec((step(predicate), select(vec!["/", "//"])), 1..4);
    (start, steps).prop_map(|(start, steps)| {
        let mut path = start.to_owned();
        for (place, (step, separator)) in steps.iter().enumerate() {
            path += if place > 0 { separator } else { "" };
            path += step;
        }
        path
    })
}

/// Expressions of any type, those in predicates included. The other implementation knows no prefixes, so `name()` is not among
/// them.
fn expression() -> impl Strategy<Value = String> {
    let leaf = select(vec![
        "1",
        "2",
        "0.5",
        "'1'",
        "'b'",
        "''",
        "position()",
        "last()",
        "true()",
        "@x",
        ".",
        "local-name()",
        "namespace-uri()",
        "lang('en')",
        "string()",
        "number()",
        "string-length()",
        "normalize-space()",
        "count(*)",
        "sum(//@x)",
        "false()",
        "-1",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 24, 3, |inner| {
        let inner = inner.boxed();
        let operator = select(vec!["=", "!=", "<", "<=", ">", ">=", "+", "-", "*", " div ", " mod ", " and ", " or "]);
        let call = select(vec![
            "concat(#, #)", "contains(#, #)", "starts-with(#, #)", "substring-before(#, #)", "substring-after(#, #)",
            "substring(#, #)", "substring(#, #, #)", "translate(#, #, 'xy')", "not(#)", "boolean(#)", "number(#)", "string(#)",
            "floor(#)", "ceiling(#)", "round(#)", "string-length(#)", "normalize-space(#)", "lang(#)",
        ]);
        let filled = (call, proptest::collection::vec(inner.clone(), 3)).prop_map(|(call, arguments)| {
            arguments.iter().fold(call.to_owned(), |call, argument| call.replacen('#', argument, 1)).replace('#', "1")
        });
        prop_oneof![
            3 => path(inner.clone()),
            1 => (path(inner.clone()), path(inner.clone())).prop_map(|(left, right)| format!("{left} | {right}")),
            1 => (path(inner.clone()), inner.clone()).prop_map(|(path, predicate)| format!("({path})[{predicate}]")),
            1 => path(inner.clone()).prop_map(|path| format!("count({path})")),
            3 => (inner.clone(), operator, inner.clone()).prop_map(|(left, operator, right)| format!("({left}){operator}({right})")),
            2 => filled,
        ]
    })
}

fn are_same(expression: &str, text: &str) {
    let document = XmlDocument::parse_text(text).expect(text);
    assert_eq!(ours(expression, &document), theirs(expression, &document), "{expression} in {text}");
}

proptest! {
    #[test]
    fn an_expression_computes_the_same_as_in_another_implementation(expression in expression(), text in document()) {
        are_same(&expression, &text);
    }

    #[test]
    fn a_path_selects_the_same_nodes_as_in_another_implementation(path in path(expression()), text in document()) {
        are_same(&path, &text);
    }

    #[test]
    fn compiling_never_panics(text in "[-a-c/@\\[\\]().*:|'\"=<>!$, 0-9né]{0,20}") {
        let _ = super::parse::compile(&text, &[]);
    }
}
