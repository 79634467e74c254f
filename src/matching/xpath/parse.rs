//! Parses an expression and checks the names in it, and the number and types of arguments.

use std::ops::Range;

use super::expression::{Comparison, Compiled, Expression, Operation, Path, Start, node_type, simplified};
use super::fault::XPathFault;
use super::function::{Function, Type};
use super::lexer::{Placed, Token, tokens};

/// How deep expressions may nest: in parentheses, predicates and arguments.
const DEEPEST: usize = 32;

/// The most operators, steps, predicates and function calls of an expression.
const MOST_OPERATORS: usize = 256;

/// Compiles an expression with the namespaces of its prefixes.
///
/// # Errors
/// Fails if it is not valid, is too large, or uses a prefix, function or variable that does not exist.
pub(super) fn compile(text: &str, namespaces: &[(String, String)]) -> Result<Compiled, XPathFault> {
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

/// The tokens of an expression, and how far they are parsed.
pub(super) struct Parser<'t> {
    tokens: Vec<Placed<'t>>,
    pub(super) next: usize,
    length: usize,
    pub(super) namespaces: &'t [(String, String)],
    depth: usize,
    operators: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn next(&self) -> Option<Token<'t>> {
        self.tokens.get(self.next).map(|(token, _)| *token)
    }

    pub(super) fn after_next(&self) -> Option<Token<'t>> {
        self.tokens.get(self.next + 1).map(|(token, _)| *token)
    }

    /// Returns the place of the next token, or the end of the text.
    pub(super) fn place(&self) -> Range<usize> {
        self.tokens.get(self.next).map_or(self.length..self.length, |(_, place)| place.clone())
    }

    pub(super) fn take(&mut self, symbol: &'static str) -> bool {
        let is_next = self.next() == Some(Token::Symbol(symbol));
        self.next += usize::from(is_next);
        is_next
    }

    /// Takes the next token if it is one of these operators.
    fn take_one<T: Copy>(&mut self, operators: &[(&'static str, T)]) -> Result<Option<T>, XPathFault> {
        for (symbol, operator) in operators {
            if self.take(symbol) {
                self.count()?;
                return Ok(Some(*operator));
            }
        }
        Ok(None)
    }

    pub(super) fn must_take(&mut self, symbol: &'static str) -> Result<(), XPathFault> {
        if self.take(symbol) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{symbol}`")))
        }
    }

    pub(super) fn expected(&self, what: &str) -> XPathFault {
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

    pub(super) fn count(&mut self) -> Result<(), XPathFault> {
        self.operators += 1;
        if self.operators > MOST_OPERATORS {
            let message = format!("the XPath has more than {MOST_OPERATORS} operators, steps, predicates and calls");
            return Err(XPathFault::new(message, 0..self.length));
        }
        Ok(())
    }

    pub(super) fn expression(&mut self) -> Result<Expression, XPathFault> {
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

    /// Parses operands with one operator between them.
    fn either(
        &mut self,
        symbol: &'static str,
        make: fn(Vec<Expression>) -> Expression,
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
        Ok(make(operands))
    }

    /// Parses `=` and `!=`, and `<` and the like between their operands.
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
            // Two minus signs still make a number of the operand.
            _ => Expression::Negative(Box::new(Expression::Negative(Box::new(operand)))),
        })
    }

    /// Parses a path, or a value with predicates and steps after it.
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

    /// Returns whether the next token starts a value and not a path: `(`, a text, a number, a variable or a function call.
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
        let types: Vec<Type> = arguments.iter().map(Expression::kind).collect();
        function.check(&types).map_err(|message| XPathFault::new(message, whole))?;
        Ok(Expression::Call(function, arguments))
    }
}
