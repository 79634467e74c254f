//! Regular expressions, by the crate `regex`.

use std::fmt;
use std::sync::{Arc, Mutex};

use once_cell::sync::OnceCell;
use regex::{Regex, RegexBuilder};
use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::util::syntax;
use regex_syntax::hir::{Hir, HirKind, Repetition};

use crate::budget::spend;
use crate::lock::lock;
use crate::model::RegexText;

use super::one_pass_regex::OnePassRegex;

/// A compiled regular expression.
pub(crate) trait Expression: fmt::Debug + Send + Sync {
    /// Returns whether it matches somewhere in the text.
    fn is_match(&self, text: &str) -> bool;

    /// Returns the names of the groups. The first group is the whole match and has no name.
    fn group_names(&self) -> Vec<Option<&str>>;

    /// Returns what the groups of the first match matched; `None` if there is no match.
    fn groups<'t>(&self, text: &'t str) -> Option<Vec<Option<&'t str>>>;

    /// Returns the expression as written.
    fn as_str(&self) -> &str;
}

impl Expression for Regex {
    fn is_match(&self, text: &str) -> bool {
        Regex::is_match(self, text)
    }

    fn group_names(&self) -> Vec<Option<&str>> {
        self.capture_names().collect()
    }

    fn groups<'t>(&self, text: &'t str) -> Option<Vec<Option<&'t str>>> {
        let captures = self.captures(text)?;
        Some(captures.iter().map(|group| group.map(|group| group.as_str())).collect())
    }

    fn as_str(&self) -> &str {
        Regex::as_str(self)
    }
}

/// An expression with counted repetitions of many characters, such as `[01]*1[01]{5000}`.
///
/// In the worst case the crate looks at all states for each byte of a text, and it cannot be interrupted. Usually a lazy DFA
/// finds the answer much faster. So the DFA goes first and gives up if it keeps building states. Then the steps of the worst
/// case are taken before the crate searches.
#[derive(Debug)]
struct CountedExpression {
    regex: Regex,
    dfa: Option<DFA>,
    /// What the DFA has built. One thread at a time takes it out; another thread builds its own.
    cache: Mutex<Option<Cache>>,
    /// The approximate number of states of the counted repetitions.
    states: usize,
}

/// With at most this many counted states the crate is fast enough in the worst case.
const FEW_STATES: usize = 256;

/// The weight of a character in a counted repetition: one that is not ASCII takes several bytes.
const CHARACTER_STATES: usize = 4;

/// How many times the DFA may run out of memory before it gives up, if it builds more states than it reads bytes.
const MOST_CLEARS: usize = 3;

impl CountedExpression {
    fn new(pattern: &str, ignore_case: bool, regex: Regex, states: usize) -> CountedExpression {
        let syntax = syntax::Config::new().case_insensitive(ignore_case);
        let config = DFA::config()
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(MOST_CLEARS))
            .minimum_bytes_per_state(Some(states));
        let dfa = DFA::builder().syntax(syntax).configure(config).build(pattern).ok();
        CountedExpression { regex, dfa, cache: Mutex::default(), states }
    }

    /// Returns whether the expression matches; `None` if the DFA gives up.
    fn by_dfa(&self, text: &str) -> Option<bool> {
        let dfa = self.dfa.as_ref()?;
        let known = lock(&self.cache).take();
        let mut cache = known.unwrap_or_else(|| dfa.create_cache());
        let found = dfa.try_search_fwd(&mut cache, &Input::new(text).earliest(true));
        *lock(&self.cache) = Some(cache);
        found.ok().map(|found| found.is_some())
    }

    /// Takes the steps of the worst case.
    fn may_search(&self, text: &str) -> bool {
        spend(text.len().saturating_mul(self.states))
    }
}

impl Expression for CountedExpression {
    fn is_match(&self, text: &str) -> bool {
        self.by_dfa(text).unwrap_or_else(|| self.may_search(text) && self.regex.is_match(text))
    }

    fn group_names(&self) -> Vec<Option<&str>> {
        self.regex.group_names()
    }

    fn groups<'t>(&self, text: &'t str) -> Option<Vec<Option<&'t str>>> {
        let may_hold = self.by_dfa(text).unwrap_or(true);
        if may_hold && self.may_search(text) { self.regex.groups(text) } else { None }
    }

    fn as_str(&self) -> &str {
        self.regex.as_str()
    }
}

/// Returns the approximate number of states of the counted repetitions in an expression. Nested counts multiply.
fn counted_states(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let times = max.unwrap_or(*min) as usize;
            if times > 1 { times.saturating_mul(states(sub)) } else { counted_states(sub) }
        }
        HirKind::Capture(capture) => counted_states(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(counted_states).fold(0, usize::saturating_add)
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => 0,
    }
}

/// Returns the approximate number of states of a repeated expression.
fn states(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            (max.unwrap_or(*min).max(1) as usize).saturating_mul(states(sub))
        }
        HirKind::Capture(capture) => states(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(states).fold(0, usize::saturating_add),
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(_) => CHARACTER_STATES,
        HirKind::Empty | HirKind::Look(_) => 0,
    }
}

/// An expression that matches in one pass. The crate compiles it only when a text needs it, because the result may take half
/// a megabyte.
#[derive(Debug)]
struct OnePassExpression {
    pattern: String,
    ignore_case: bool,
    one_pass: OnePassRegex,
    regex: OnceCell<Regex>,
}

impl OnePassExpression {
    fn regex(&self) -> &Regex {
        let build = || RegexBuilder::new(&self.pattern).case_insensitive(self.ignore_case).build();
        self.regex.get_or_init(|| build().expect("it was parsed, and is short"))
    }
}

impl Expression for OnePassExpression {
    fn is_match(&self, text: &str) -> bool {
        self.one_pass.follow(text, &mut []).unwrap_or_else(|| self.regex().is_match(text))
    }

    fn group_names(&self) -> Vec<Option<&str>> {
        self.one_pass.group_names()
    }

    fn groups<'t>(&self, text: &'t str) -> Option<Vec<Option<&'t str>>> {
        // Zeroed memory, which `vec!` allocates, takes glibc four times as long.
        let mut groups = Vec::with_capacity(self.one_pass.groups());
        groups.resize(self.one_pass.groups(), None);
        match self.one_pass.follow(text, &mut groups) {
            Some(holds) => holds.then_some(groups),
            None => self.regex().groups(text),
        }
    }

    fn as_str(&self) -> &str {
        &self.pattern
    }
}

/// The most memory that a compiled regular expression may use, in bytes.
const LARGEST: usize = 10 * 1024 * 1024;

/// The longest regular expression, in bytes. No other limit bounds the time and memory of parsing: a few bytes may name hundreds
/// of ranges of characters.
const LONGEST: usize = 8192;

/// Part of the message for an expression that takes too much memory; `schema_reader` recognises it.
pub(super) const WHEN_COMPILED: &str = "when it is compiled";

/// Compiles a regular expression.
///
/// # Errors
/// Returns what is wrong with it.
pub(crate) fn compile_regex(pattern: &RegexText, ignore_case: bool) -> Result<Arc<dyn Expression>, String> {
    compile_within(pattern, ignore_case, LARGEST)
}

/// As [`compile_regex`], of a pattern that may use at most `largest` bytes of memory when compiled.
pub(super) fn compile_within(pattern: &str, ignore_case: bool, largest: usize) -> Result<Arc<dyn Expression>, String> {
    if pattern.len() > LONGEST {
        return Err(format!("it must have at most {LONGEST} bytes, found {}", pattern.len()));
    }
    if largest >= LARGEST
        && let Some(one_pass) = OnePassRegex::compile(pattern, ignore_case)
    {
        let (pattern, regex) = (pattern.to_owned(), OnceCell::new());
        return Ok(Arc::new(OnePassExpression { pattern, ignore_case, one_pass, regex }));
    }
    let built = RegexBuilder::new(pattern).case_insensitive(ignore_case).size_limit(largest).build();
    let compiled = built.map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => {
            format!("it must take at most {limit} bytes {WHEN_COMPILED}, found more")
        }
        error => error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    });
    let regex = compiled?;
    let states = regex_syntax::parse(pattern).map_or(0, |hir| counted_states(&hir));
    Ok(if states > FEW_STATES {
        Arc::new(CountedExpression::new(pattern, ignore_case, regex, states))
    } else {
        Arc::new(regex)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Budget, Exceeded, within};

    #[test]
    fn counted_repetitions_take_steps_before_they_search() {
        let budget = Budget { steps: 1_000_000, rendered: 0 };
        let search = |pattern: &str, text: &str| {
            let compiled = compile_regex(&pattern.into(), false).expect(pattern);
            within(budget, || compiled.is_match(text))
        };

        // No two places of the text are alike, so a DFA builds a state for each.
        let mixed = |place: u64| if place.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 63 == 0 { '0' } else { '1' };
        let text: String = (0..100_000_u64).map(|place| mixed(place * place)).chain(['x']).collect();
        assert_eq!(search("[01]*1[01]{1000}$", &text), Err(Exceeded::Steps(1_000_000)));
        assert_eq!(search("(.|a){0,2000}q", &"ab ".repeat(3000)), Err(Exceeded::Steps(1_000_000)));
        assert_eq!(search("[01]*1[01]{60}x", &text), Ok(true));
        assert_eq!(search(r"^[\s\S]{1,5000}$", &text[..5_000]), Ok(true));
        assert_eq!(search(r"(\w{1,30}-){3}x", &text), Ok(false));
        assert_eq!(search("1[01]{1000}$", &"1".repeat(1001)), Ok(true));
    }
}
