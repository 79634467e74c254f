//! Parses location paths: steps, axes, tests of nodes, predicates (XPath 1.0 §2).

use super::expression::{Axis, Expression, Path, Start, Step, Test, node_type, simplified};
use super::fault::XPathFault;
use super::lexer::Token;
use super::parse::Parser;

impl Parser<'_> {
    pub(super) fn predicates(&mut self) -> Result<Vec<Expression>, XPathFault> {
        let mut predicates = Vec::new();
        while self.take("[") {
            self.count()?;
            predicates.push(self.expression()?);
            self.must_take("]")?;
        }
        Ok(predicates)
    }

    pub(super) fn location_path(&mut self) -> Result<Expression, XPathFault> {
        let mut steps = Vec::new();
        let start = match self.next() {
            Some(Token::Symbol("//")) => Start::Document,
            Some(Token::Symbol("/")) => {
                let goes_on = matches!(self.after_next(), Some(Token::Name(..) | Token::Symbol("@" | "." | "..")));
                if !goes_on {
                    self.next += 1;
                    return Ok(Expression::Path(Path { start: Start::Document, steps }));
                }
                Start::Document
            }
            _ => {
                steps.push(self.step()?);
                Start::Context
            }
        };
        self.more_steps(&mut steps)?;
        Ok(Expression::Path(Path { start, steps: simplified(steps) }))
    }

    pub(super) fn more_steps(&mut self, steps: &mut Vec<Step>) -> Result<(), XPathFault> {
        loop {
            if self.take("//") {
                steps.push(Step { axis: Axis::DescendantOrSelf, test: Test::Node, predicates: Vec::new() });
            } else if !self.take("/") {
                return Ok(());
            }
            steps.push(self.step()?);
        }
    }

    fn step(&mut self) -> Result<Step, XPathFault> {
        self.count()?;
        for (symbol, axis) in [("..", Axis::Parent), (".", Axis::Itself)] {
            if self.take(symbol) {
                return Ok(Step { axis, test: Test::Node, predicates: Vec::new() });
            }
        }
        let axis = self.axis()?;
        let test = self.node_test()?;
        Ok(Step { axis, test, predicates: self.predicates()? })
    }

    fn axis(&mut self) -> Result<Axis, XPathFault> {
        if self.take("@") {
            return Ok(Axis::Attribute);
        }
        let (Some(Token::Name(None, name)), Some(Token::Symbol("::"))) = (self.next(), self.after_next()) else {
            return Ok(Axis::Child);
        };
        let axis = match name {
            "child" => Axis::Child,
            "descendant" => Axis::Descendant,
            "parent" => Axis::Parent,
            "ancestor" => Axis::Ancestor,
            "following-sibling" => Axis::FollowingSibling,
            "preceding-sibling" => Axis::PrecedingSibling,
            "following" => Axis::Following,
            "preceding" => Axis::Preceding,
            "attribute" => Axis::Attribute,
            "self" => Axis::Itself,
            "descendant-or-self" => Axis::DescendantOrSelf,
            "ancestor-or-self" => Axis::AncestorOrSelf,
            "namespace" => {
                return Err(XPathFault::new("the axis `namespace::` is not supported", self.place())
                    .with_help("Test the namespace of a name with `namespace-uri()`."));
            }
            other => return Err(XPathFault::new(format!("`{other}` is not an axis of XPath 1.0"), self.place())),
        };
        self.next += 2;
        Ok(axis)
    }

    fn node_test(&mut self) -> Result<Test, XPathFault> {
        let Some(Token::Name(prefix, name)) = self.next() else {
            return Err(self.expected("a name or another step"));
        };
        let place = self.place();
        self.next += 1;
        if prefix.is_none()
            && self.next() == Some(Token::Symbol("("))
            && let Some(mut test) = node_type(name)
        {
            self.next += 1;
            if let (Test::Instruction(target), Some(Token::Literal(text))) = (&mut test, self.next()) {
                *target = Some(text.to_owned());
                self.next += 1;
            }
            self.must_take(")")?;
            return Ok(test);
        }
        let namespace = match prefix {
            None => None,
            Some("xml") => Some("http://www.w3.org/XML/1998/namespace".to_owned()),
            Some(prefix) => match self.namespaces.iter().find(|(declared, _)| declared == prefix) {
                Some((_, namespace)) => Some(namespace.clone()),
                None => return Err(XPathFault::undeclared(prefix, place)),
            },
        };
        Ok(match (namespace, name) {
            (None, "*") => Test::Any,
            (Some(namespace), "*") => Test::AnyIn(namespace),
            (namespace, name) => Test::Name(namespace.filter(|name| !name.is_empty()), name.to_owned()),
        })
    }
}
