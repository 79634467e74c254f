//! Measures how far the path of a request is from the template of a stub.
//!
//! It is the cost of the edits that turn the path into one that the template matches: segments are replaced, added
//! and removed. The usual mistakes are cheap, such as a base path too much, a trailing slash or another version.

use crate::budget::spend;
use crate::matching::{PathTemplate, TemplateSegment, fold};
use crate::message::Request;

/// The distance of a path from a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PathDistance {
    /// The cost of the edits; 0 is a match, and 1000 is about one other word.
    pub(super) cost: u32,
    /// Whether the path has a word of the template, or one that is nearly the same.
    pub(super) shares_a_word: bool,
}

/// The path ends with a slash, and the template does not.
const TRAILING_SLASH: u32 = 150;
/// The path has an empty segment that the template does not have.
const EMPTY_SEGMENT: u32 = 200;
/// A segment too much or too little at the start, such as a base path.
const BASE_SEGMENT: u32 = 350;
/// A segment too much or too little elsewhere.
const OTHER_SEGMENT: u32 = 800;
/// A placeholder gets an empty segment, as if the value in its place were an empty text.
const EMPTY_PLACEHOLDER: u32 = 150;
/// A placeholder at the end gets nothing. A slash too much is more likely.
const EMPTY_LAST_PLACEHOLDER: u32 = 500;
/// Two words differ only in case.
const OTHER_CASE: u32 = 100;
/// One word is the plural of the other.
const OTHER_NUMBER: u32 = 250;
/// Both segments are versions.
const OTHER_VERSION: u32 = 300;
/// The words have nothing in common.
const OTHER_WORD: u32 = 1200;

/// Words of at least this similarity may be the same one, mistyped.
const MISTYPED: f64 = 0.6;

/// The first segments of a path that are compared. Comparing takes time quadratic in their number.
const MOST_SEGMENTS: usize = 24;

/// Longer segments are not compared letter by letter, because that takes time quadratic in their length.
const LONGEST_COMPARED: usize = 128;

/// Pairs of letters that are compared in one step of the budget.
const PAIRS_PER_STEP: usize = 64;

/// How much dearer edits may be that keep one more word.
const KEPT_WORD: i64 = 600;

/// The best edits of two beginnings.
#[derive(Debug, Clone, Copy, Default)]
struct Edits {
    cost: u32,
    /// How many words of the template are kept that say something, such as `orders`.
    words: u32,
    /// How many words are kept that most paths have, such as `api` and `v1`.
    common_words: u32,
}

impl Edits {
    /// Returns the better of two. A word that is kept tells more than a cheap edit: `/orders` is `/orders/{id}` without its end,
    /// although it is cheaper to take `orders` for the value of `{id}`.
    fn or(self, other: Edits) -> Edits {
        let key = |edits: &Edits| i64::from(edits.cost) - KEPT_WORD * i64::from(edits.words);
        if key(&other) < key(&self) { other } else { self }
    }

    fn plus(self, cost: u32) -> Edits {
        Edits { cost: self.cost + cost, ..self }
    }

    fn with_pair(self, segment: &TemplateSegment, sent: &str, is_last: bool, ignores_case: bool) -> Edits {
        let TemplateSegment::Fixed(text) = segment else {
            return match (sent, is_last) {
                ("", true) => self.plus(EMPTY_LAST_PLACEHOLDER),
                ("", false) => self.plus(EMPTY_PLACEHOLDER),
                _ => self,
            };
        };
        match word_cost(text, sent, ignores_case) {
            WordCost::Same(cost) if text.is_empty() => self.plus(cost),
            WordCost::Same(cost) if is_common(text) => Edits { common_words: self.common_words + 1, ..self.plus(cost) },
            WordCost::Same(cost) => Edits { words: self.words + 1, ..self.plus(cost) },
            WordCost::Other(cost) => self.plus(cost),
        }
    }
}

/// What it costs to replace a word.
enum WordCost {
    /// They are the same word, perhaps mistyped.
    Same(u32),
    Other(u32),
}

/// Returns the distance of the path of a request from a template.
pub(super) fn path_distance(template: &PathTemplate, request: &Request) -> PathDistance {
    let segments = template.segments();
    let path = request.path();
    let sent: Vec<&str> = request.segments().iter().map(|segment| segment.text(path).unwrap_or_default()).collect();
    let unseen = segments.len().saturating_sub(MOST_SEGMENTS).abs_diff(sent.len().saturating_sub(MOST_SEGMENTS));
    let (rest, segments) = match segments.split_last() {
        Some((TemplateSegment::Rest(_), before)) => (true, before),
        _ => (false, segments),
    };
    let segments = &segments[..segments.len().min(MOST_SEGMENTS)];
    let sent = &sent[..sent.len().min(MOST_SEGMENTS)];
    let edits = best_edits(segments, rest, sent, template.ignores_case());
    let beyond = if rest { 0 } else { u32::try_from(unseen).unwrap_or(u32::MAX) };
    let cost = edits.cost.saturating_add(beyond.saturating_mul(OTHER_SEGMENT));
    let shares_a_word = edits.words > 0 || cost == 0 || (!has_a_word(template) && edits.common_words > 0);
    PathDistance { cost, shares_a_word }
}

/// Returns whether a template has a word that says something.
pub(super) fn has_a_word(template: &PathTemplate) -> bool {
    template.segments().iter().any(|segment| match segment {
        TemplateSegment::Fixed(text) => !text.is_empty() && !is_common(text),
        TemplateSegment::Param(_) | TemplateSegment::Rest(_) => false,
    })
}

/// Returns the best edits that turn the segments that were sent into those of a template. `rest` says that the template
/// ends with a placeholder for the rest of the path.
fn best_edits(segments: &[TemplateSegment], rest: bool, sent: &[&str], ignores_case: bool) -> Edits {
    let too_much = |place: usize, at_start: bool| match sent[place] {
        "" if place + 1 == sent.len() => TRAILING_SLASH,
        "" => EMPTY_SEGMENT,
        _ if at_start => BASE_SEGMENT,
        _ => OTHER_SEGMENT,
    };
    // `row[n]` has the edits of the first `n` segments that were sent into the segments of the template so far.
    let mut row = vec![Edits::default()];
    for place in 0..sent.len() {
        row.push(row[place].plus(too_much(place, true)));
    }
    for segment in segments {
        let mut next = vec![row[0].plus(BASE_SEGMENT)];
        for (place, text) in sent.iter().enumerate() {
            let replaced = row[place].with_pair(segment, text, place + 1 == sent.len(), ignores_case);
            let too_little = row[place + 1].plus(OTHER_SEGMENT);
            let more = next[place].plus(too_much(place, false));
            next.push(replaced.or(too_little).or(more));
        }
        row = next;
    }
    if !rest {
        return row[sent.len()];
    }
    let whole = row[sent.len()].plus(EMPTY_LAST_PLACEHOLDER);
    row[..sent.len()].iter().copied().fold(whole, Edits::or)
}

fn word_cost(text: &str, sent: &str, ignores_case: bool) -> WordCost {
    if text == sent {
        return WordCost::Same(0);
    }
    let (text, lower) = (fold::lower(text), fold::lower(sent));
    if text == lower {
        return WordCost::Same(if ignores_case { 0 } else { OTHER_CASE });
    }
    if text.is_empty() || lower.is_empty() || text.len().max(lower.len()) > LONGEST_COMPARED {
        return WordCost::Other(OTHER_WORD);
    }
    if is_version(&text) && is_version(&lower) {
        return WordCost::Same(OTHER_VERSION);
    }
    if is_plural(&text, &lower) || is_plural(&lower, &text) {
        return WordCost::Same(OTHER_NUMBER);
    }
    let longest = text.len().max(lower.len()) as f64;
    // A letter too much is one edit, so words of very different lengths are never similar. This saves most comparisons.
    if text.len().abs_diff(lower.len()) as f64 > (1.0 - MISTYPED) * longest
        || !spend(1 + (text.len() * lower.len() / PAIRS_PER_STEP))
    {
        return WordCost::Other(OTHER_WORD);
    }
    let similarity = 1.0 - strsim::osa_distance(&text, &lower) as f64 / longest;
    let cost = OTHER_NUMBER + ((1.0 - similarity) * f64::from(OTHER_WORD)) as u32;
    match similarity >= MISTYPED {
        true => WordCost::Same(cost),
        false => WordCost::Other(cost.min(OTHER_WORD)),
    }
}

/// Returns whether most paths of an API have a word, so that it does not tell one stub from another.
fn is_common(word: &str) -> bool {
    word.eq_ignore_ascii_case("api") || word.eq_ignore_ascii_case("rest") || is_version(word)
}

/// Returns whether a word is a version, such as `v1` or `2.0`.
fn is_version(word: &str) -> bool {
    let number = word.strip_prefix(['v', 'V']).unwrap_or(word);
    let is_number = number.starts_with(|first: char| first.is_ascii_digit());
    is_number && number.len() <= 6 && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn is_plural(many: &str, one: &str) -> bool {
    let ends = [("s", ""), ("es", ""), ("ies", "y")];
    ends.iter().any(|(many_end, one_end)| {
        many.strip_suffix(many_end).is_some_and(|stem| Some(stem) == one.strip_suffix(one_end))
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::{any, proptest};

    use super::*;
    use crate::message::Head;
    use crate::model::Timestamp;

    fn measure(template: &str, path: &str) -> PathDistance {
        let template = PathTemplate::parse(template, false).expect("a template");
        let request = Request::new(Head::compose("GET", path, []), Bytes::new(), None, Timestamp::UNIX_EPOCH);
        path_distance(&template, &request)
    }

    #[test]
    fn usual_mistakes_cost_less_than_another_word() {
        for (template, path) in [
            ("/v1/payments", "/api/v1/payments"),
            ("/v1/payments", "/payments"),
            ("/v1/payments", "/v2/payments"),
            ("/v1/payments", "/v1/payments/"),
            ("/v1/payments", "/v1//payments"),
            ("/v1/payments", "/v1/payment"),
            ("/v1/payments", "/v1/paymnets"),
            ("/v1/payments", "/v1/Payments"),
            ("/v1/payments/{id}", "/mock/v1/payments/7"),
            ("/v1/payments/{id}/items", "/v1/payments//items"),
            ("/files/{*path}", "/api/files/a/b/c"),
            ("/files/{*path}", "/files"),
        ] {
            let PathDistance { cost, shares_a_word } = measure(template, path);
            assert!(cost > 0 && cost < OTHER_WORD / 2, "{path} costs {cost}");
            assert!(shares_a_word, "{path}");
        }
        assert!(measure("/orders/{id}", "/orders").shares_a_word);
        assert!(measure("/v1/payments", "/v1/orders").cost > OTHER_WORD / 2);
    }

    #[test]
    fn a_version_alone_is_not_shared() {
        for (template, path) in [
            ("/v1/payments", "/v1/orders"),
            ("/api/v1/payments/{id}", "/api/v1/orders/7"),
            ("/orders/{id}", "/7"),
            ("/files/{*path}", "/telemetry/beacon"),
            ("/", "/favicon.ico"),
        ] {
            assert!(!measure(template, path).shares_a_word, "{template} and {path}");
        }
        assert!(measure("/api/{thing}", "/api/a/b").shares_a_word, "it has no other word");
    }

    proptest! {
        #[test]
        fn only_a_match_costs_nothing(
            template in "(/(a|orders|v1|[{]x[}])){1,4}(/[{][*]rest[}])?",
            path in "(/(a|b|orders|v1|v2|))(/(a|b|orders|v1|v2|)){0,4}",
        ) {
            if let Ok(template) = PathTemplate::parse(&template, false) {
                let request = Request::new(Head::compose("GET", &path, []), Bytes::new(), None, Timestamp::UNIX_EPOCH);
                let is_match = template.matches(&request).is_some();
                assert_eq!(path_distance(&template, &request).cost == 0, is_match, "{path}");
            }
        }

        #[test]
        fn any_path_is_measured(path in any::<String>()) {
            let path = format!("/{}", path.replace(|c: char| c.is_control() || c.is_whitespace(), ""));
            measure("/api/v1/orders/{id}/items", &path);
        }
    }
}
