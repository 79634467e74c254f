//! Regular expressions that match in one pass, without backtracking.
//!
//! Such an expression is anchored at the start of the text. Each part takes all the characters that it can, and no later part
//! could match any of them, so the search never backtracks. Most conditions on an identifier, a token or a number are of this
//! kind (`^[a-z]+-\d{4}$`). They need a tenth of the instructions of the crate `regex`. The crate matches all other
//! expressions, and these too if a text has a character that is not ASCII in a place that matters.

use memchr::memchr;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

/// A compiled expression: its parts, one after the other.
#[derive(Debug)]
pub(super) struct OnePassRegex {
    parts: Vec<Part>,
    /// The names of the groups; the first group is the whole match.
    groups: Vec<Option<Box<str>>>,
}

#[derive(Debug)]
enum Part {
    /// These bytes.
    Text(Box<[u8]>),
    /// As many characters of a set as there are. If the set has all of ASCII but one character, `except` is that character.
    Run { set: AsciiSet, except: Option<u8>, least: u32, most: u32 },
    /// A group starts here.
    Open(usize),
    /// It ends here.
    Close(usize),
    /// The text ends here.
    End,
}

impl Part {
    fn run(set: AsciiSet, least: u32, most: u32) -> Part {
        let mut others = (0..128).filter(|byte| !set.has(*byte));
        let except = others.next().filter(|_| others.next().is_none());
        Part::Run { set, except, least, most }
    }

    /// Returns the most characters that the part can take; without a limit, one more than the least.
    fn characters(&self) -> u32 {
        match self {
            Part::Run { least, most: u32::MAX, .. } => least.saturating_add(1),
            Part::Run { most, .. } => *most,
            _ => 0,
        }
    }
}

/// A set of ASCII characters, one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct AsciiSet([u64; 2]);

impl AsciiSet {
    fn from_byte(byte: u8) -> AsciiSet {
        let mut set = AsciiSet::default();
        if byte.is_ascii() {
            set.0[usize::from(byte / 64)] = 1 << (byte % 64);
        }
        set
    }

    fn from_class(class: &Class) -> Option<AsciiSet> {
        let Class::Unicode(class) = class else { return None };
        // The ranges are in order: those beyond ASCII, of which there may be hundreds, come last.
        let of_ascii = class.ranges().iter().take_while(|range| range.start().is_ascii());
        let characters = of_ascii.flat_map(|range| range.start()..=range.end().min('\x7f'));
        Some(characters.fold(AsciiSet::default(), |set, character| set.with(AsciiSet::from_byte(character as u8))))
    }

    fn with(self, other: AsciiSet) -> AsciiSet {
        AsciiSet([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }

    fn shares_none_with(self, other: AsciiSet) -> bool {
        self.0[0] & other.0[0] == 0 && self.0[1] & other.0[1] == 0
    }

    fn has(self, byte: u8) -> bool {
        byte.is_ascii() && self.0[usize::from(byte / 64)] >> (byte % 64) & 1 == 1
    }

    /// Returns how many characters of the set a text begins with.
    fn run(self, except: Option<u8>, text: &[u8]) -> usize {
        let one_by_one = |text: &[u8]| text.iter().position(|byte| !self.has(*byte)).unwrap_or(text.len());
        // Both searches look at many bytes at once.
        match except.map(|other| memchr(other, text).unwrap_or(text.len())) {
            Some(taken) if text[..taken].is_ascii() => taken,
            _ => one_by_one(text),
        }
    }
}

/// Expressions with more parts or more characters of sets use the crate `regex`, which may refuse them as too large.
const MOST_PARTS: usize = 64;
const MOST_CHARACTERS: u32 = 128;

impl OnePassRegex {
    /// Compiles an expression; `None` if it may need more than one pass, or is not valid.
    pub(super) fn compile(pattern: &str, ignore_case: bool) -> Option<OnePassRegex> {
        let parsed = ParserBuilder::new().case_insensitive(ignore_case).build().parse(pattern).ok()?;
        let HirKind::Concat(whole) = parsed.kind() else { return None };
        let (_, rest) = whole.split_first().filter(|(first, _)| is_look(first, Look::Start))?;
        let (last, inner) = rest.split_last()?;
        let mut compiled = OnePassRegex { parts: Vec::new(), groups: vec![None] };
        inner.iter().try_for_each(|hir| compiled.add(hir))?;
        match is_look(last, Look::End) {
            true => compiled.parts.push(Part::End),
            false => compiled.add(last)?,
        }
        let parts = &compiled.parts;
        let characters = parts.iter().fold(0, |sum: u32, part| sum.saturating_add(part.characters()));
        let is_short = parts.len() <= MOST_PARTS && characters <= MOST_CHARACTERS;
        let is_one_pass = is_short && (0..parts.len()).all(|place| never_gives_back(&parts[place..]));
        is_one_pass.then_some(compiled)
    }

    /// Returns the number of groups, the whole match included.
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Returns the names of the groups. The first group is the whole match and has no name.
    pub(super) fn group_names(&self) -> Vec<Option<&str>> {
        self.groups.iter().map(Option::as_deref).collect()
    }

    /// Adds the parts of an expression; `None` if it may match in more than one way.
    fn add(&mut self, hir: &Hir) -> Option<()> {
        match hir.kind() {
            HirKind::Empty => {}
            HirKind::Literal(literal) => self.parts.push(Part::Text(literal.0.clone())),
            HirKind::Class(class) => self.parts.push(Part::run(AsciiSet::from_class(class)?, 1, 1)),
            HirKind::Repetition(repetition) => self.parts.push(run(repetition)?),
            HirKind::Capture(capture) => {
                // Groups are numbered in the order in which they open.
                debug_assert_eq!(capture.index as usize, self.groups.len());
                let group = self.groups.len();
                self.groups.push(capture.name.clone());
                self.parts.push(Part::Open(group));
                self.add(&capture.sub)?;
                self.parts.push(Part::Close(group));
            }
            HirKind::Concat(inner) => inner.iter().try_for_each(|hir| self.add(hir))?,
            HirKind::Look(_) | HirKind::Alternation(_) => return None,
        }
        Some(())
    }

    /// Returns whether a text matches, and sets as many `groups` as there is room for. Returns `None` if the crate `regex` must
    /// decide.
    pub(super) fn follow<'t>(&self, text: &'t str, groups: &mut [Option<&'t str>]) -> Option<bool> {
        let bytes = text.as_bytes();
        let mut at = 0;
        for part in &self.parts {
            match part {
                Part::Text(text) => match bytes[at..].starts_with(text) {
                    true => at += text.len(),
                    false => return Some(false),
                },
                Part::Run { set, except, least, most } => {
                    let rest = &bytes[at..];
                    let room = &rest[..rest.len().min(*most as usize)];
                    let taken = set.run(*except, room);
                    if room.get(taken).is_some_and(|byte| !byte.is_ascii()) {
                        return None;
                    }
                    if taken < *least as usize {
                        return Some(false);
                    }
                    at += taken;
                }
                Part::Open(group) => {
                    if let Some(open) = groups.get_mut(*group) {
                        *open = Some(&text[at..]);
                    }
                }
                Part::Close(group) => {
                    if let Some(open) = groups.get_mut(*group) {
                        *open = open.map(|from| &from[..from.len() - (text.len() - at)]);
                    }
                }
                Part::End if at < bytes.len() => return Some(false),
                Part::End => {}
            }
        }
        if let Some(whole) = groups.first_mut() {
            *whole = Some(&text[..at]);
        }
        Some(true)
    }
}

fn is_look(hir: &Hir, expected: Look) -> bool {
    matches!(hir.kind(), HirKind::Look(look) if *look == expected)
}

fn run(repetition: &Repetition) -> Option<Part> {
    let (least, most) = (repetition.min, repetition.max.unwrap_or(u32::MAX));
    let set = match repetition.sub.kind() {
        HirKind::Class(class) => AsciiSet::from_class(class)?,
        HirKind::Literal(literal) => match *literal.0 {
            [byte] => AsciiSet::from_byte(byte),
            _ => return None,
        },
        _ => return None,
    };
    (repetition.greedy || least == most).then(|| Part::run(set, least, most))
}

/// Returns whether the first of these parts takes no character that a later part may need.
fn never_gives_back(parts: &[Part]) -> bool {
    match parts {
        [Part::Run { set, least, most, .. }, after @ ..] if least != most => set.shares_none_with(may_start(after)),
        _ => true,
    }
}

/// Returns the characters that a match of these parts may start with.
fn may_start(parts: &[Part]) -> AsciiSet {
    let mut all = AsciiSet::default();
    for part in parts {
        match part {
            Part::Text(text) => return all.with(AsciiSet::from_byte(text[0])),
            Part::Run { set, least, .. } => {
                all = all.with(*set);
                if *least > 0 {
                    break;
                }
            }
            Part::Open(_) | Part::Close(_) => {}
            Part::End => break,
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use proptest::sample::select;
    use regex::{Regex, RegexBuilder};

    use super::*;

    fn groups_by_crate<'t>(regex: &Regex, text: &'t str) -> Option<Vec<Option<&'t str>>> {
        let captures = regex.captures(text)?;
        Some(captures.iter().map(|group| group.map(|group| group.as_str())).collect())
    }

    #[test]
    fn expressions_for_identifiers_tokens_and_numbers_are_one_pass() {
        for pattern in [
            r"^(?<space>\w+)\.(?<id>.+)$",
            r"^XBL3\.0 x=\d+;\S+",
            r"^music\.[0-9a-f]{8}-0100-11db$",
            r"\A\+?[1-9]\d{6,14}\z",
            r"^Bearer [^ ]+$",
            r"^/orders/(?:\d+)$",
        ] {
            assert!(OnePassRegex::compile(pattern, false).is_some(), "{pattern}");
            assert!(OnePassRegex::compile(pattern, true).is_some(), "{pattern}");
        }
    }

    #[test]
    fn expressions_that_may_backtrack_are_not_one_pass() {
        for pattern in [
            r"a",
            r"^a|b$",
            r"^\w+a",
            r"^\d*\d$",
            r"^a{0,2}a?b",
            r"^(ab)+$",
            r"^a+?b",
            r"(?m)^a$",
            r"^\ba",
            r"^a*(b?)a",
        ] {
            assert!(OnePassRegex::compile(pattern, false).is_none(), "{pattern}");
        }
    }

    #[test]
    fn a_one_pass_expression_is_not_too_large_for_the_crate() {
        let long = format!(r"^\w{{{MOST_CHARACTERS}}}$");

        assert!(OnePassRegex::compile(&long, true).is_some() && Regex::new(&long).is_ok());
        assert!(OnePassRegex::compile(&long.replace("w{", "w{1"), false).is_none());
        let parts = format!("^{}", "[ab]".repeat(MOST_PARTS));
        assert!(
            OnePassRegex::compile(&parts, false).is_some()
                && OnePassRegex::compile(&format!("{parts}c"), false).is_none()
        );
    }

    #[test]
    fn text_that_is_not_ascii_is_left_to_the_crate_if_it_matters() {
        let one_pass = OnePassRegex::compile(r"^é\d+x?", false).expect("one pass");

        assert_eq!(one_pass.follow("é7", &mut []), Some(true));
        assert_eq!(one_pass.follow("é7é", &mut []), None);
        assert_eq!(one_pass.follow("ée", &mut []), Some(false));
    }

    proptest! {
        #[test]
        fn it_matches_as_the_crate_does(
            pieces in proptest::collection::vec(
                select(vec![
                    "a", "b", "k", "-", r"\.", "é", r"\d", r"\w", "[ab]", "[^a]", ".", "(", ")", "(?<n>", "(?:", "a+", "b*",
                    r"\d+", r"\w+", r"\w*", "[ab]{2}", "[-.]?", "k{1,2}", ".+", ".*", r"\S+", "(?i:k)", "$", "[[:alpha:]]",
                ]),
                1..8,
            ),
            end in select(vec!["", "$", r"\z"]),
            texts in proptest::collection::vec("[abkK0-2.\\-\né\u{212a}]{0,8}", 1..12),
            ignore_case in any::<bool>(),
        ) {
            let pattern = format!("^{}{end}", pieces.concat());
            let regex = RegexBuilder::new(&pattern).case_insensitive(ignore_case).build();
            let one_pass = OnePassRegex::compile(&pattern, ignore_case);
            if let (Ok(regex), Some(one_pass)) = (regex, one_pass) {
                for text in &texts {
                    let mut groups = vec![None; regex.captures_len()];
                    let Some(holds) = one_pass.follow(text, &mut groups) else { continue };
                    assert_eq!(holds.then_some(groups), groups_by_crate(&regex, text), "{pattern} in {text:?}");
                    assert_eq!(one_pass.follow(text, &mut []), Some(holds));
                }
                assert!(one_pass.group_names().into_iter().eq(regex.capture_names()));
            }
        }
    }
}
