//! Parses the tests of filters, and checks the types of functions and comparisons.

use std::ops::Range;

use crate::model::Json;

use super::fault::JsonPathFault;
use super::iregexp;
use super::parse::Parser;
use super::syntax::{Comparison, Operand, Pattern, Query, Test, single_steps};

/// The operators of a comparison. A longer operator comes before its prefix.
const COMPARISONS: [(&str, Comparison); 6] = [
    ("==", Comparison::Equal),
    ("!=", Comparison::NotEqual),
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

const FUNCTIONS: &str = "The functions are `length`, `count`, `value`, `match` and `search`.";
const SINGLE: &str = "A single value is selected by names and indexes alone, as in `@.a[0]`; `value(...)` takes the one \
                      value that any other path selects, and `count(...)` how many.";

/// What may be on either side of a comparison, alone, or an argument. Its type decides which.
enum Term {
    Literal(Json),
    Query(Query),
    Value(Operand),
    Truth(Test),
}

impl Parser<'_> {
    /// Parses the test of a filter.
    pub(super) fn filter(&mut self) -> Result<Test, JsonPathFault> {
        self.nested(Parser::any)
    }

    fn any(&mut self) -> Result<Test, JsonPathFault> {
        let mut tests = vec![self.all()?];
        while self.eat_after_blanks("||") {
            self.blanks();
            tests.push(self.all()?);
        }
        Ok(only_or(tests, Test::Any))
    }

    fn all(&mut self) -> Result<Test, JsonPathFault> {
        let mut tests = vec![self.basic()?];
        while self.eat_after_blanks("&&") {
            self.blanks();
            tests.push(self.basic()?);
        }
        Ok(only_or(tests, Test::All))
    }

    /// Eats blanks and a token; if the token is not next, nothing is eaten.
    fn eat_after_blanks(&mut self, token: &str) -> bool {
        let before = self.at();
        self.blanks();
        let there = self.eat(token);
        if !there {
            self.back_to(before);
        }
        there
    }

    fn basic(&mut self) -> Result<Test, JsonPathFault> {
        let negated = self.eat("!");
        if negated {
            self.blanks();
        }
        let from = self.at();
        let test = if self.eat("(") {
            self.parenthesis(from)?
        } else {
            let left = self.term()?;
            let left_at = from..self.at();
            match self.comparison()? {
                None => self.truth(left, left_at)?,
                Some(_) if negated => {
                    let help = "Put the comparison in parentheses: `!(@.a == 1)`.";
                    return Err(self.fault(left_at, "`!` before one side of a comparison", help));
                }
                Some(comparison) => {
                    self.blanks();
                    let right_from = self.at();
                    let right = self.term()?;
                    let right = self.operand(right, right_from..self.at())?;
                    Test::Compare(self.operand(left, left_at)?, comparison, right)
                }
            }
        };
        Ok(if negated { Test::Not(Box::new(test)) } else { test })
    }

    fn parenthesis(&mut self, from: usize) -> Result<Test, JsonPathFault> {
        self.blanks();
        let test = self.nested(Parser::any)?;
        self.blanks();
        if self.eat(")") {
            return Ok(test);
        }
        Err(match self.peek() {
            None => self.fault(from..self.at(), "a parenthesis is not closed", "End it with `)`."),
            Some(_) => {
                let message = format!("{} where the parenthesis should end", self.found());
                self.misplaced(message, "Tests are joined by `&&` and `||`.")
            }
        })
    }

    fn comparison(&mut self) -> Result<Option<Comparison>, JsonPathFault> {
        if let Some((_, comparison)) = COMPARISONS.iter().find(|(token, _)| self.eat_after_blanks(token)) {
            return Ok(Some(*comparison));
        }
        let before = self.at();
        self.blanks();
        let help = match self.rest() {
            rest if rest.starts_with("=~") => "For a regular expression write `search(@.a, 'b.*')`.",
            rest if rest.starts_with('=') => "Compare with `==`.",
            rest if rest.starts_with('&') && !rest.starts_with("&&") => "Join tests with `&&`.",
            rest if rest.starts_with('|') && !rest.starts_with("||") => "Join tests with `||`.",
            _ => {
                self.back_to(before);
                return Ok(None);
            }
        };
        Err(self.fault_here(format!("{} is not an operator", self.found()), help))
    }

    fn term(&mut self) -> Result<Term, JsonPathFault> {
        if let Some(query) = self.query()? {
            return Ok(Term::Query(query));
        }
        match self.peek() {
            Some('\'' | '"') => Ok(Term::Literal(Json::String(self.string()?))),
            Some(c) if c == '-' || c.is_ascii_digit() => self.number().map(Term::Literal),
            Some(c) if c.is_ascii_alphabetic() => self.word(),
            _ => {
                let message = format!("a value is missing before {}", self.found());
                let help = "A value is a path from `@` or `$`, a string in quotes, a number, `true`, `false`, `null` or a function.";
                Err(self.fault_here(message, help))
            }
        }
    }

    /// Parses a literal or a function.
    fn word(&mut self) -> Result<Term, JsonPathFault> {
        let rest = self.rest();
        let len = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let from = self.advance(len);
        let word = &rest[..len];
        if rest[len..].starts_with('(') {
            return self.nested(|parser| parser.function(word, from));
        }
        match word {
            "true" => Ok(Term::Literal(Json::Bool(true))),
            "false" => Ok(Term::Literal(Json::Bool(false))),
            "null" => Ok(Term::Literal(Json::Null)),
            _ => {
                let help =
                    format!("A path inside a filter begins with `@`, as in `@.{word}`; a string must be in quotes.");
                Err(self.fault(from..self.at(), format!("`{word}` is not a value"), help))
            }
        }
    }

    /// Parses a function from its parenthesis on.
    fn function(&mut self, name: &str, from: usize) -> Result<Term, JsonPathFault> {
        let expected = match name {
            "length" | "count" | "value" => 1,
            "match" | "search" => 2,
            _ => return Err(self.fault(from..self.at(), format!("there is no function `{name}`"), FUNCTIONS)),
        };
        let mut arguments = self.arguments(from)?.into_iter();
        let found = arguments.len();
        let (Some((first, first_at)), true) = (arguments.next(), found == expected) else {
            let message =
                format!("`{name}` takes {expected} argument{}, found {found}", if expected == 1 { "" } else { "s" });
            let help = if expected == 1 {
                format!("As in `{name}(@.a)`.")
            } else {
                format!("As in `{name}(@.a, 'b.*')`.")
            };
            return Err(self.fault(from..self.at(), message, help));
        };
        match (name, first) {
            ("count", Term::Query(query)) => Ok(Term::Value(Operand::Count(query))),
            ("value", Term::Query(query)) => Ok(Term::Value(Operand::Value(query))),
            ("count" | "value", _) => {
                let message = format!("`{name}` takes a path");
                Err(self.fault(first_at, message, format!("As in `{name}(@.items[*])`.")))
            }
            (_, first) => {
                let first = self.operand(first, first_at)?;
                match arguments.next() {
                    None => Ok(Term::Value(Operand::Length(Box::new(first)))),
                    Some((pattern, at)) => {
                        let whole = name == "match";
                        let pattern = self.pattern(pattern, at, whole)?;
                        Ok(Term::Truth(Test::Matches { text: first, pattern, whole }))
                    }
                }
            }
        }
    }

    fn arguments(&mut self, from: usize) -> Result<Vec<(Term, Range<usize>)>, JsonPathFault> {
        self.advance(1);
        self.blanks();
        let mut arguments = Vec::new();
        if self.eat(")") {
            return Ok(arguments);
        }
        loop {
            self.blanks();
            let start = self.at();
            let term = self.term()?;
            arguments.push((term, start..self.at()));
            self.blanks();
            if self.eat(")") {
                return Ok(arguments);
            }
            if self.peek().is_none() {
                return Err(self.fault(from..self.at(), "a parenthesis is not closed", "End the arguments with `)`."));
            }
            if !self.eat(",") {
                let message = format!("{} after an argument", self.found());
                return Err(self.misplaced(message, "Arguments are single values or paths, with commas between them."));
            }
        }
    }

    fn pattern(&self, term: Term, at: Range<usize>, whole: bool) -> Result<Pattern, JsonPathFault> {
        match self.operand(term, at.clone())? {
            Operand::Literal(Json::String(text)) => {
                iregexp::compile(&text, whole).map(Pattern::Fixed).map_err(|reason| {
                    let help =
                        "I-Regexp (RFC 9485) has no `\\d`, `\\w` or `\\s`: write `[0-9]`, `\\\\p{L}`, `[ \\\\t]`.";
                    self.fault(at, format!("the expression is not a valid I-Regexp: {reason}"), help)
                })
            }
            other => Ok(Pattern::Found(other)),
        }
    }

    /// Converts a term to a single value.
    fn operand(&self, term: Term, at: Range<usize>) -> Result<Operand, JsonPathFault> {
        match term {
            Term::Literal(json) => Ok(Operand::Literal(json)),
            Term::Value(operand) => Ok(operand),
            Term::Query(query) => match single_steps(&query.segments) {
                Some(steps) => Ok(Operand::Single { from_root: query.from_root, steps }),
                None => Err(self.fault(at, "the path may select several values where one is needed", SINGLE)),
            },
            Term::Truth(_) => {
                let help = "`match` and `search` return true or false: leave out the comparison, and negate with `!`.";
                Err(self.fault(at, "a test where a value is needed", help))
            }
        }
    }

    /// Converts a term that is a test by itself.
    fn truth(&self, term: Term, at: Range<usize>) -> Result<Test, JsonPathFault> {
        match term {
            Term::Query(query) => Ok(Test::Exists(query)),
            Term::Truth(test) => Ok(test),
            Term::Literal(_) | Term::Value(_) => {
                Err(self.fault(at, "a value where a test is needed", "Compare it, as in `length(@.a) > 3`."))
            }
        }
    }
}

fn only_or(mut tests: Vec<Test>, several: fn(Vec<Test>) -> Test) -> Test {
    match tests.pop() {
        Some(only) if tests.is_empty() => only,
        last => {
            tests.extend(last);
            several(tests)
        }
    }
}
