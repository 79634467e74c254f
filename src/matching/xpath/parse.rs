//! Compiles an expression: its grammar, the names in it, how many arguments functions take, and of which type.

use std::ops::Range;

use super::Namespaces;
use super::expression::{Axis, Comparison, Compiled, Expression, Operation, Path, Start, Step, Test, Type};
use super::fault::XPathFault;
use super::functions::Function;
use super::lexer::{Placed, Token, tokens};

/// Expressions may nest this deep: in parentheses, predicates and arguments.
const DEEPEST: usize = 32;

/// An expression may have this many operators, steps, predicates and function calls.
const MOST_OPERATORS: usize = 256;

/// Compiles an expression with the namespaces of its prefixes.
///
/// # Errors
/// If it is not one, uses a prefix, function or variable that there is not, or is too large.
pub(super) fn compile(text: &str, namespaces: &Namespaces) -> Result<Compiled, XPathFault> {
    if text.trim().is_empty() {
        return Err(XPathFault::new("not an XPath: it is empty", 0..text.len()));
    }
    let mut parser = Parser { tokens: tokens(text)?, next: 0, length: text.len(), namespaces, depth: 0, operators: 0 };
    let expression = parser.expression()?;
    match parser.next() {
        None => Ok(Compiled { expression }),
        Some(_) => Err(parser.expected("an operator or the end")),
    }
}

struct Parser<'t> {
    tokens: Vec<Placed<'t>>,
    next: usize,
    length: usize,
    namespaces: &'t Namespaces,
    depth: usize,
    operators: usize,
}

impl<'t> Parser<'t> {
    fn next(&self) -> Option<Token<'t>> {
        self.tokens.get(self.next).map(|(token, _)| *token)
    }

    fn after_next(&self) -> Option<Token<'t>> {
        self.tokens.get(self.next + 1).map(|(token, _)| *token)
    }

    /// The place of the next token; that after the end if there is none.
    fn place(&self) -> Range<usize> {
        self.tokens.get(self.next).map_or(self.length..self.length, |(_, place)| place.clone())
    }

    fn take(&mut self, symbol: &'static str) -> bool {
        let is_next = self.next() == Some(Token::Symbol(symbol));
        self.next += usize::from(is_next);
        is_next
    }

    /// Takes the first of some operators that comes next.
    fn take_one<T: Copy>(&mut self, operators: &[(&'static str, T)]) -> Result<Option<T>, XPathFault> {
        for (symbol, operator) in operators {
            if self.take(symbol) {
                self.count()?;
                return Ok(Some(*operator));
            }
        }
        Ok(None)
    }

    fn must_take(&mut self, symbol: &'static str) -> Result<(), XPathFault> {
        if self.take(symbol) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{symbol}`")))
        }
    }

    fn expected(&self, what: &str) -> XPathFault {
        let found = match self.next() {
            None => "the end".to_owned(),
            Some(Token::Symbol(symbol)) => format!("`{symbol}`"),
            Some(Token::Name(None, name)) => format!("`{name}`"),
            Some(Token::Name(Some(prefix), name)) => format!("`{prefix}:{name}`"),
            Some(Token::Literal(_)) => "a text".to_owned(),
            Some(Token::Number(_)) => "a number".to_owned(),
        };
        XPathFault::new(format!("not an XPath 1.0: expected {what}, found {found}"), self.place())
    }

    fn count(&mut self) -> Result<(), XPathFault> {
        self.operators += 1;
        if self.operators > MOST_OPERATORS {
            let message = format!("the XPath has more than {MOST_OPERATORS} operators, steps, predicates and calls");
            return Err(XPathFault::new(message, 0..self.length));
        }
        Ok(())
    }

    fn expression(&mut self) -> Result<Expression, XPathFault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(XPathFault::new(format!("the XPath nests deeper than {DEEPEST} levels"), self.place()));
        }
        let expression = self.either("or", Expression::Or, |parser| {
            parser.either("and", Expression::And, |parser| parser.comparison(false))
        });
        self.depth -= 1;
        expression
    }

    /// Reads operands between which one operator is.
    fn either(
        &mut self,
        symbol: &'static str,
        of: fn(Vec<Expression>) -> Expression,
        operand: impl Fn(&mut Self) -> Result<Expression, XPathFault>,
    ) -> Result<Expression, XPathFault> {
        let first = operand(self)?;
        if self.next() != Some(Token::Symbol(symbol)) {
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.take(symbol) {
            self.count()?;
            operands.push(operand(self)?);
        }
        Ok(of(operands))
    }

    /// Reads `=` and `!=`, and `<` and the like between their operands.
    fn comparison(&mut self, is_relation: bool) -> Result<Expression, XPathFault> {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let operand = |parser: &mut Self| if is_relation { parser.sum() } else { parser.comparison(true) };
        let operators: &[_] = match is_relation {
            true => &[("<=", LessOrEqual), (">=", GreaterOrEqual), ("<", Less), (">", Greater)],
            false => &[("=", Equal), ("!=", NotEqual)],
        };
        let mut left = operand(self)?;
        while let Some(operator) = self.take_one(operators)? {
            left = Expression::Compare(operator, Box::new((left, operand(self)?)));
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Expression, XPathFault> {
        self.arithmetic(&[("+", Operation::Add), ("-", Operation::Subtract)], |parser| {
            use Operation::{Divide, Multiply, Remainder};
            parser.arithmetic(&[("*", Multiply), ("div", Divide), ("mod", Remainder)], Parser::unary)
        })
    }

    fn arithmetic(
        &mut self,
        operators: &[(&'static str, Operation)],
        operand: impl Fn(&mut Self) -> Result<Expression, XPathFault>,
    ) -> Result<Expression, XPathFault> {
        let first = operand(self)?;
        let mut rest = Vec::new();
        while let Some(operator) = self.take_one(operators)? {
            rest.push((operator, operand(self)?));
        }
        Ok(if rest.is_empty() {
            first
        } else {
            Expression::Arithmetic(Box::new(first), rest)
        })
    }

    fn unary(&mut self) -> Result<Expression, XPathFault> {
        let mut signs = 0;
        while self.take("-") {
            self.count()?;
            signs += 1;
        }
        let operand = self.either("|", Expression::Union, Parser::path)?;
        if let Expression::Union(operands) = &operand
            && operands.iter().any(|operand| operand.kind() != Type::Nodes)
        {
            return Err(XPathFault::new("not an XPath 1.0: `|` must be between sets of nodes", 0..self.length));
        }
        Ok(match signs {
            0 => operand,
            signs if signs % 2 == 1 => Expression::Negative(Box::new(operand)),
            // A number in any case.
            _ => Expression::Negative(Box::new(Expression::Negative(Box::new(operand)))),
        })
    }

    /// Reads a path, or a value with predicates and steps after it.
    fn path(&mut self) -> Result<Expression, XPathFault> {
        if !self.starts_value() {
            return self.location_path();
        }
        let start = self.place().start;
        let mut value = self.value()?;
        let predicates = self.predicates()?;
        let goes_on = matches!(self.next(), Some(Token::Symbol("/" | "//")));
        if (goes_on || !predicates.is_empty()) && value.kind() != Type::Nodes {
            let message = "not an XPath 1.0: only a set of nodes can have predicates and steps";
            return Err(XPathFault::new(message, start..self.place().start));
        }
        if !predicates.is_empty() {
            value = Expression::Filter(Box::new(value), predicates);
        }
        if !goes_on {
            return Ok(value);
        }
        let mut steps = Vec::new();
        self.more_steps(&mut steps)?;
        Ok(Expression::Path(Path { start: Start::Nodes(Box::new(value)), steps: simplified(steps) }))
    }

    /// Whether what comes next is not a path: `(`, a text, a number, a variable or a function call.
    fn starts_value(&self) -> bool {
        match self.next() {
            Some(Token::Literal(_) | Token::Number(_) | Token::Symbol("(" | "$")) => true,
            Some(Token::Name(prefix, name)) => {
                let is_call = self.after_next() == Some(Token::Symbol("(")) && name != "*";
                is_call && (prefix.is_some() || node_type(name).is_none())
            }
            _ => false,
        }
    }

    fn value(&mut self) -> Result<Expression, XPathFault> {
        let place = self.place();
        let token = self.next();
        self.next += 1;
        match token {
            Some(Token::Literal(text)) => Ok(Expression::Text(text.to_owned())),
            Some(Token::Number(number)) => Ok(Expression::Number(number)),
            Some(Token::Symbol("(")) => {
                let inner = self.expression()?;
                self.must_take(")")?;
                Ok(inner)
            }
            Some(Token::Name(None, name)) => self.call(name, place),
            Some(Token::Name(Some(prefix), name)) => {
                Err(XPathFault::new(format!("`{prefix}:{name}` is not a function of XPath 1.0"), place))
            }
            _ => Err(XPathFault::new("an XPath must not have variables here", place)),
        }
    }

    fn call(&mut self, name: &str, place: Range<usize>) -> Result<Expression, XPathFault> {
        let Some(function) = Function::named(name) else {
            return Err(XPathFault::new(format!("`{name}` is not a function of XPath 1.0"), place));
        };
        self.count()?;
        self.must_take("(")?;
        let mut arguments = Vec::new();
        if !self.take(")") {
            loop {
                arguments.push(self.expression()?);
                if self.take(")") {
                    break;
                }
                if !self.take(",") {
                    return Err(self.expected("`,` or `)`"));
                }
            }
        }
        let whole = place.start..self.tokens[self.next - 1].1.end;
        function.check(&arguments).map_err(|message| XPathFault::new(message, whole))?;
        Ok(Expression::Call(function, arguments))
    }

    fn predicates(&mut self) -> Result<Vec<Expression>, XPathFault> {
        let mut predicates = Vec::new();
        while self.take("[") {
            self.count()?;
            predicates.push(self.expression()?);
            self.must_take("]")?;
        }
        Ok(predicates)
    }

    fn location_path(&mut self) -> Result<Expression, XPathFault> {
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

    fn more_steps(&mut self, steps: &mut Vec<Step>) -> Result<(), XPathFault> {
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
                    .helped("Ask for the namespace of a name: `namespace-uri()`."));
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

fn node_type(name: &str) -> Option<Test> {
    match name {
        "node" => Some(Test::Node),
        "text" => Some(Test::Text),
        "comment" => Some(Test::Comment),
        "processing-instruction" => Some(Test::Instruction(None)),
        _ => None,
    }
}

/// Makes `//a` one step, if no predicate counts the children of each element.
fn simplified(steps: Vec<Step>) -> Vec<Step> {
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
