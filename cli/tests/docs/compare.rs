//! Compares the output of a command with what a page shows.
//!
//! Times, durations and ports differ from run to run, so they are replaced first. `...` in a page stands for any text on its
//! line, and on a line of its own for any number of lines.

use std::sync::LazyLock;

use regex::{Captures, Regex};

const UNSTEADY: &str = concat!(
    r"(?<date>\bDate: .* GMT)",
    r"|(?<time>\b\d\d:\d\d:\d\d\b)",
    r"|(?<took>\b\d+\.\d ms\b)",
    r"|(?<seconds>\b\d+\.\d{3}s\b)",
);

/// Times and durations.
static VARIABLE_PARTS: LazyLock<Regex> = LazyLock::new(|| Regex::new(UNSTEADY).expect("a regex"));

/// Returns the output with port 8080, and with times and durations replaced.
pub fn normalize(text: &str, port: Option<u16>) -> String {
    let text = match port {
        Some(port) => Regex::new(&format!(r"\b{port}\b")).expect("a regex").replace_all(text, "8080").into_owned(),
        None => text.to_owned(),
    };
    let shown = |found: &Captures<'_>| match found {
        _ if found.name("date").is_some() => "Date: Sat, 01 Jun 2024 10:30:00 GMT",
        _ if found.name("time").is_some() => "10:30:00",
        _ if found.name("seconds").is_some() => "0.010s",
        _ => "0.1 ms",
    };
    let lines: Vec<String> =
        text.trim_end().lines().map(|line| VARIABLE_PARTS.replace_all(line, shown).trim_end().to_owned()).collect();
    lines.join("\n")
}

/// Returns whether a text is what a fence in this language shows.
pub fn is_shown(language: &str, shown: &str, printed: &str) -> bool {
    let (shown, printed) = (normalize(shown, None), normalize(printed, None));
    match language {
        "json" => wildcard(&without_space(&shown)).is_match(&without_space(&printed)),
        _ => wildcard(&shown).is_match(&printed),
    }
}

/// Returns whether a text contains lines one after another.
pub fn is_within(shown: &str, printed: &str) -> bool {
    let pattern = pattern(&normalize(shown, None));
    let whole = format!("(?s)(^|\n) *{}(\n|$)", pattern.trim_start_matches(' '));
    Regex::new(&whole).expect("a regex").is_match(&normalize(printed, None))
}

fn wildcard(shown: &str) -> Regex {
    Regex::new(&format!("^{}$", pattern(shown))).expect("a regex")
}

fn pattern(shown: &str) -> String {
    let lines = shown.lines().map(|line| match line.trim() {
        "..." => "(?s:.*)".to_owned(),
        _ => line.split("...").map(regex::escape).collect::<Vec<_>>().join(".*"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns JSON without the white space between its tokens.
fn without_space(json: &str) -> String {
    let (mut out, mut in_text, mut escaped) = (String::new(), false, false);
    for character in json.chars() {
        if in_text || !character.is_whitespace() {
            out.push(character);
        }
        match character {
            '"' if !escaped => in_text = !in_text,
            _ => {}
        }
        escaped = in_text && character == '\\' && !escaped;
    }
    out
}
