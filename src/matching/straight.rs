//! Regular expressions that go straight through a text: from its start, each part takes all that it can, and nothing that
//! follows could have taken any of it, so that nothing is ever given back.
//!
//! Most conditions on an identifier, a token or a number are of that kind (`^[a-z]+-\d{4}$`). They need a tenth of what the
//! engines of the crate `regex` do, which take any expression. It is asked where one of them is not straight, or where a
//! text is not ASCII at a place where that counts.

use memchr::memchr;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

/// The parts of an expression, one after the other.
#[derive(Debug)]
pub(super) struct Straight {
    parts: Vec<Part>,
    /// The names of its groups, the first of which is the whole match.
    groups: Vec<Option<Box<str>>>,
}

#[derive(Debug)]
enum Part {
    /// These bytes.
    Text(Box<[u8]>),
    /// Characters of a set, as many as there are; `but` is the only one of ASCII that is not in it, where there is one.
    Run { set: Set, but: Option<u8>, least: u32, most: u32 },
    /// A group starts here.
    Open(usize),
    /// It ends here.
    Close(usize),
    /// The text ends here.
    End,
}

impl Part {
    fn run(set: Set, least: u32, most: u32) -> Part {
        let mut others = (0..128).filter(|byte| !set.has(*byte));
        let but = others.next().filter(|_| others.next().is_none());
        Part::Run { set, but, least, most }
    }

    /// How many characters of a set it asks for at most, or one more than at least.
    fn characters(&self) -> u32 {
        match self {
            Part::Run { least, most: u32::MAX, .. } => least.saturating_add(1),
            Part::Run { most, .. } => *most,
            _ => 0,
        }
    }
}

/// Characters of ASCII, a bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Set([u64; 2]);

impl Set {
    fn of(byte: u8) -> Set {
        let mut set = Set::default();
        if byte.is_ascii() {
            set.0[usize::from(byte / 64)] = 1 << (byte % 64);
        }
        set
    }

    fn of_class(class: &Class) -> Option<Set> {
        let Class::Unicode(class) = class else { return None };
        // In order: those of other characters, of which there may be hundreds, come last.
        let of_ascii = class.ranges().iter().take_while(|range| range.start().is_ascii());
        let characters = of_ascii.flat_map(|range| range.start()..=range.end().min('\x7f'));
        Some(characters.fold(Set::default(), |set, character| set.with(Set::of(character as u8))))
    }

    fn with(self, other: Set) -> Set {
        Set([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }

    fn shares_none_with(self, other: Set) -> bool {
        self.0[0] & other.0[0] == 0 && self.0[1] & other.0[1] == 0
    }

    fn has(self, byte: u8) -> bool {
        byte.is_ascii() && self.0[usize::from(byte / 64)] >> (byte % 64) & 1 == 1
    }

    /// How many of its characters a text begins with.
    fn run(self, but: Option<u8>, text: &[u8]) -> usize {
        let one_by_one = |text: &[u8]| text.iter().position(|byte| !self.has(*byte)).unwrap_or(text.len());
        // Both are looked for in many bytes at once.
        match but.map(|other| memchr(other, text).unwrap_or(text.len())) {
            Some(taken) if text[..taken].is_ascii() => taken,
            _ => one_by_one(text),
        }
    }
}

/// What has more parts is left to the crate, and so is what asks for more characters of sets, that might be too large for it.
const MOST_PARTS: usize = 64;
const MOST_CHARACTERS: u32 = 128;

impl Straight {
    /// The same expression, where it is straight.
    pub(super) fn of(pattern: &str, ignore_case: bool) -> Option<Straight> {
        let parsed = ParserBuilder::new().case_insensitive(ignore_case).build().parse(pattern).ok()?;
        let HirKind::Concat(whole) = parsed.kind() else { return None };
        let (_, rest) = whole.split_first().filter(|(first, _)| is_look(first, Look::Start))?;
        let (last, inner) = rest.split_last()?;
        let mut straight = Straight { parts: Vec::new(), groups: vec![None] };
        inner.iter().try_for_each(|hir| straight.add(hir))?;
        match is_look(last, Look::End) {
            true => straight.parts.push(Part::End),
            false => straight.add(last)?,
        }
        let parts = &straight.parts;
        let characters = parts.iter().fold(0, |sum: u32, part| sum.saturating_add(part.characters()));
        let is_short = parts.len() <= MOST_PARTS && characters <= MOST_CHARACTERS;
        let is_straight = is_short && (0..parts.len()).all(|place| keeps_all(&parts[place..]));
        is_straight.then_some(straight)
    }

    /// How many groups it has, with the whole match.
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// The names of its groups, the first of which is the whole match and has none.
    pub(super) fn group_names(&self) -> Vec<Option<&str>> {
        self.groups.iter().map(Option::as_deref).collect()
    }

    /// Adds what stands within an expression; `None` where that may go more than one way.
    fn add(&mut self, hir: &Hir) -> Option<()> {
        match hir.kind() {
            HirKind::Empty => {}
            HirKind::Literal(literal) => self.parts.push(Part::Text(literal.0.clone())),
            HirKind::Class(class) => self.parts.push(Part::run(Set::of_class(class)?, 1, 1)),
            HirKind::Repetition(repetition) => self.parts.push(run(repetition)?),
            HirKind::Capture(capture) => {
                // They are numbered as they open.
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

    /// Whether it holds, and where it does what its groups matched, as many of them as there is room for. `None` where the
    /// crate has to be asked.
    pub(super) fn follow<'t>(&self, text: &'t str, groups: &mut [Option<&'t str>]) -> Option<bool> {
        let bytes = text.as_bytes();
        let mut at = 0;
        for part in &self.parts {
            match part {
                Part::Text(wanted) => match bytes[at..].starts_with(wanted) {
                    true => at += wanted.len(),
                    false => return Some(false),
                },
                Part::Run { set, but, least, most } => {
                    let rest = &bytes[at..];
                    let room = &rest[..rest.len().min(*most as usize)];
                    let taken = set.run(*but, room);
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

fn is_look(hir: &Hir, wanted: Look) -> bool {
    matches!(hir.kind(), HirKind::Look(look) if *look == wanted)
}

fn run(repetition: &Repetition) -> Option<Part> {
    let (least, most) = (repetition.min, repetition.max.unwrap_or(u32::MAX));
    let set = match repetition.sub.kind() {
        HirKind::Class(class) => Set::of_class(class)?,
        HirKind::Literal(literal) => match *literal.0 {
            [byte] => Set::of(byte),
            _ => return None,
        },
        _ => return None,
    };
    (repetition.greedy || least == most).then(|| Part::run(set, least, most))
}

/// Whether the first of these parts would never have to give back what it took, for what comes after it.
fn keeps_all(parts: &[Part]) -> bool {
    match parts {
        [Part::Run { set, least, most, .. }, after @ ..] if least != most => set.shares_none_with(may_start(after)),
        _ => true,
    }
}

/// What the first character may be that these parts take.
fn may_start(parts: &[Part]) -> Set {
    let mut all = Set::default();
    for part in parts {
        match part {
            Part::Text(text) => return all.with(Set::of(text[0])),
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

    fn crate_says<'t>(regex: &Regex, text: &'t str) -> Option<Vec<Option<&'t str>>> {
        let captures = regex.captures(text)?;
        Some(captures.iter().map(|group| group.map(|group| group.as_str())).collect())
    }

    #[test]
    fn what_identifiers_tokens_and_numbers_look_like_is_straight() {
        for pattern in [
            r"^(?<space>\w+)\.(?<id>.+)$",
            r"^XBL3\.0 x=\d+;\S+",
            r"^music\.[0-9a-f]{8}-0100-11db$",
            r"\A\+?[1-9]\d{6,14}\z",
            r"^Bearer [^ ]+$",
            r"^/orders/(?:\d+)$",
        ] {
            assert!(Straight::of(pattern, false).is_some(), "{pattern}");
            assert!(Straight::of(pattern, true).is_some(), "{pattern}");
        }
    }

    #[test]
    fn what_may_have_to_give_something_back_is_not() {
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
            assert!(Straight::of(pattern, false).is_none(), "{pattern}");
        }
    }

    #[test]
    fn what_is_straight_is_not_too_large_for_the_crate() {
        let long = format!(r"^\w{{{MOST_CHARACTERS}}}$");

        assert!(Straight::of(&long, true).is_some() && Regex::new(&long).is_ok());
        assert!(Straight::of(&long.replace("w{", "w{1"), false).is_none());
        let parts = format!("^{}", "[ab]".repeat(MOST_PARTS));
        assert!(Straight::of(&parts, false).is_some() && Straight::of(&format!("{parts}c"), false).is_none());
    }

    #[test]
    fn what_is_not_ascii_where_a_character_is_sought_is_left_to_the_crate() {
        let straight = Straight::of(r"^é\d+x?", false).expect("straight");

        assert_eq!(straight.follow("é7", &mut []), Some(true));
        assert_eq!(straight.follow("é7é", &mut []), None);
        assert_eq!(straight.follow("ée", &mut []), Some(false));
    }

    proptest! {
        #[test]
        fn it_says_what_the_crate_says(
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
            let straight = Straight::of(&pattern, ignore_case);
            if let (Ok(regex), Some(straight)) = (regex, straight) {
                for text in &texts {
                    let mut groups = vec![None; regex.captures_len()];
                    let Some(holds) = straight.follow(text, &mut groups) else { continue };
                    assert_eq!(holds.then_some(groups), crate_says(&regex, text), "{pattern} in {text:?}");
                    assert_eq!(straight.follow(text, &mut []), Some(holds));
                }
                assert!(straight.group_names().into_iter().eq(regex.capture_names()));
            }
        }
    }
}
