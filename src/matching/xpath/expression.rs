//! The syntax tree of an expression.

use super::function::{Function, Type};

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) expression: Expression,
}

/// Returns the kind of value that the expression computes for every document; `None` if it may compute nothing.
#[cfg(feature = "check")]
pub(super) fn always(compiled: &Compiled) -> Option<&'static str> {
    match compiled.expression.kind() {
        Type::Boolean => Some("a boolean"),
        Type::Text => Some("a text"),
        Type::Nodes | Type::Number => None,
    }
}

#[derive(Debug)]
pub(super) enum Expression {
    Text(String),
    Number(f64),
    /// Two or more operands, from left to right.
    Or(Vec<Expression>),
    And(Vec<Expression>),
    Compare(Comparison, Box<(Expression, Expression)>),
    /// The first operand, and the operations with those after it.
    Arithmetic(Box<Expression>, Vec<(Operation, Expression)>),
    Negative(Box<Expression>),
    Union(Vec<Expression>),
    Call(Function, Vec<Expression>),
    Path(Path),
    /// Predicates count nodes in document order.
    Filter(Box<Expression>, Vec<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Debug)]
pub(super) struct Path {
    pub(super) start: Start,
    pub(super) steps: Vec<Step>,
}

#[derive(Debug)]
pub(super) enum Start {
    Document,
    Context,
    Nodes(Box<Expression>),
}

#[derive(Debug)]
pub(super) struct Step {
    pub(super) axis: Axis,
    pub(super) test: Test,
    pub(super) predicates: Vec<Expression>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Child,
    Descendant,
    Parent,
    Ancestor,
    FollowingSibling,
    PrecedingSibling,
    Following,
    Preceding,
    Attribute,
    Itself,
    DescendantOrSelf,
    AncestorOrSelf,
}

/// What a node must be to be selected by a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Test {
    Node,
    Text,
    Comment,
    /// With this target, or with any.
    Instruction(Option<String>),
    /// `*`: any element, or any attribute on the axis of attributes.
    Any,
    /// `p:*`
    AnyIn(String),
    Name(Option<String>, String),
}

impl Expression {
    pub(super) fn kind(&self) -> Type {
        match self {
            Expression::Text(_) => Type::Text,
            Expression::Number(_) | Expression::Arithmetic(..) | Expression::Negative(_) => Type::Number,
            Expression::Or(_) | Expression::And(_) | Expression::Compare(..) => Type::Boolean,
            Expression::Union(_) | Expression::Path(_) | Expression::Filter(..) => Type::Nodes,
            Expression::Call(function, _) => function.result(),
        }
    }

    /// Returns whether a predicate may depend on the position of the node in the step.
    pub(super) fn is_positional(&self) -> bool {
        self.kind() == Type::Number || self.uses_position()
    }

    fn uses_position(&self) -> bool {
        let any = |all: &[Expression]| all.iter().any(Expression::uses_position);
        match self {
            Expression::Text(_) | Expression::Number(_) => false,
            Expression::Or(all) | Expression::And(all) | Expression::Union(all) => any(all),
            Expression::Compare(_, pair) => pair.0.uses_position() || pair.1.uses_position(),
            Expression::Arithmetic(first, rest) => {
                first.uses_position() || rest.iter().any(|(_, operand)| operand.uses_position())
            }
            Expression::Negative(operand) => operand.uses_position(),
            Expression::Call(Function::Position | Function::Last, _) => true,
            Expression::Call(_, arguments) => any(arguments),
            // Their predicates have positions of their own.
            Expression::Path(Path { start: Start::Nodes(start), .. }) => start.uses_position(),
            Expression::Path(_) => false,
            Expression::Filter(start, _) => start.uses_position(),
        }
    }
}

/// Returns the test of a node type such as `text()`; `None` if the name is not a node type.
pub(super) fn node_type(name: &str) -> Option<Test> {
    match name {
        "node" => Some(Test::Node),
        "text" => Some(Test::Text),
        "comment" => Some(Test::Comment),
        "processing-instruction" => Some(Test::Instruction(None)),
        _ => None,
    }
}

/// Makes `//a` one step, if no predicate counts the children of each element.
pub(super) fn simplified(steps: Vec<Step>) -> Vec<Step> {
    let mut simple: Vec<Step> = Vec::with_capacity(steps.len());
    for mut step in steps {
        let follows_all = simple.last().is_some_and(|before| {
            before.axis == Axis::DescendantOrSelf && before.test == Test::Node && before.predicates.is_empty()
        });
        if follows_all && step.axis == Axis::Child && !step.predicates.iter().any(Expression::is_positional) {
            simple.pop();
            step.axis = Axis::Descendant;
        }
        simple.push(step);
    }
    simple
}
