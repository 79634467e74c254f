//! Regular expressions, by the crate `regex`, in programs that have any.

use std::fmt;
use std::sync::Arc;

use once_cell::sync::OnceCell;
use regex::{Regex, RegexBuilder};

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

/// An expression of the crate, with the way through it where that is straight.
#[derive(Debug)]
struct ByRegex {
    regex: Regex,
    straight: Option<Straight>,
}

impl Expression for ByRegex {
    fn is_match(&self, text: &str) -> bool {
        let told = self.straight.as_ref().and_then(|straight| straight.follow(text, &mut []));
        told.unwrap_or_else(|| self.regex.is_match(text))
    }

    fn group_names(&self) -> Vec<Option<&str>> {
        self.regex.capture_names().collect()
    }

    fn groups<'t>(&self, text: &'t str) -> Option<Vec<Option<&'t str>>> {
        if let Some(straight) = &self.straight {
            let mut groups = vec![None; self.regex.captures_len()];
            if let Some(holds) = straight.follow(text, &mut groups) {
                return holds.then_some(groups);
            }
        }
        let captures = self.regex.captures(text)?;
        Some(captures.iter().map(|group| group.map(|group| group.as_str())).collect())
    }

    fn as_str(&self) -> &str {
        self.regex.as_str()
    }
}

type Compile = fn(&str, bool, usize) -> Result<Arc<dyn Expression>, String>;

/// Set by whoever makes a text with a regular expression in it. A pointer, so that a program without any is spared the
/// crate, which is the largest of all that a test would load.
static COMPILE: OnceCell<Compile> = OnceCell::new();

/// A regular expression may use at most this much memory when compiled.
const LARGEST: usize = 10 * 1024 * 1024;

/// Makes the program carry regular expressions.
pub(super) fn carry() {
    let _ = COMPILE.set(by_regex);
}

fn by_regex(pattern: &str, ignore_case: bool, largest: usize) -> Result<Arc<dyn Expression>, String> {
    let built = RegexBuilder::new(pattern).case_insensitive(ignore_case).size_limit(largest).build();
    let compiled = built
        .map_err(|error| error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned());
    Ok(Arc::new(ByRegex { regex: compiled?, straight: Straight::of(pattern, ignore_case) }))
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
