//! Regular expressions, by the crate `regex`, in programs that have any.

use std::fmt;
use std::sync::Arc;

use once_cell::sync::OnceCell;
use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind, Repetition};

use crate::budget::spend;
use crate::model::RegexText;

use super::straight::Straight;

/// A compiled regular expression.
pub(crate) trait Expression: fmt::Debug + Send + Sync {
    /// Whether it holds somewhere in the text.
    fn is_match(&self, text: &str) -> bool;

    /// The names of its groups, the first of which is the whole match and has none.
    fn group_names(&self) -> Vec<Option<&str>>;

    /// What the groups matched where it holds first; `None` where it does not hold.
    fn groups<'t>(&self, text: &'t str) -> Option<Vec<Option<&'t str>>>;

    /// It as written.
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

/// An expression with counted repetitions of many characters, such as `[01]*1[01]{5000}`. In the worst case the crate looks at
/// all of its states for each byte of a text, which it does not let anybody interrupt, so the steps are taken before.
#[derive(Debug)]
struct Counted {
    regex: Regex,
    /// The states that its counted repetitions have.
    states: usize,
}

/// The states that are looked at in one step.
const STATES_PER_STEP: usize = 64;

/// Fewer counted states than these are followed as fast as others, as a rule.
const FEW_STATES: usize = 256;

impl Counted {
    fn may_search(&self, text: &str) -> bool {
        spend(text.len().saturating_mul(self.states) / STATES_PER_STEP)
    }
}

impl Expression for Counted {
    fn is_match(&self, text: &str) -> bool {
        self.may_search(text) && self.regex.is_match(text)
    }

    fn group_names(&self) -> Vec<Option<&str>> {
        self.regex.group_names()
    }

    fn groups<'t>(&self, text: &'t str) -> Option<Vec<Option<&'t str>>> {
        if self.may_search(text) { self.regex.groups(text) } else { None }
    }

    fn as_str(&self) -> &str {
        self.regex.as_str()
    }
}

/// The number of states that the counted repetitions of an expression have, those within one another multiplied.
fn counted_states(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let times = max.unwrap_or(*min) as usize;
            let inner = counted_states(sub);
            if times > 1 { times.saturating_mul(inner.max(1)) } else { inner }
        }
        HirKind::Capture(capture) => counted_states(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(counted_states).fold(0, usize::saturating_add)
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => 0,
    }
}

/// An expression that is straight. What the crate makes of it, which may take half a megabyte, is made when it is needed.
#[derive(Debug)]
struct Followed {
    pattern: String,
    ignore_case: bool,
    straight: Straight,
    regex: OnceCell<Regex>,
}

impl Followed {
    fn regex(&self) -> &Regex {
        let build = || RegexBuilder::new(&self.pattern).case_insensitive(self.ignore_case).build();
        self.regex.get_or_init(|| build().expect("it was parsed, and is short"))
    }
}

impl Expression for Followed {
    fn is_match(&self, text: &str) -> bool {
        self.straight.follow(text, &mut []).unwrap_or_else(|| self.regex().is_match(text))
    }

    fn group_names(&self) -> Vec<Option<&str>> {
        self.straight.group_names()
    }

    fn groups<'t>(&self, text: &'t str) -> Option<Vec<Option<&'t str>>> {
        // Memory that has to be all zeros, as `vec!` asks for, costs glibc four times as much.
        let mut groups = Vec::with_capacity(self.straight.groups());
        groups.resize(self.straight.groups(), None);
        match self.straight.follow(text, &mut groups) {
            Some(holds) => holds.then_some(groups),
            None => self.regex().groups(text),
        }
    }

    fn as_str(&self) -> &str {
        &self.pattern
    }
}

type Compile = fn(&str, bool, usize) -> Result<Arc<dyn Expression>, String>;

/// Set by whoever makes a text with a regular expression in it. A pointer, so that a program without any is spared the
/// crate, which is the largest of all that a test would load.
static COMPILE: OnceCell<Compile> = OnceCell::new();

/// A regular expression may use at most this much memory when compiled.
const LARGEST: usize = 10 * 1024 * 1024;

/// The longest regular expression, in bytes. What is parsed takes memory and time that no other limit bounds: a few bytes may name
/// hundreds of ranges of characters.
const LONGEST: usize = 8192;

/// What is said of an expression that takes more memory than it may.
pub(super) const WHEN_COMPILED: &str = "when it is compiled";

/// Makes the program carry regular expressions.
pub(super) fn carry() {
    let _ = COMPILE.set(by_regex);
}

fn by_regex(pattern: &str, ignore_case: bool, largest: usize) -> Result<Arc<dyn Expression>, String> {
    if pattern.len() > LONGEST {
        return Err(format!("it must have at most {LONGEST} bytes, found {}", pattern.len()));
    }
    if largest >= LARGEST
        && let Some(straight) = Straight::of(pattern, ignore_case)
    {
        let (pattern, regex) = (pattern.to_owned(), OnceCell::new());
        return Ok(Arc::new(Followed { pattern, ignore_case, straight, regex }));
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
        Arc::new(Counted { regex, states })
    } else {
        Arc::new(regex)
    })
}

impl From<String> for RegexText {
    fn from(text: String) -> RegexText {
        carry();
        RegexText::carried(text)
    }
}

/// Compiles a regular expression, or says what is wrong with it.
pub(crate) fn compile_regex(pattern: &RegexText, ignore_case: bool) -> Result<Arc<dyn Expression>, String> {
    compile_within(pattern, ignore_case, LARGEST)
}

/// As [`compile_regex`], of a text that stood in a [`JsonPathText`](crate::model::JsonPathText), within so many bytes.
pub(super) fn compile_within(pattern: &str, ignore_case: bool, largest: usize) -> Result<Arc<dyn Expression>, String> {
    let compile = COMPILE.get().ok_or("this program carries no regular expressions")?;
    compile(pattern, ignore_case, largest)
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

        let text = "01".repeat(50_000);
        assert_eq!(search("[01]*1[01]{1000}$", &text), Err(Exceeded::Steps(1_000_000)));
        assert_eq!(search("([ab]{20}|[cd]){200}x", &text), Err(Exceeded::Steps(1_000_000)));
        assert_eq!(search("[01]*1[01]{100}$", &text), Ok(true));
        assert_eq!(search("1[01]{1000}$", &"1".repeat(1001)), Ok(true));
    }
}
